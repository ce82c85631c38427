import type { RejectedRecord, RejectedRow } from '../../contract/mod.ts';
import {
  type Batch,
  BatchBuilder,
  type DataType,
  putValue,
  type Schema,
  STRING_LENGTH_MAX,
} from '../../core/mod.ts';
import type { TableDeclaration } from '../../plan/mod.ts';

const STRING: DataType = { kind: 'VARCHAR', length: STRING_LENGTH_MAX, nullable: true };
const BYTES: DataType = { kind: 'VARBINARY', length: STRING_LENGTH_MAX, nullable: true };

/** The columns of a dead-letter topic: why, where from, by which job, and the bytes (base64 in JSON). */
const DEAD_LETTER: Schema = {
  fields: [
    { name: 'reason', type: STRING },
    { name: 'topic', type: STRING },
    { name: 'partition', type: { kind: 'INT', nullable: true } },
    { name: 'offset', type: { kind: 'BIGINT', nullable: true } },
    { name: 'job', type: STRING },
    { name: 'key', type: BYTES },
    { name: 'value', type: BYTES },
  ],
};

const topicTable = (topic: string, format: string, schema: Schema): TableDeclaration => ({
  name: topic,
  physicalSchema: schema,
  primaryKey: [],
  options: { connector: 'kafka', topic, format, 'sink.delivery-guarantee': 'exactly-once' },
});

/** `<topic>.dlq`, where records of the topic that can't be read are kept. */
export const deadLetterTable = (topic: string): TableDeclaration =>
  topicTable(`${topic}.dlq`, 'json', DEAD_LETTER);

/**
 * `<job>.late`, where rows that came after their window closed are kept: op c for added rows, d for taken
 * ones.
 */
export const lateTable = (job: string, schema: Schema): TableDeclaration =>
  topicTable(`${jobTopic(job)}.late`, 'debezium-json', schema);

/** The name before `.dlq` of the topic with the rows that a job's sinks could not take. */
export const jobTopic = (job: string): string => job.replaceAll('/', '.');

/** Rejected records, or rows that came of no single record, as rows of their dead-letter table. */
export function deadLetterBatch(job: string, rejected: readonly (RejectedRecord | RejectedRow)[]): Batch {
  const builder = new BatchBuilder(DEAD_LETTER, rejected.length);
  for (const one of rejected) {
    const origin =
      'topic' in one
        ? [one.topic, one.partition, BigInt(one.offset), job, one.key]
        : [null, null, null, job, null];
    const cells = [one.reason, ...origin, one.value];
    builder.reserve(builder.rowCount + 1);
    cells.forEach((cell, i) => {
      putValue(builder.columns[i]!, builder.rowCount, cell);
    });
    builder.endRow();
  }
  return builder.build();
}
