import type { RecordTarget } from './generate-encoder.ts';

/** Records back to back from position 0 of one growing memory. */
export class FlatTarget implements RecordTarget {
  u8 = new Uint8Array(0);
  dv = new DataView(this.u8.buffer);
  limit = 0;
  /** Record i is bytes [starts[i], ends[i]). */
  starts = new Int32Array(0);
  ends = this.starts;
  #count = 0;

  /** Start over for up to `records` records. */
  reset(records: number): void {
    this.#count = 0;
    if (records <= this.starts.length) return;
    this.starts = new Int32Array(records);
    this.ends = new Int32Array(records);
  }

  begin(): number {
    return 0;
  }

  room(start: number, bytes: number): number {
    const u8 = new Uint8Array(Math.max(1 << 16, (start + bytes) * 2));
    u8.set(this.u8.subarray(0, start));
    this.u8 = u8;
    this.dv = new DataView(u8.buffer);
    this.limit = u8.length;
    return start;
  }

  end(start: number, end: number): number {
    this.starts[this.#count] = start;
    this.ends[this.#count++] = end;
    return end;
  }
}
