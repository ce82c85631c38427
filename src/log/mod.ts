/** The log: the Log contract and its embedded implementation. Stored bytes are Kafka RecordBatch v2. */
export type * from './log.ts';
