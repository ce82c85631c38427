import type { DataType, Schema } from '../../../src/core/mod.ts';
import type { Decoder } from '../../../src/formats/mod.ts';
import { rowsOf } from '../../support/batch-rows.ts';

/** Short spellings of types for tests. */
export const T = {
  text: { kind: 'VARCHAR', length: 2147483647, nullable: true },
  bytes: { kind: 'VARBINARY', length: 2147483647, nullable: true },
  bool: { kind: 'BOOLEAN', nullable: true },
  tiny: { kind: 'TINYINT', nullable: true },
  small: { kind: 'SMALLINT', nullable: true },
  int: { kind: 'INT', nullable: true },
  long: { kind: 'BIGINT', nullable: true },
  float: { kind: 'FLOAT', nullable: true },
  double: { kind: 'DOUBLE', nullable: true },
  date: { kind: 'DATE', nullable: true },
  time: { kind: 'TIME', precision: 0, nullable: true },
} as const satisfies Record<string, DataType>;

export const decimal = (precision: number, scale: number): DataType => ({
  kind: 'DECIMAL',
  precision,
  scale,
  nullable: true,
});
export const timestamp = (precision: number): DataType => ({ kind: 'TIMESTAMP', precision, nullable: true });
export const timestampLtz = (precision: number): DataType => ({
  kind: 'TIMESTAMP_LTZ',
  precision,
  nullable: true,
});
export const notNull = (type: DataType): DataType => ({ ...type, nullable: false }) as DataType;

export const schemaOf = (fields: Record<string, DataType>): Schema => ({
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
});

/** Decode records (null = a null value) in one load; every batch's rows, then the reasons by record. */
export function decodeAll(
  decoder: Decoder,
  records: readonly (string | Uint8Array | null)[],
): { rows: unknown[][]; rejected: Record<number, string> } {
  const chunks = records.map(r =>
    r === null ? null : typeof r === 'string' ? new TextEncoder().encode(r) : r,
  );
  const bytes = Buffer.concat(chunks.filter(c => c !== null));
  const starts = new Int32Array(chunks.length);
  const ends = new Int32Array(chunks.length);
  let at = 0;
  chunks.forEach((chunk, i) => {
    starts[i] = chunk === null ? -1 : at;
    at += chunk?.length ?? 0;
    ends[i] = at;
  });
  decoder.load(bytes);
  const rows: unknown[][] = [];
  for (let i = 0; i < records.length; ) {
    i = decoder.decode(starts, ends, i, records.length);
    rows.push(...rowsOf(decoder.takeBatch()));
  }
  const rejected = Object.fromEntries(decoder.takeRejections().map(r => [r.index, r.reason]));
  return { rows, rejected };
}
