import { type Batch, type Column, Gatherer, type Picked, RowKind, scatter } from '../../core/mod.ts';
import type { DeduplicateNode } from '../../plan/mod.ts';
import type { RowStore } from '../../state/mod.ts';
import type { Output } from './operator.ts';

const OUT_ROWS = 4096;

/**
 * Replaces held rows, one a key, by rows of a batch, and tells the changes. A row's text is copied once, into
 * the store; what was held before moves to a row for the meantime, and the changes share the store's text.
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
  /** Ids of the keys that held a row before, and of the rows it has moved to. */
  #held = new Int32Array(0);
  #moved = new Int32Array(0);
  /** Of the changes: the row with the key, the row with the other cells, the kind. */
  #keyIds = new Int32Array(0);
  #cellIds = new Int32Array(0);
  #kinds = new Uint8Array(0);

  constructor(node: DeduplicateNode, store: RowStore, kept: readonly number[], output: Output) {
    const { schema, keys } = node;
    this.#node = node;
    this.#store = store;
    this.#output = output;
    this.#kept = kept;
    const stored = [...keys, ...kept];
    this.#sources = [...schema.fields.keys()].map(c => stored.indexOf(c));
    this.#gatherers = schema.fields.map(f => new Gatherer(f.type));
  }

  /**
   * Row `rows[k]` of the batch comes to be held under `ids[k]`; no key is there twice. `fresh` says by
   * id which hold nothing so far, and is cleared for them. The store has room for as many rows again.
   */
  replace(batch: Batch, ids: Int32Array, rows: Int32Array, fresh: Uint8Array, count: number): void {
    this.#reserve(count);
    const width = this.#node.keys.length;
    const moved = this.#setAside(ids, fresh, count);
    const { columns } = this.#store;
    this.#kept.forEach((c, k) => {
      scatter(batch.columns[c]!, rows, count, columns[width + k]!, ids);
    });
    const changes = this.#list(ids, fresh, count);
    for (let first = 0; first < changes; first += OUT_ROWS) {
      this.#emit(first, Math.min(OUT_ROWS, changes - first), moved === 0);
    }
    for (let k = 0; k < moved; k++) this.#store.release(this.#moved[k]!);
  }

  #reserve(count: number): void {
    if (this.#held.length >= count) return;
    this.#held = new Int32Array(count);
    this.#moved = new Int32Array(count);
    this.#keyIds = new Int32Array(count * 2);
    this.#cellIds = new Int32Array(count * 2);
    this.#kinds = new Uint8Array(count * 2);
  }

  /** What is held so far moves, all but the keys; returns how many rows that are. */
  #setAside(ids: Int32Array, fresh: Uint8Array, count: number): number {
    const [held, moved] = [this.#held, this.#moved];
    let n = 0;
    for (let k = 0; k < count; k++) if (fresh[ids[k]!] === 0) held[n++] = ids[k]!;
    this.#store.allocateAll(n, moved);
    const width = this.#node.keys.length;
    // The rows for the meantime have no key that could be given up with them.
    for (let c = 0; c < width; c++) {
      const { nulls } = this.#store.columns[c]!;
      for (let k = 0; k < n; k++) nulls[moved[k]!] = 1;
    }
    this.#kept.forEach((_, k) => {
      this.#store.move(width + k, held, moved, n);
    });
    return n;
  }

  /** List the changes, each key's behind the other's; returns how many there are. */
  #list(ids: Int32Array, fresh: Uint8Array, count: number): number {
    const [keyIds, cellIds, kinds] = [this.#keyIds, this.#cellIds, this.#kinds];
    let at = 0;
    let old = 0;
    for (let k = 0; k < count; k++) {
      const id = ids[k]!;
      const isFirst = fresh[id] === 1;
      fresh[id] = 0;
      if (!isFirst) {
        keyIds[at] = id;
        cellIds[at] = this.#moved[old++]!;
        kinds[at++] = RowKind.updateBefore;
      }
      keyIds[at] = id;
      cellIds[at] = id;
      kinds[at++] = isFirst ? RowKind.insert : RowKind.updateAfter;
    }
    return at;
  }

  #emit(first: number, count: number, isAppend: boolean): void {
    const ofKeys: Picked = { rows: this.#keyIds, first, count, missing: null };
    const ofCells: Picked = { rows: this.#cellIds, first, count, missing: null };
    const width = this.#node.keys.length;
    const columns: Column[] = this.#gatherers.map((gatherer, c) => {
      const source = this.#sources[c]!;
      return gatherer.take(this.#store.columns[source]!, source < width ? ofKeys : ofCells);
    });
    this.#output.emit({
      schema: this.#node.schema,
      rowCount: count,
      columns,
      rowKinds: isAppend ? null : this.#kinds.subarray(first, first + count),
      selection: null,
      selectionCount: count,
    });
  }
}
