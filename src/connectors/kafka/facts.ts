import type { RecordCursor } from '../../log/mod.ts';

/** Where the records of a read lie and what the log says of them, by number in the read. */
export class RecordFacts {
  starts = new Int32Array(1024);
  ends = new Int32Array(1024);
  offsets = new Float64Array(1024);
  keyStarts = new Int32Array(1024);
  keyEnds = new Int32Array(1024);
  timestamps = new Float64Array(1024);
  headersStarts = new Int32Array(1024);
  /** 1 where a record of an upsert table is a deletion. */
  deletes = new Uint8Array(1024);
  count = 0;

  clear(): void {
    this.count = 0;
  }

  /**
   * Takes the record under the cursor; a start of -1 is a null. With `keyForValue` the key of a deletion
   * stands for its value.
   */
  add(cursor: RecordCursor, isUpsert: boolean, keyForValue: boolean): void {
    const i = this.count++;
    if (i === this.starts.length) this.#grow();
    const isDelete = isUpsert && cursor.valueLength < 0 && cursor.keyLength >= 0;
    const takesKey = isDelete && keyForValue;
    const start = takesKey ? cursor.keyStart : cursor.valueStart;
    const length = takesKey ? cursor.keyLength : cursor.valueLength;
    this.starts[i] = length < 0 ? -1 : start;
    this.ends[i] = start + length;
    this.offsets[i] = cursor.offset;
    this.keyStarts[i] = cursor.keyLength < 0 ? -1 : cursor.keyStart;
    this.keyEnds[i] = cursor.keyStart + cursor.keyLength;
    this.timestamps[i] = cursor.timestampMs;
    this.headersStarts[i] = cursor.headersStart;
    this.deletes[i] = isDelete ? 1 : 0;
  }

  #grow(): void {
    const length = this.starts.length * 2;
    const grown = <T extends Int32Array | Float64Array | Uint8Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.starts = grown(this.starts, new Int32Array(length));
    this.ends = grown(this.ends, new Int32Array(length));
    this.offsets = grown(this.offsets, new Float64Array(length));
    this.keyStarts = grown(this.keyStarts, new Int32Array(length));
    this.keyEnds = grown(this.keyEnds, new Int32Array(length));
    this.timestamps = grown(this.timestamps, new Float64Array(length));
    this.headersStarts = grown(this.headersStarts, new Int32Array(length));
    this.deletes = grown(this.deletes, new Uint8Array(length));
  }
}
