/** The log: the Log contract and its embedded implementation. Stored bytes are Kafka RecordBatch v2. */
export {
  type AbortedTransaction,
  type DecodeOptions,
  decodeRecords,
  forEachRecord,
  RecordCursor,
  recordOf,
} from './codec/mod.ts';
export { type EmbeddedLogOptions, openEmbeddedLog } from './embedded-log.ts';
export type * from './log.ts';
export { DEFAULT_LOG_SETTINGS, type LogSettings } from './settings.ts';
export { nodeStorage } from './storage/node-storage.ts';
export type { Storage, StorageFile, StorageLock } from './storage/storage.ts';
