import {
  assert,
  type Batch,
  type Field,
  RowKind,
  type Schema,
  scatter,
  type TimestampColumn,
} from '../../core/mod.ts';
import type { JoinReach } from '../../plan/mod.ts';
import {
  compileCopy,
  compileEqual,
  KeyHashes,
  type PairFinder,
  type Pairs,
  RowIndex,
  type RowStore,
} from '../../state/mod.ts';

import { Expiry, WRITTEN } from './expiry.ts';
import type { OperatorContext } from './operator.ts';

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
  /** A unique key with all join keys in it, where an update comes without the row it replaces; else null. */
  readonly keptBy: readonly number[] | null;
  /** The number of each row's partners is kept. */
  readonly countsMatches: boolean;
  /** Its rows are emitted without a partner too. */
  readonly outer: boolean;
  /** Rows not written for this long are forgotten; null for never. */
  readonly ttlMs: number | null;
  /** Rows that nothing to come matches any more; null where there are none known. */
  readonly reach: JoinReach | null;
}

/** One input's rows, found by key; where they may be taken back, by all their columns too. */
export class JoinSide {
  readonly rows: RowStore;
  readonly outer: boolean;
  readonly retracts: boolean;
  readonly countsMatches: boolean;
  /** Of this side's own live rows, by the last `read`. */
  readonly own: KeyHashes;
  readonly #index: RowIndex;
  readonly #find: PairFinder;
  readonly #same: SameRows | null;
  /** A row that comes takes the place of the one with its key. */
  readonly replaces: boolean;
  readonly #schema: Schema;
  readonly #rowsMin: number;
  readonly #keptKeys: KeyHashes;
  readonly #copy: ReturnType<typeof compileCopy>;
  readonly #width: number;
  readonly #expiry: Expiry | null;
  readonly #reach: JoinReach | null;
  /** Rows that were left when they were last looked through. */
  #reachable = 0;
  #ids = new Int32Array(0);
  #from = new Int32Array(0);
  #hashes = new Int32Array(0);

