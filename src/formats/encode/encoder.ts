import type { Batch } from '../../core/batch.ts';
import type { Schema } from '../../core/types.ts';
import { type FormatName, jsonOptions } from '../options.ts';
import { generateWriter, type Output } from './generate-encoder.ts';

/** The records of one batch, back to back in `bytes`; borrowed until the next `encode`. */
export interface EncodedRecords {
  readonly bytes: Uint8Array;
  readonly count: number;
  /** Record i is bytes [starts[i], ends[i]) and was row rows[i]. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly rows: Int32Array;
}

/** Batches to bytes: one record for each live row. */
export interface Encoder {
  encode(batch: Batch): EncodedRecords;
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
  const options = jsonOptions(format, given);
  const indices = projection ?? schema.fields.map((_, i) => i);
  const fields = indices.map(i => schema.fields[i]!);
  const out: Output = { u8: new Uint8Array(0), dv: new DataView(new ArrayBuffer(0)) };
  const write = generateWriter(fields, options, format === 'debezium-json', out);
  let starts = new Int32Array(0);
  let ends = starts;
  let rows = starts;
  return {
    encode(batch) {
      const count = batch.selectionCount;
      if (count > rows.length) {
        [starts, ends, rows] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)];
      }
      for (let i = 0; i < count; i++) rows[i] = batch.selection === null ? i : batch.selection[i]!;
      const columns = indices.map(i => batch.columns[i]!);
      write(columns, batch.rowKinds, rows, count, starts, ends);
      return { bytes: out.u8, count, starts, ends, rows };
    },
  };
}
