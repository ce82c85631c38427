import { assert, BatchBuilder, type ColumnBuffer, RowKind, type Schema } from '../../core/mod.ts';
import { compileCopy, compileEqualAll, type RowStore } from '../../state/mod.ts';
import type { Aggregation } from './aggregation.ts';
import type { Output } from './operator.ts';

const OUT_ROWS = 4096;

/** Which changes leave. */
interface ChangesWanted {
  /** -U before +U. */
  readonly withBefore: boolean;
  /** Groups whose row is as it was, too. */
  readonly withUnchanged: boolean;
}

/**
 * The changes of groups: of each touched group two rows side by side, as it was and as it is, of which a
 * selection leaves. They are written column by column where many groups are touched.
 */
export class GroupChanges {
  readonly #groups: Aggregation;
  readonly #wanted: ChangesWanted;
  readonly #out: BatchBuilder;
  readonly #copyKeys: (store: RowStore, ids: Int32Array, count: number, row: number) => void;
  readonly #equal: ReturnType<typeof compileEqualAll>;
  /** By id: the last mini-batch that met it. */
  #marks = new Int32Array(16);
  #mark = 1;
  /** Groups that this mini-batch has met, and which of them had rows before. */
  #touched = new Int32Array(16);
  #count = 0;
  #existed = new Uint8Array(16);
  /** Groups to write, and their rows. */
  #ids = new Int32Array(16);
  #rows = new Int32Array(16);
  #same = new Uint8Array(16);
  /** Rows that leave, in order. */
  #selection = new Int32Array(64);
  #selected = 0;

