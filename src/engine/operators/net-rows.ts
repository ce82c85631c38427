import { type Batch, type Column, eachOf, Gatherer, type Picked, RowKind, scatter } from '../../core/mod.ts';
import type { DeduplicateNode } from '../../plan/mod.ts';
import { compileEqual, type RowStore } from '../../state/mod.ts';
import type { Output } from './operator.ts';

const OUT_ROWS = 4096;

/**
 * Replaces held rows, one a key, and tells what a mini-batch changed in the end. A row's text is copied once,
 * into the store; what was held before moves to a row for the meantime, and the changes share the store's
 * text.
 */
export class NetRows {
  readonly #node: DeduplicateNode;
  readonly #store: RowStore;
  readonly #output: Output;
  /** Columns of the input that are held behind the key. */
  readonly #kept: readonly number[];
  /** By column of the output: the one of the store. */
  readonly #sources: readonly number[];
  readonly #gatherers: readonly Gatherer[];
  /** What was held is the same as what is held: nothing has changed. Null where it counts as a change. */
  readonly #isSame: ((a: number, b: number) => boolean) | null;
  /** Ids of a batch's keys that held a row when the mini-batch began, and of the rows it has moved to. */
  #held = new Int32Array(0);
  #moved = new Int32Array(0);
  /** By id: the last mini-batch that replaced its row. */
  #changedBy = new Int32Array(16);
  #miniBatch = 1;
  /** Ids of the changed keys, and where what each held has moved to; 0 where it held nothing. */
  #changed = new Int32Array(0);
  #before = new Int32Array(0);
  #count = 0;
  /** How many of them held something. */
  #replaced = 0;
  /** Of the changes: the row with the key, the row with the other cells, the kind. */
  #keyIds = new Int32Array(0);
  #cellIds = new Int32Array(0);
  #kinds = new Uint8Array(0);

  /** With `tellsSame` a row that replaces an equal one is a change too. */
  constructor(
    node: DeduplicateNode,
    store: RowStore,
    kept: readonly number[],
    output: Output,
    tellsSame: boolean,
  ) {
    const { schema, keys } = node;
    this.#node = node;
    this.#store = store;
    this.#output = output;
    this.#kept = kept;
    const stored = [...keys, ...kept];
    this.#sources = [...schema.fields.keys()].map(c => stored.indexOf(c));
    this.#gatherers = schema.fields.map(f => new Gatherer(f.type));
    const places = kept.map((_, k) => keys.length + k);
    const equal = compileEqual(
      kept.map(c => schema.fields[c]!.type),
      places,
      places,
    );
    const { columns } = store;
    this.#isSame = tellsSame ? null : (a, b) => equal(columns, a, columns, b);
  }

  /**
   * Row `rows[k]` of the batch comes to be held under `ids[k]`; no key is there twice. `fresh` says by
   * id which hold nothing so far, and is cleared for them. The store has room for as many rows again.
   */
  replace(batch: Batch, ids: Int32Array, rows: Int32Array, fresh: Uint8Array, count: number): void {
    this.#reserve(count);
    this.#setAside(ids, fresh, count);
    const width = this.#node.keys.length;
    const { columns } = this.#store;
    this.#kept.forEach((c, k) => {
      scatter(batch.columns[c]!, rows, count, columns[width + k]!, ids);
    });
  }

  #reserve(count: number): void {
    const { length } = this.#store.live;
    if (this.#changedBy.length < length) this.#changedBy = grown(this.#changedBy, length);
    if (this.#held.length < count) {
      this.#held = new Int32Array(count);
      this.#moved = new Int32Array(count);
    }
    const changed = this.#count + count;
    if (this.#changed.length >= changed) return;
    this.#changed = grown(this.#changed, changed * 2);
    this.#before = grown(this.#before, changed * 2);
  }

  /** What keys held when the mini-batch began moves, all but the key; what they held since is forgotten. */
  #setAside(ids: Int32Array, fresh: Uint8Array, count: number): void {
    const [held, moved, changedBy, before] = [this.#held, this.#moved, this.#changedBy, this.#before];
    const width = this.#node.keys.length;
    const first = this.#count;
    let n = 0;
    for (let k = 0; k < count; k++) {
      const id = ids[k]!;
      if (changedBy[id] === this.#miniBatch) {
        for (let c = 0; c < this.#kept.length; c++) this.#store.dropBytes(width + c, id);
        continue;
      }
      changedBy[id] = this.#miniBatch;
      before[this.#count] = fresh[id] === 1 ? 0 : 1;
      this.#changed[this.#count++] = id;
      if (fresh[id] === 1) fresh[id] = 0;
      else held[n++] = id;
    }
    this.#replaced += n;
    this.#store.allocateAll(n, moved);
    // The rows for the meantime have no key that could be given up with them.
    for (let c = 0; c < width; c++) {
      const { nulls } = this.#store.columns[c]!;
      for (let k = 0; k < n; k++) nulls[moved[k]!] = 1;
    }
    this.#kept.forEach((_, k) => {
      this.#store.move(width + k, held, moved, n);
    });
    for (let k = first, m = 0; k < this.#count; k++) if (before[k] === 1) before[k] = moved[m++]!;
  }

  /** The mini-batch has ended: send its changes, and forget what was held before. */
  send(): void {
    const count = this.#count;
    if (this.#kinds.length < count * 2) {
      this.#keyIds = new Int32Array(count * 4);
      this.#cellIds = new Int32Array(count * 4);
      this.#kinds = new Uint8Array(count * 4);
    }
    const changes = this.#list();
    for (let first = 0; first < changes; first += OUT_ROWS) {
      this.#emit(first, Math.min(OUT_ROWS, changes - first));
    }
    for (let k = 0; k < count; k++) if (this.#before[k] !== 0) this.#store.release(this.#before[k]!);
    this.#count = 0;
    this.#replaced = 0;
    this.#miniBatch++;
  }

  /** List the changes, each key's behind the other's; returns how many there are. */
  #list(): number {
    const [keyIds, cellIds, kinds, isSame] = [this.#keyIds, this.#cellIds, this.#kinds, this.#isSame];
    let at = 0;
    for (let k = 0; k < this.#count; k++) {
      const id = this.#changed[k]!;
      const before = this.#before[k]!;
      if (before !== 0) {
        if (isSame?.(before, id) === true) continue;
        keyIds[at] = id;
        cellIds[at] = before;
        kinds[at++] = RowKind.updateBefore;
      }
      keyIds[at] = id;
      cellIds[at] = id;
      kinds[at++] = before === 0 ? RowKind.insert : RowKind.updateAfter;
    }
    return at;
  }

  #emit(first: number, count: number): void {
    const ofKeys: Picked = { rows: this.#keyIds, first, count, missing: null };
    const ofCells: Picked = { rows: this.#cellIds, first, count, missing: null };
    const width = this.#node.keys.length;
    const columns: Column[] = eachOf(this.#gatherers, (gatherer, c) => {
      const source = this.#sources[c]!;
      return gatherer.take(this.#store.columns[source]!, source < width ? ofKeys : ofCells);
    });
    this.#output.emit({
      schema: this.#node.schema,
      rowCount: count,
      columns,
      rowKinds: this.#replaced === 0 ? null : this.#kinds.subarray(first, first + count),
      selection: null,
      selectionCount: count,
    });
  }
}

function grown(from: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(length);
  to.set(from);
  return to;
}
