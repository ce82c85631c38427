import { type Batch, type Field, RowKind, type Schema } from '../../core/mod.ts';
import { RowLists, type StateTables } from '../../state/mod.ts';

const INT = { kind: 'INT', nullable: false } as const;

/** How one input of a join is kept. */
export interface JoinSideOptions {
  readonly name: string;
  readonly schema: Schema;
  readonly keys: readonly number[];
  /** The other side's key columns, by which its rows look up this side. */
  readonly otherKeys: readonly number[];
  /** Per key column: null joins null. */
  readonly nullsJoin: readonly boolean[];
  /** Rows may be taken back: equal rows are one entry with a count. */
  readonly retracts: boolean;
  /** The number of each row's partners is kept. */
  readonly countsMatches: boolean;
  /** Its rows are emitted without a partner too. */
  readonly outer: boolean;
}

/** One input's rows, in lists by key. */
export class JoinSide {
  readonly lists: RowLists;
  readonly outer: boolean;
  readonly retracts: boolean;
  /** Keys in this side's lists of the other side's live rows, by the last `find`; 0 for none. */
  found = new Int32Array(0);
  /** Keys of this side's own live rows, by the last `ownKeys`; 0 for a row that can't join. */
  keys = new Int32Array(0);
  readonly #options: JoinSideOptions;
  readonly #probe: (batch: Batch, out: Int32Array, nullable: boolean) => void;
  #selected = new Int32Array(0);

  constructor(state: StateTables, options: JoinSideOptions) {
    const { name, schema, keys, retracts, countsMatches } = options;
    const extra: Field[] = [];
    if (retracts) extra.push({ name: 'count', type: INT });
    if (countsMatches) extra.push({ name: 'matches', type: INT });
    this.#options = options;
    this.outer = options.outer;
    this.retracts = retracts;
    this.lists = new RowLists(state, name, { schema, keys, extra });
    this.#probe = this.lists.keyTable.prober(options.otherKeys);
  }

  /** How often each row is there; null where it is once. Fetch again after an insertion. */
  get counts(): Int32Array | null {
    return this.retracts ? (this.lists.extra(0) as { values: Int32Array }).values : null;
  }
  /** How many partners each row has; only where they are counted. */
  get matches(): Int32Array {
    return (this.lists.extra(this.retracts ? 1 : 0) as { values: Int32Array }).values;
  }
  get countsMatches(): boolean {
    return this.#options.countsMatches;
  }

  /** Look up the other side's rows. Without keys there is one list that all rows meet. */
  find(batch: Batch): void {
    const count = batch.selectionCount;
    if (this.found.length < count) this.found = new Int32Array(count * 2);
    const { nullsJoin, otherKeys } = this.#options;
    const nullable = nullsJoin.includes(true);
    this.#probe(batch, this.found, nullable);
    if (!nullable || !nullsJoin.includes(false)) return;
    const strict = otherKeys.filter((_, k) => !nullsJoin[k]);
    forEachNull(batch, strict, k => {
      this.found[k] = 0;
    });
  }

  /** The keys of this side's own rows, added where missing. */
  ownKeys(batch: Batch): void {
    const count = batch.selectionCount;
    if (this.keys.length < count) this.keys = new Int32Array(count * 2);
    const { keys, nullsJoin } = this.#options;
    const strict = keys.filter((_, k) => !nullsJoin[k]);
    const { keys: target } = this;
    let nulls = 0;
    target.fill(1, 0, count);
    forEachNull(batch, strict, k => {
      nulls += target[k]!;
      target[k] = 0;
    });
    if (nulls === 0) {
      target.set(this.lists.lookUp(batch, true).subarray(0, count));
      return;
    }
    const found = this.lists.lookUp(this.#withKeys(batch, nulls), true);
    let n = 0;
    for (let k = 0; k < count; k++) if (target[k] !== 0) target[k] = found[n++]!;
  }

  #withKeys(batch: Batch, nulls: number): Batch {
    const { selection, selectionCount } = batch;
    if (this.#selected.length < selectionCount) this.#selected = new Int32Array(selectionCount * 2);
    let n = 0;
    for (let k = 0; k < selectionCount; k++) {
      if (this.keys[k] !== 0) this.#selected[n++] = selection === null ? k : selection[k]!;
    }
    return { ...batch, selection: this.#selected, selectionCount: selectionCount - nulls };
  }

  /** Keep a row under a key of `ownKeys`; `matches` partners are known. */
  add(key: number, batch: Batch, row: number, matches: number): void {
    const same = this.retracts ? this.lists.findEqual(key, batch.columns, row) : 0;
    if (same !== 0) {
      this.counts![same]! += 1;
      return;
    }
    const id = this.lists.insert(key, batch.columns, row);
    if (this.retracts) this.counts![id] = 1;
    if (this.countsMatches) this.matches[id] = matches;
  }

  /** Forget one copy of a row. False when it is not there. */
  remove(key: number, batch: Batch, row: number): boolean {
    const id = this.lists.findEqual(key, batch.columns, row);
    if (id === 0) return false;
    const { counts } = this;
    if (counts !== null && counts[id]! > 1) counts[id]! -= 1;
    else this.lists.remove(id);
    return true;
  }

  /** Rows that some entries stand for. */
  copiesOf(ids: Int32Array, from: number, to: number): number {
    const { counts } = this;
    if (counts === null) return to - from;
    let sum = 0;
    for (let p = from; p < to; p++) sum += counts[ids[p]!]!;
    return sum;
  }
}

/** Calls `visit` with the position of each live row that is null in one of the columns. */
function forEachNull(batch: Batch, columns: readonly number[], visit: (k: number) => void): void {
  const { selection, selectionCount } = batch;
  for (const c of columns) {
    const { nulls } = batch.columns[c]!;
    if (nulls === null) continue;
    for (let k = 0; k < selectionCount; k++) {
      if (nulls[selection === null ? k : selection[k]!] === 1) visit(k);
    }
  }
}

/** The row kinds of a batch; insertions where it has none. */
export const kindAt = (batch: Batch, row: number): number =>
  batch.rowKinds === null ? RowKind.insert : batch.rowKinds[row]!;
