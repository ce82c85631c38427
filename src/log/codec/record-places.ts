/**
 * Where the records of a read lie in its bytes, and what the log says of them, by their number in the read.
 */
export class RecordPlaces {
  /** Values; -1 for a null one. */
  starts = new Int32Array(1024);
  ends = new Int32Array(1024);
  offsets = new Float64Array(1024);
  /** Keys; -1 for a null one. */
  keyStarts = new Int32Array(1024);
  keyEnds = new Int32Array(1024);
  /** Milliseconds since the epoch. */
  timestamps = new Float64Array(1024);
  /** Where the headers' count lies. */
  headersStarts = new Int32Array(1024);
  count = 0;

  /** Make room for so many more records. */
  reserve(records: number): void {
    const needed = this.count + records;
    if (needed <= this.starts.length) return;
    const length = Math.max(needed, this.starts.length * 2);
    this.starts = grown(this.starts, new Int32Array(length));
    this.ends = grown(this.ends, new Int32Array(length));
    this.offsets = grown(this.offsets, new Float64Array(length));
    this.keyStarts = grown(this.keyStarts, new Int32Array(length));
    this.keyEnds = grown(this.keyEnds, new Int32Array(length));
    this.timestamps = grown(this.timestamps, new Float64Array(length));
    this.headersStarts = grown(this.headersStarts, new Int32Array(length));
  }
}

function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