  constructor(context: OperatorContext, options: JoinSideOptions) {
    const { state } = context;
    const { schema, keys, retracts, countsMatches } = options;
    const types = schema.fields.map(f => f.type);
    const all = [...types.keys()];
    const extra: Field[] = [];
    if (retracts) extra.push({ name: 'count', type: INT });
    if (options.ttlMs !== null) extra.push(WRITTEN);
    if (countsMatches) extra.push({ name: 'matches', type: INT });
    const cells = schema.fields.map((f, k) => ({ name: `c${k}`, type: f.type }));
    const kept = { fields: [...cells, ...extra] };
    const onlyGrows = extra.length === 0 && options.reach === null;
    this.rows = onlyGrows
      ? state.growingTable(options.name, kept, keys)
      : state.table(options.name, kept, keys);
    this.outer = options.outer;
    this.retracts = retracts;
    this.countsMatches = countsMatches;
    this.#width = cells.length;
    const keyTypes = keys.map(c => types[c]!);
    this.own = new KeyHashes(keyTypes, keys, options.nullsJoin);
    this.#keptKeys = new KeyHashes(keyTypes, keys, options.nullsJoin);
    this.#index = new RowIndex(this.rows, keys);
    this.#find = this.#index.finder(options.otherKeys);
    this.replaces = retracts && options.keptBy !== null;
    this.#same = retracts ? new SameRows(this.rows, options.keptBy ?? all) : null;
    this.#schema = schema;
    this.#rowsMin = state.upkeep.rowsMin;
    this.#copy = compileCopy(types, all, all);
    const column = cells.length + (retracts ? 1 : 0);
    this.#expiry =
      options.ttlMs === null
        ? null
        : new Expiry(context, options.ttlMs, this.rows, column, id => this.#forget(id));
    this.#reach = options.ttlMs === null && !retracts ? options.reach : null;
    state.onRestored(() => {
      this.#reachable = 0;
      this.#index.rebuild();
      this.#same?.rebuild();
    });
  }

  /** Rows are forgotten after some time. */
  get expires(): boolean {
    return this.#expiry !== null;
  }

  /** How often each row is there; null where it is once. Fetch again after an insertion. */
  get counts(): Int32Array | null {
    return this.retracts ? (this.rows.columns[this.#width] as { values: Int32Array }).values : null;
  }
  /** How many partners each row has; only where they are counted. */
  get matches(): Int32Array {
    return (this.rows.columns.at(-1) as { values: Int32Array }).values;
  }

  /** The pairs of the other side's rows with rows of this one: see PairFinder. */
  find(batch: Batch, keys: KeyHashes, from: number, limit: number, out: Pairs): number {
    return this.#find(this.#index, batch, keys, from, limit, out);
  }

  /** Keep all rows of a batch that can join: for a side that takes none back. `matches` by position. */
  addAll(batch: Batch, matches: Int32Array): void {
    const { selection, selectionCount } = batch;
    const { hashes, joins } = this.own;
    this.#reserve(selectionCount);
    if (this.#ids.length < selectionCount) {
      this.#ids = new Int32Array(selectionCount * 2);
      this.#from = new Int32Array(selectionCount * 2);
      this.#hashes = new Int32Array(selectionCount * 2);
    }
    const [ids, from, kept] = [this.#ids, this.#from, this.#hashes];
    let n = 0;
    for (let k = 0; k < selectionCount; k++) {
      if (joins[k] === 0) continue;
      kept[n] = hashes[k]!;
      from[n++] = selection === null ? k : selection[k]!;
    }
    this.rows.allocateAll(n, ids);
    this.#index.addAll(ids, kept, n);
    this.#expiry?.writeAll(ids, n);
    if (this.countsMatches) this.#keepMatches(matches, selectionCount);
    for (let c = 0; c < this.#width; c++) {
      scatter(batch.columns[c]!, this.#from, n, this.rows.columns[c]!, this.#ids);
    }
  }

  /** The partners of the rows kept last. */
  #keepMatches(matches: Int32Array, count: number): void {
    const kept = this.matches;
    const { joins } = this.own;
    let n = 0;
    for (let k = 0; k < count; k++) if (joins[k] === 1) kept[this.#ids[n++]!] = matches[k]!;
  }

  #reserve(rows: number): void {
    this.rows.reserve(rows);
    this.#index.reserve(rows);
    this.#same?.reserve(rows);
  }

  /** Keep a row, the k-th of the batch read last; `matches` partners are known. */
  add(k: number, batch: Batch, row: number, matches: number): void {
    const same = this.#same;
    assert(same !== null, 'a side that takes nothing back keeps whole batches');
    const known = same.find(batch, row);
    if (known !== 0) {
      this.counts![known]! += 1;
      this.#expiry?.write(known);
      return;
    }
    this.#reserve(1);
    const id = this.rows.allocate();
    this.#copy(batch.columns, row, this.rows.columns, id);
    this.#index.add(id, this.own.hashes[k]!);
    same.add(id, batch, row);
    this.counts![id] = 1;
    this.#expiry?.write(id);
    if (this.countsMatches) this.matches[id] = matches;
  }

  /** The kept row in whose place a row comes, 0 for none. */
  replaced(batch: Batch, row: number): number {
    return this.#same?.find(batch, row) ?? 0;
  }

  /** A row takes the place of kept row `id`, of the same keys, with `matches` partners. */
  replace(id: number, batch: Batch, row: number, matches: number): void {
    this.#reserve(0);
    for (let c = 0; c < this.#width; c++) this.rows.dropBytes(c, id);
    this.#copy(batch.columns, row, this.rows.columns, id);
    this.#expiry?.write(id);
    if (this.countsMatches) this.matches[id] = matches;
  }

  /** Kept row `id` as a batch of one, borrowed until this side changes. */
  kept(id: number): Batch {
    const { columns, end } = this.rows;
    const selection = Int32Array.of(id);
    return { schema: this.#schema, rowCount: end, columns, rowKinds: null, selection, selectionCount: 1 };
  }

  /** The join keys of what `kept` gave. */
  keysOf(kept: Batch): KeyHashes {
    this.#keptKeys.read(kept);
    return this.#keptKeys;
  }

  /** Forget one copy of a row. False when it is not there. */
  remove(batch: Batch, row: number): boolean {
    const id = this.#same?.find(batch, row) ?? 0;
    if (id === 0) return false;
    const counts = this.counts!;
    if (counts[id]! > 1) {
      counts[id]! -= 1;
      return true;
    }
    this.#forget(id);
    return true;
  }

  #forget(id: number): void {
    this.#index.remove(id);
    this.#same?.remove(id);
    this.rows.release(id);
  }

  /** Forget the rows whose time is over, without a change sent. */
  expire(nowMs?: number): void {
    this.#expiry?.sweep(nowMs);
  }

  /**
   * The other input's event time is `watermark`: forget the rows that none of its rows to come can match. All
   * are looked through, but only when there may be twice as many as are left.
   */
  forgetUnreachable(watermark: number): void {
    const { rows } = this;
    if (this.#reach === null || rows.size < this.#rowsMin + this.#reachable * 2) return;
    const { column, keptForMs } = this.#reach;
    const { millis, nulls } = rows.columns[column] as TimestampColumn;
    const { live, end } = rows;
    for (let id = 1; id < end; id++) {
      if (live[id] === 1 && nulls![id] === 0 && millis[id]! + keptForMs <= watermark) rows.release(id);
    }
    this.#reachable = rows.size;
    this.#index.relink();
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

/**
 * Rows by all their columns, or by a unique key: finds the one that a change means among many of one join
 * key.
 */
class SameRows {
  readonly #index: RowIndex;
  readonly #hash: ReturnType<RowIndex['hasher']>;
  readonly #equal: ReturnType<typeof compileEqual>;

  constructor(rows: RowStore, columns: readonly number[]) {
    const types = columns.map(c => rows.schema.fields[c]!.type);
    this.#index = new RowIndex(rows, columns);
    this.#hash = this.#index.hasher(columns);
    this.#equal = compileEqual(types, columns, columns);
  }

  reserve(rows: number): void {
    this.#index.reserve(rows);
  }
  rebuild(): void {
    this.#index.rebuild();
  }
  remove(id: number): void {
    this.#index.remove(id);
  }
  add(id: number, batch: Batch, row: number): void {
    this.#index.add(id, this.#hash(batch.columns, row));
  }

  /** The row equal to one of a batch, 0 for none. */
  find(batch: Batch, row: number): number {
    const { buckets, next, hashes, store } = this.#index;
    const hash = this.#hash(batch.columns, row);
    let id = buckets[hash & (buckets.length - 1)]!;
    while (id !== 0 && (hashes[id] !== hash || !this.#equal(store.columns, id, batch.columns, row))) {
      id = next[id]!;
    }
    return id;
  }
}

/** The row kinds of a batch; insertions where it has none. */
export const kindAt = (batch: Batch, row: number): number =>
  batch.rowKinds === null ? RowKind.insert : batch.rowKinds[row]!;
