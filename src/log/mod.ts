/** The log: the Log contract and its embedded implementation. Stored bytes are Kafka RecordBatch v2. */
export type * from './admin.ts';
export type * from './broker.ts';
export {
  decodeRecords,
  finishPacked,
  headersAt,
  PACKER_CHUNK_BYTES,
  packedBatches,
  RecordCursor,
  RecordPacker,
  RecordPlaces,
  storedBatches,
  wholeBatchBytes,
} from './codec/mod.ts';
export { openEmbeddedLog } from './embedded-log.ts';
export type * from './log.ts';
export { partitionOfKey } from './partitioner.ts';
export { type KafkaErrorName, kafkaErrorOf, type RecordRefusal, Refusal } from './refusal.ts';
export { remoteLog } from './remote/remote-log.ts';
export { serveLog } from './remote/serve-log.ts';
export type { LogSettings } from './settings.ts';
export { nodeStorage } from './storage/node-storage.ts';
export type { Storage, StorageFile, StorageLock } from './storage/storage.ts';
export type { TransactionState, TransactionVersion } from './transaction/metadata.ts';
export type { TransactionSettings } from './transaction/settings.ts';
export type * from './transaction/transactions.ts';
