import {
  assert,
  type BytesBuffer,
  bytesOf,
  type Column,
  type ColumnBuffer,
  copyBytesCell,
  createColumnBuffer,
  eachOf,
  grownLength,
  overwriteBytes,
  reserveRows,
  type Schema,
  scatter,
} from '../core/mod.ts';
import type { BytesReader, BytesWriter } from './bytes.ts';
import {
  columnBytes,
  compactColumn,
  dropCell,
  holdsMore,
  moveCells,
  readColumn,
  unitsIn,
  writeColumn,
} from './column-state.ts';
import { SealedRows } from './sealed-rows.ts';
import { UPKEEP, type Upkeep } from './upkeep.ts';

/** No byte of UTF-8. */
const SPOILT = 0xff;

/**
 * Rows in growable columns, addressed by id. Ids start at 1 (0 means none) and are used again after
 * `release`.
 * Accumulators and links are columns too, so that one snapshot covers all. Columns are replaced when they
 * grow: fetch their arrays again after `reserve`.
 */
export class RowStore {
  readonly schema: Schema;
  readonly columns: readonly ColumnBuffer[];
  /** 1 for ids in use. */
  live = new Uint8Array(16);
  /** Ids in use. */
  size = 0;
  /** All ids are below. */
  end = 1;
  /** Released ids, the first `#freeCount`. */
  #free = new Int32Array(16);
  #freeCount = 0;
  /** Bytes per column that belong to no row any more. */
  readonly #garbage: Float64Array;
  /** What has been given up of all columns since it was last looked at. */
  #dropped = 0;
  /** By column: the memory of its bytes before they were copied to leave garbage behind. */
  readonly #before: ({ readonly data: Uint8Array; readonly used: number } | undefined)[] = [];
  /** Columns whose cells hold something beside their own place. */
  readonly #holding: readonly number[];
  readonly #upkeep: Upkeep;
  /** Of a store that only grows. */
  readonly #sealed: SealedRows | null;

  /** With `onlyGrows` no row is released, and no cell changes once it is written. */
  constructor(schema: Schema, upkeep: Upkeep = UPKEEP, onlyGrows = false) {
    this.schema = schema;
    this.#upkeep = upkeep;
    this.columns = eachOf(schema.fields, f => createColumnBuffer(f.type, 16));
    this.#sealed = onlyGrows ? new SealedRows(this.columns) : null;
    this.#garbage = new Float64Array(this.columns.length);
    this.#holding = this.columns.flatMap((column, c) => (holdsMore(column) ? [c] : []));
  }

  get onlyGrows(): boolean {
    return this.#sealed !== null;
  }

