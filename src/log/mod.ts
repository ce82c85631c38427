/** The log: the Log contract and its embedded implementation. Stored bytes are Kafka RecordBatch v2. */
export type * from './admin.ts';
export type * from './broker.ts';
export {
  BATCH_HEADER_BYTES,
  type BatchProducer,
  batchSizeAt,
  type CompressionName,
  compress,
  decodeRecords,
  decompress,
  type EncodedBatch,
  finishPacked,
  headersAt,
  lastOffsetAt,
  markerAt,
  PACKER_CHUNK_BYTES,
  PLAIN_PRODUCER,
  packedBatches,
  plainRead,
  RecordCursor,
  RecordPacker,
  RecordPlaces,
  readBatchHeader,
  stampProducer,
  storedBatches,
  wholeBatchBytes,
  withCompression,
} from './codec/mod.ts';
export { openEmbeddedLog } from './embedded-log.ts';
export { encodeBatches, recordCountOf } from './encode-batches.ts';
export type * from './group/mod.ts';
export type * from './log.ts';
export { partitionOfKey } from './partitioner.ts';
export { type KafkaErrorName, kafkaErrorOf, type RecordRefusal, Refusal } from './refusal.ts';
export { remoteLog } from './remote/remote-log.ts';
export { serveLog } from './remote/serve-log.ts';
export type { LogSettings } from './settings.ts';
export { nodeStorage } from './storage/node-storage.ts';
export type { Storage, StorageFile, StorageLock } from './storage/storage.ts';
export { checkNewTopic } from './topic-config.ts';
export { isOwnName } from './topic-rules.ts';
export {
  TRANSACTION_STATES,
  type TransactionState,
  type TransactionVersion,
} from './transaction/metadata.ts';
export type { TransactionSettings } from './transaction/settings.ts';
export type * from './transaction/transactions.ts';