  /** `keys` are the first columns of `schema` and of a group's row. */
  constructor(groups: Aggregation, schema: Schema, keys: number, wanted: ChangesWanted) {
    this.#groups = groups;
    this.#wanted = wanted;
    this.#out = new BatchBuilder(schema);
    this.#copyKeys = keyCopier(schema, keys, this.#out);
    const results = [...schema.fields.keys()].slice(keys);
    this.#equal = compileEqualAll(
      results.map(c => schema.fields[c]!.type),
      results,
    );
  }

  /** Rows that wait for `flush`. */
  get size(): number {
    return this.#selected;
  }

  /**
   * Write the rows of the groups of `count` looked-up rows as they are before these are applied: of groups that
   * were not met since the last `write`.
   */
  remember(count: number): void {
    const { store, ids, rows } = this.#groups;
    this.#reserve(count, store.live.length);
    const [marks, touched] = [this.#marks, this.#touched];
    const mark = this.#mark;
    const first = this.#out.rowCount;
    const known = this.#count;
    let n = known;
    let held = 0;
    for (let k = 0; k < count; k++) {
      const id = ids[k]!;
      if (marks[id] === mark) continue;
      marks[id] = mark;
      const existed = rows[id]! > 0;
      if (existed) {
        this.#ids[held] = id;
        this.#rows[held++] = first + n * 2;
      }
      this.#existed[n] = existed ? 1 : 0;
      touched[n++] = id;
    }
    this.#count = n;
    if (n === known) return;
    this.#out.reserve(first + n * 2);
    this.#copyKeys(store, touched.subarray(known, n), n - known, first + known * 2);
    this.#groups.emitAll(this.#ids, held, this.#out.columns, this.#rows);
  }

  #reserve(rows: number, ids: number): void {
    if (this.#marks.length < ids) this.#marks = grown(this.#marks, new Int32Array(ids));
    const groups = this.#count + rows;
    if (this.#touched.length < groups) {
      this.#touched = grown(this.#touched, new Int32Array(groups * 2));
      this.#existed = grown(this.#existed, new Uint8Array(groups * 2));
      this.#ids = new Int32Array(groups * 2);
      this.#rows = new Int32Array(groups * 2);
      this.#same = new Uint8Array(groups * 2);
    }
    const selection = this.#selected + groups * 2;
    if (this.#selection.length >= selection) return;
    this.#selection = grown(this.#selection, new Int32Array(selection * 2));
  }

  /** Write the same groups' rows as they are now, choose what leaves, and forget groups without rows. */
  write(): void {
    const { rows } = this.#groups;
    const { columns, rowCount: first } = this.#out;
    const touched = this.#touched;
    let held = 0;
    for (let t = 0; t < this.#count; t++) {
      if (rows[touched[t]!]! <= 0) continue;
      this.#ids[held] = touched[t]!;
      this.#rows[held++] = first + t * 2 + 1;
    }
    this.#groups.emitAll(this.#ids, held, columns, this.#rows);
    if (!this.#wanted.withUnchanged) this.#compare(first);
    for (let t = 0; t < this.#count; t++) {
      const id = touched[t]!;
      this.#choose(t, rows[id]! > 0);
      // Rows below zero are retractions that came early: they wait for their rows.
      if (rows[id] === 0) this.#groups.remove(id);
    }
    this.#count = 0;
    this.#mark++;
  }

  /** Which groups had rows, have rows, and are as they were. */
  #compare(first: number): void {
    const { rows } = this.#groups;
    const [pairs, same, touched] = [this.#rows, this.#same, this.#touched];
    let both = 0;
    for (let t = 0; t < this.#count; t++) {
      if (this.#existed[t] === 1 && rows[touched[t]!]! > 0) pairs[both++] = first + t * 2;
    }
    this.#equal(this.#out.columns, pairs, both, same);
    // Spread over all groups, from the end: a pair's place is never before its group's.
    let k = both;
    for (let t = this.#count - 1; t >= 0; t--) {
      same[t] = this.#existed[t] === 1 && rows[touched[t]!]! > 0 ? same[--k]! : 0;
    }
  }

  #choose(t: number, exists: boolean): void {
    const out = this.#out;
    const row = out.rowCount;
    const existed = this.#existed[t] === 1;
    const isSame = !this.#wanted.withUnchanged && this.#same[t] === 1;
    const leaves = existed && !isSame && (this.#wanted.withBefore || !exists);
    const enters = exists && !isSame;
    out.endRow(!leaves ? RowKind.insert : exists ? RowKind.updateBefore : RowKind.delete);
    out.endRow(enters && existed ? RowKind.updateAfter : RowKind.insert);
    if (leaves) this.#selection[this.#selected++] = row;
    if (enters) this.#selection[this.#selected++] = row + 1;
  }

  /** Emit all rows, in batches of no more than the usual size. */
  flush(output: Output): void {
    const all = this.#out.build();
    const { rowKinds } = this.#out;
    let from = 0;
    while (from < this.#selected) {
      let to = Math.min(this.#selected, from + OUT_ROWS);
      // -U and +U stay together.
      if (to < this.#selected && rowKinds[this.#selection[to - 1]!] === RowKind.updateBefore) to++;
      const selection = this.#selection.subarray(from, to);
      output.emit({ ...all, selection, selectionCount: to - from });
      from = to;
    }
    this.#selected = 0;
    this.#out.reset();
  }
}

/** Copies groups' keys to the rows from `row` on, to two rows each; texts and binaries share their bytes. */
function keyCopier(
  schema: Schema,
  keys: number,
  out: BatchBuilder,
): (store: RowStore, ids: Int32Array, count: number, row: number) => void {
  const all = [...schema.fields.keys()].slice(0, keys);
  const typesOf = (columns: readonly number[]) => columns.map(c => schema.fields[c]!.type);
  const isBytes = (c: number): boolean => out.columns[c]!.physical === 'bytes';
  const texts = all.filter(isBytes);
  const others = all.filter(c => !isBytes(c));
  const copyAll = compileCopy(typesOf(all), all, all);
  const copyOthers = compileCopy(typesOf(others), others, others);
  return (store, ids, count, row) => {
    for (let k = 0; k < count; k++) {
      copyAll(store.columns, ids[k]!, out.columns, row + k * 2);
      if (others.length > 0) copyOthers(store.columns, ids[k]!, out.columns, row + k * 2 + 1);
    }
    for (const c of texts) shareBytes(out.columns[c]!, row, count);
  };
}

/** Every second row from `row` on becomes the same bytes as the row before it. */
function shareBytes(buffer: ColumnBuffer, row: number, count: number): void {
  assert(buffer.physical === 'bytes', 'the cell holds bytes');
  const { nulls, offsets, lengths } = buffer;
  for (let k = 0; k < count; k++) {
    const from = row + k * 2;
    nulls[from + 1] = nulls[from]!;
    offsets[from + 1] = offsets[from]!;
    lengths[from + 1] = lengths[from]!;
  }
}

function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