  /**
   * Make room so that `rows` further allocations move no array. Also the moment when freed bytes are
   * reused.
   */
  reserve(rows: number): void {
    const wanted = this.end + Math.max(0, rows - this.#freeCount);
    if (wanted > this.live.length) {
      const capacity = Math.max(wanted, grownLength(this.live.length));
      this.live = grow(this.live, new Uint8Array(capacity));
      for (const column of this.columns) reserveRows(column, capacity);
    }
    if (this.#dropped < this.#upkeep.droppedMin) return;
    this.#dropped = 0;
    for (const c of this.#holding) {
      const column = this.columns[c]!;
      if (this.#isWasteful(column, c)) this.#compact(column, c);
    }
  }

  /** A fresh id. Its cells hold anything; room must have been reserved. */
  allocate(): number {
    const id = this.#freeCount > 0 ? this.#free[--this.#freeCount]! : this.end++;
    assert(id < this.live.length, 'room was reserved for the row');
    this.live[id] = 1;
    this.size++;
    return id;
  }

  /** Fresh ids for `count` rows, as `allocate` gives them, into the first places of `ids`. */
  allocateAll(count: number, ids: Int32Array): void {
    let k = 0;
    while (k < count && this.#freeCount > 0) ids[k++] = this.#free[--this.#freeCount]!;
    while (k < count) ids[k++] = this.end++;
    assert(this.end <= this.live.length, 'room was reserved for the rows');
    const { live } = this;
    for (k = 0; k < count; k++) live[ids[k]!] = 1;
    this.size += count;
  }

  release(id: number): void {
    assert(this.#sealed === null, 'rows of a store that only grows stay');
    this.live[id] = 0;
    this.size--;
    for (const c of this.#holding) this.dropBytes(c, id);
    this.#reserveFree(this.#freeCount + 1);
    this.#free[this.#freeCount++] = id;
  }

  #reserveFree(count: number): void {
    if (count <= this.#free.length) return;
    this.#free = grow(this.#free, new Int32Array(Math.max(count, grownLength(this.#free.length))));
  }

  /**
   * Rows `to`, allocated just now, take over what the cells of a column hold in rows `from`, whose cells then
   * hold anything: nothing is copied beside the cells' own places.
   */
  move(c: number, from: Int32Array, to: Int32Array, count: number): void {
    moveCells(this.columns[c]!, from, to, count);
  }

  /** Release all rows. */
  clear(): void {
    assert(this.#sealed === null, 'rows of a store that only grows stay');
    this.live.fill(0, 0, this.end);
    this.size = 0;
    this.end = 1;
    this.#freeCount = 0;
    this.#garbage.fill(0);
    for (const column of this.columns) {
      if (column.physical === 'bytes') column.used = 0;
      else if (unitsIn(column) > 0) compactColumn(column, this.live, this.end);
    }
  }

  /** What a cell holds beside its own place, such as bytes, is about to be replaced or dropped. */
  dropBytes(c: number, id: number): void {
    const column = this.columns[c]!;
    if (!('used' in column) && column.physical !== 'struct') return;
    const units = dropCell(column, id);
    this.#garbage[c] = this.#garbage[c]! + units;
    this.#dropped += units;
  }

  /** Replace a cell of bytes. */
  putBytesCell(c: number, id: number, source: Column, row: number): void {
    const column = this.columns[c]!;
    assert(column.physical === 'bytes' && source.physical === 'bytes', 'the cell holds bytes');
    this.dropBytes(c, id);
    column.nulls[id] = 0;
    copyBytesCell(source, row, column, id);
  }

  /**
   * Cells `ids` of a column become copies of cells `rows` of another. Bytes that are no longer than those that
   * were there take their place.
   */
  overwrite(c: number, source: Column, rows: Int32Array, count: number, ids: Int32Array): void {
    const column = this.columns[c]!;
    if (column.physical === 'bytes' && source.physical === 'bytes') {
      const freed = overwriteBytes(source, rows, count, column, ids);
      this.#garbage[c] = this.#garbage[c]! + freed;
      this.#dropped += freed;
      return;
    }
    if (holdsMore(column)) for (let k = 0; k < count; k++) this.dropBytes(c, ids[k]!);
    scatter(source, rows, count, column, ids);
  }

  /** True when it is worth it to copy a column's cells without what was given up. */
  #isWasteful(column: ColumnBuffer, c: number): boolean {
    const garbage = this.#garbage[c]!;
    return garbage > this.#upkeep.garbageMin && garbage * 2 > unitsIn(column);
  }

  #compact(column: ColumnBuffer, c: number): void {
    if (column.physical === 'bytes') this.#compactBytes(column, c);
    else compactColumn(column, this.live, this.end);
    this.#garbage[c] = 0;
  }

  #compactBytes(column: BytesBuffer, c: number): void {
    const { data, offsets, lengths } = column;
    const ids = new Int32Array(this.size);
    let count = 0;
    for (let id = 1; id < this.end; id++) {
      if (this.live[id] === 1 && column.nulls[id] === 0) ids[count++] = id;
    }
    const before = this.#before[c];
    // Memory that the system has given already is cheaper than other.
    column.data =
      before !== undefined && before.data.length >= data.length ? before.data : new Uint8Array(data.length);
    this.#before[c] = { data, used: column.used };
    column.used = 0;
    scatter(bytesOf(null, data, offsets, lengths), ids, count, column, ids);
    if (this.#upkeep.spoils) data.fill(SPOILT);
  }

  /** Memory of the rows, for metrics and limits. */
  get byteLength(): number {
    let sum = this.end + this.#free.byteLength;
    for (const column of this.columns) sum += columnBytes(column, this.end);
    for (const before of this.#before) sum += before?.used ?? 0;
    return sum;
  }

  /** Write all rows, ids included. */
  snapshot(out: BytesWriter): void {
    if (this.#sealed !== null) {
      this.#sealed.write(this.end, out);
      return;
    }
    out.int(this.end);
    out.int(this.#freeCount);
    out.raw(this.#free.subarray(0, this.#freeCount));
    out.raw(this.live.subarray(0, this.end));
    this.columns.forEach((column, c) => {
      if (this.#isWasteful(column, c)) this.#compact(column, c);
      out.raw(Float64Array.of(this.#garbage[c]!));
      writeColumn(column, this.end, out);
    });
  }

  /** Take over what `snapshot` wrote. */
  restore(input: BytesReader): void {
    if (this.#sealed !== null) {
      this.end = 1;
      this.end = this.#sealed.read(input, rows => this.reserve(rows));
      this.live.fill(1, 1, this.end);
      this.size = this.end - 1;
      return;
    }
    const end = input.int();
    const freeCount = input.int();
    this.end = 1;
    this.#freeCount = 0;
    this.reserve(end);
    this.end = end;
    this.#freeCount = freeCount;
    this.#reserveFree(freeCount);
    input.fill(this.#free.subarray(0, freeCount));
    input.fill(this.live.subarray(0, end));
    this.size = end - 1 - freeCount;
    this.columns.forEach((column, c) => {
      input.fill(this.#garbage.subarray(c, c + 1));
      readColumn(column, end, input);
    });
  }
}

function grow<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
