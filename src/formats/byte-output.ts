import type { Batch } from '../core/batch.ts';
import { encodeUtf8Into } from '../core/utf8.ts';
import type { EncodedRecords, Encoder } from './encode/encoder.ts';

/** Bytes being written, in memory that grows and is used again for the next batch. */
export class ByteOutput {
  u8 = new Uint8Array(1 << 12);
  dv = new DataView(this.u8.buffer);
  /** Where the next byte goes. */
  p = 0;

  /** Make room for `bytes` more. */
  reserve(bytes: number): void {
    if (this.p + bytes <= this.u8.length) return;
    const u8 = new Uint8Array((this.p + bytes) * 2);
    u8.set(this.u8.subarray(0, this.p));
    this.u8 = u8;
    this.dv = new DataView(u8.buffer);
  }

  byte(value: number): void {
    this.reserve(1);
    this.u8[this.p++] = value;
  }

  bytes(data: Uint8Array, from: number, length: number): void {
    this.reserve(length);
    const { u8, p } = this;
    if (length <= 32) for (let i = 0; i < length; i++) u8[p + i] = data[from + i]!;
    else u8.set(data.subarray(from, from + length), p);
    this.p = p + length;
  }

  text(value: string): void {
    this.reserve(value.length * 3);
    this.p += encodeUtf8Into(value, this.u8, this.p);
  }
}

/** Writes row `row` of a batch as one record; false for a row that has none: its value is null. */
export type WriteRecord = (batch: Batch, row: number) => boolean;

/** An encoder of one record for each live row, by a writer of single rows into `out`. */
export function recordEncoder(out: ByteOutput, write: WriteRecord): Encoder {
  let starts = new Int32Array(0);
  let ends = starts;
  let rows = starts;
  return {
    encode(batch): EncodedRecords {
      const count = batch.selectionCount;
      if (count > rows.length) {
        [starts, ends, rows] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)];
      }
      out.p = 0;
      for (let k = 0; k < count; k++) {
        const row = batch.selection === null ? k : batch.selection[k]!;
        rows[k] = row;
        const start = out.p;
        starts[k] = write(batch, row) ? start : -1;
        ends[k] = out.p;
      }
      return { bytes: out.u8, count, starts, ends, rows };
    },
  };
}
