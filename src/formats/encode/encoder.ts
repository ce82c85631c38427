import type { Batch } from '../../core/batch.ts';
import { eachOf } from '../../core/batch-views.ts';
import type { Schema } from '../../core/types.ts';
import { avroEncoder } from '../avro/encoder.ts';
import { avroOptions } from '../avro/schema.ts';
import { csvEncoder } from '../csv/encoder.ts';
import { csvOptions } from '../csv/options.ts';
import { type FormatName, jsonOptions } from '../options.ts';
import { rawEncoder } from '../raw/raw.ts';
import { FlatTarget } from './flat-target.ts';
import { generateWriter, type RecordTarget, type WriteRows } from './generate-encoder.ts';

/** The records of one batch, back to back in `bytes`; borrowed until the next `encode`. */
export interface EncodedRecords {
  readonly bytes: Uint8Array;
  readonly count: number;
  /** Record i is bytes [starts[i], ends[i]) and was row rows[i]; a start of -1 is a null value. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly rows: Int32Array;
}

/** Batches to bytes: one record for each live row. */
export interface Encoder {
  encode(batch: Batch): EncodedRecords;
  /** Write the records where the target says; absent where a format can't. */
  encodeInto?(batch: Batch, target: RecordTarget): void;
}

/**
 * An encoder of rows of `schema`, taking the columns `projection` (null = all). `json` writes the row
 * whatever its kind; `debezium-json` an envelope with op `c` for +I and +U, `d` for -U and -D, as Flink's
 * sink does.
 */
export function createEncoder(
  format: FormatName,
  schema: Schema,
  projection: readonly number[] | null,
  given: Readonly<Record<string, string>> = {},
): Encoder {
  if (format === 'avro') return avroEncoder(schema, projection, avroOptions(given));
  if (format === 'csv') return csvEncoder(schema, projection, csvOptions(given));
  if (format === 'raw') return rawEncoder(schema, projection, given);
  const options = jsonOptions(format, given);
  const indices = projection ?? schema.fields.map((_, i) => i);
  const fields = indices.map(i => schema.fields[i]!);
  const isEnvelope = format === 'debezium-json';
  return new JsonEncoder(indices, generateWriter(fields, options, isEnvelope));
}

class JsonEncoder implements Encoder {
  readonly #indices: readonly number[];
  readonly #write: WriteRows;
  readonly #env: unknown;
  readonly #flat = new FlatTarget();
  #rows = new Int32Array(0);

  constructor(indices: readonly number[], { write, env }: ReturnType<typeof generateWriter>) {
    this.#indices = indices;
    this.#write = write;
    this.#env = env;
  }

  encode(batch: Batch): EncodedRecords {
    const flat = this.#flat;
    flat.reset(batch.selectionCount);
    this.encodeInto(batch, flat);
    const { u8: bytes, starts, ends } = flat;
    return { bytes, count: batch.selectionCount, starts, ends, rows: this.#rows };
  }

  encodeInto(batch: Batch, target: RecordTarget): void {
    const { columns, rowKinds, selection, selectionCount: count } = batch;
    if (count > this.#rows.length) this.#rows = new Int32Array(count);
    const rows = this.#rows;
    for (let i = 0; i < count; i++) rows[i] = selection === null ? i : selection[i]!;
    const taken = eachOf(this.#indices, i => columns[i]!);
    this.#write(this.#env, taken, rowKinds, rows, count, target);
  }
}
