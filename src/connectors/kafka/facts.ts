import { RecordPlaces } from '../../log/mod.ts';

/** Where the records of a read lie, and which of them delete. */
export class RecordFacts extends RecordPlaces {
  /** 1 where a record of an upsert table is a deletion. */
  deletes = new Uint8Array(1024);

  /** Forget the last read. */
  clear(): void {
    this.count = 0;
  }

  /**
   * In an upsert table a record with a key and no value is a deletion; with `keyForValue` its key stands for
   * its value.
   */
  markDeletes(keyForValue: boolean): void {
    if (this.deletes.length < this.count) this.deletes = new Uint8Array(this.starts.length);
    for (let i = 0; i < this.count; i++) {
      const isDelete = this.starts[i] === -1 && this.keyStarts[i] !== -1;
      this.deletes[i] = isDelete ? 1 : 0;
      if (!isDelete || !keyForValue) continue;
      this.starts[i] = this.keyStarts[i]!;
      this.ends[i] = this.keyEnds[i]!;
    }
  }
}
