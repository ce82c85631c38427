/** Kafka's RecordBatch v2, byte for byte: encoding, decoding and a cursor that does not allocate. */
export * from './batch-header.ts';
export { plainBatch, plainRead, recordsOf, withCompression } from './batch-records.ts';
export { type CheckedRecords, checkRecords } from './check-records.ts';
export { type ClientBatchHead, checkClientBatch } from './client-batch.ts';
export * from './compression.ts';
export * from './decode-records.ts';
export * from './encode-batch.ts';
export { BATCH_HEADER_BYTES, NO_PRODUCER } from './layout.ts';
export { type AbortedTransaction, RecordCursor } from './record-cursor.ts';
export { PACKER_CHUNK_BYTES, packedBatches, RecordPacker, wholeBatchBytes } from './record-packer.ts';
export { RecordPlaces } from './record-places.ts';
export { restampBatch } from './restamp.ts';
export { rewriteHeader } from './rewrite-header.ts';
export { stampProducer } from './stamp-producer.ts';
export { type StoredBatch, storedBatches } from './stored-batches.ts';
