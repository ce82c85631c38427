/**
 * Where things lie in a RecordBatch of message format v2 (Kafka, "Record Batch"):
 *
 *   baseOffset int64 · batchLength int32 · partitionLeaderEpoch int32 · magic int8 (2) · crc uint32 ·
 *   attributes int16 · lastOffsetDelta int32 · baseTimestamp int64 · maxTimestamp int64 · producerId int64 ·
 *   producerEpoch int16 · baseSequence int32 · recordCount int32 · records
 *
 * `batchLength` counts what follows it. `crc` is CRC-32C over everything from `attributes` on, so that a
 * log may set
 * baseOffset and leader epoch without computing it anew.
 */
export const BATCH_LENGTH_AT = 8;
export const LEADER_EPOCH_AT = 12;
export const MAGIC_AT = 16;
export const CRC_AT = 17;
export const ATTRIBUTES_AT = 21;
export const LAST_OFFSET_DELTA_AT = 23;
export const BASE_TIMESTAMP_AT = 27;
export const MAX_TIMESTAMP_AT = 35;
export const PRODUCER_ID_AT = 43;
export const PRODUCER_EPOCH_AT = 51;
export const BASE_SEQUENCE_AT = 53;
export const RECORD_COUNT_AT = 57;
export const BATCH_HEADER_BYTES = 61;
/** What `batchLength` leaves out: baseOffset and itself. */
export const LENGTH_PREFIX_BYTES = 12;

export const MAGIC_V2 = 2;
export const COMPRESSION_MASK = 0x07;
/** All records have the time of the append, which stands as the largest. */
export const APPEND_TIME_BIT = 0x08;
export const TRANSACTIONAL_BIT = 0x10;
export const CONTROL_BIT = 0x20;
/** The base of the times is when marks of deleted keys in the batch may go (KIP-534). */
export const DELETE_HORIZON_BIT = 0x40;

/** Says that a batch has no producer id, epoch or sequence. */
export const NO_PRODUCER = -1;
