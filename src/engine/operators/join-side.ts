import type { Batch, Field, Schema } from '../../core/mod.ts';
import { compileCopy, compileEqual, KeyTable, type RowStore, type StateTables } from '../../state/mod.ts';

const INT = { kind: 'INT', nullable: false } as const;

/**
 * One input's rows, chained by key. Equal rows are one entry with a count where the input retracts; an
 * append-only input appends without looking. `matches` counts partners, for outer sides.
 */
export class JoinSide {
  readonly rows: RowStore;
  readonly keys: KeyTable;
  /** Ids of the keys of the live rows of the last `find`, in this side's table; 0 for none. */
  found = new Int32Array(0);
  readonly #keyStore: RowStore;
  readonly #width: number;
  readonly #copy: ReturnType<typeof compileCopy>;
  readonly #equal: ReturnType<typeof compileEqual>;
  readonly #retracts: boolean;
  readonly #one = new Int32Array(1);
  readonly #row = new Int32Array(1);

  /** `probeKeys` are the other side's key columns, by which it looks rows up here. */
  constructor(
    state: StateTables,
    name: string,
    schema: Schema,
    keys: readonly number[],
    probeKeys: readonly number[],
    retracts: boolean,
  ) {
    const keyFields: Field[] = keys.map((c, k) => ({ name: `key${k}`, type: schema.fields[c]!.type }));
    this.#keyStore = state.table(`${name} keys`, { fields: [...keyFields, { name: 'head', type: INT }] });
    const links = ['next', 'previous', 'count', 'matches', 'key'].map(n => ({ name: n, type: INT }));
    const fields = schema.fields.map((f, k) => ({ name: `c${k}`, type: f.type }));
    this.rows = state.table(`${name} rows`, { fields: [...fields, ...links] });
    this.#width = fields.length;
    const storeKeys = [...keys.keys()];
    this.keys = new KeyTable(this.#keyStore, storeKeys, keys);
    this.#probe = new KeyTable(this.#keyStore, storeKeys, probeKeys);
    this.keys.onAdd = id => {
      this.#heads[id] = 0;
    };
    state.onRestored(() => this.keys.reindex());
    const types = fields.map(f => f.type);
    const all = [...types.keys()];
    this.#copy = compileCopy(types, all, all);
    this.#equal = compileEqual(types, all, all);
    this.#retracts = retracts;
  }
  readonly #probe: KeyTable;

  get #heads(): Int32Array {
    return (this.#keyStore.columns.at(-1) as { values: Int32Array }).values;
  }
  #link(k: number): Int32Array {
    return (this.rows.columns[this.#width + k] as { values: Int32Array }).values;
  }
  get next(): Int32Array {
    return this.#link(0);
  }
  get counts(): Int32Array {
    return this.#link(2);
  }
  get matches(): Int32Array {
    return this.#link(3);
  }

  /** Count a partner that came or went. Returns how many there are now. */
  addMatch(id: number, delta: number): number {
    return (this.matches[id]! += delta);
  }

  /** Rows that some entries stand for. */
  copiesOf(ids: Int32Array, count: number): number {
    let sum = 0;
    for (let k = 0; k < count; k++) sum += this.counts[ids[k]!]!;
    return sum;
  }

  /** Look up the keys of the other side's rows. */
  find(batch: Batch): void {
    if (this.found.length < batch.selectionCount) this.found = new Int32Array(batch.selectionCount * 2);
    // Both tables index the same keys: the probing one reads them from the other input's columns.
    this.#probe.buckets = this.keys.buckets;
    this.#probe.hashes = this.keys.hashes;
    this.#probe.find(batch, this.found, false);
  }

  /** First row of a key, 0 for none. Follow `next`. */
  head(key: number): number {
    return key === 0 ? 0 : this.#heads[key]!;
  }

  #keyOf(batch: Batch, row: number, add: boolean): number {
    this.#row[0] = row;
    const single = { ...batch, selection: this.#row, selectionCount: 1 };
    if (add) this.keys.findOrAdd(single, this.#one);
    else this.keys.find(single, this.#one, true);
    return this.#one[0]!;
  }

  /** Keep a row; `matches` partners are known. */
  add(batch: Batch, row: number, matches: number): void {
    const key = this.#keyOf(batch, row, true);
    this.rows.reserve(1);
    if (this.#retracts) {
      for (let id = this.head(key); id !== 0; id = this.next[id]!) {
        if (!this.#equal(this.rows.columns, id, batch.columns, row)) continue;
        this.counts[id]! += 1;
        return;
      }
    }
    const id = this.rows.allocate();
    this.#copy(batch.columns, row, this.rows.columns, id);
    const head = this.#heads[key]!;
    this.next[id] = head;
    this.#link(1)[id] = 0;
    if (head !== 0) this.#link(1)[head] = id;
    this.counts[id] = 1;
    this.matches[id] = matches;
    this.#link(4)[id] = key;
    this.#heads[key] = id;
  }

  /** Forget one copy of a row. False when it is not there. */
  remove(batch: Batch, row: number): boolean {
    const key = this.#keyOf(batch, row, false);
    for (let id = this.head(key); id !== 0; id = this.next[id]!) {
      if (!this.#equal(this.rows.columns, id, batch.columns, row)) continue;
      this.counts[id]! -= 1;
      if (this.counts[id] === 0) this.#unlink(id);
      return true;
    }
    return false;
  }

  #unlink(id: number): void {
    const [next, previous, key] = [this.next[id]!, this.#link(1)[id]!, this.#link(4)[id]!];
    if (next !== 0) this.#link(1)[next] = previous;
    if (previous !== 0) this.next[previous] = next;
    else this.#heads[key] = next;
    this.rows.release(id);
    if (this.#heads[key] === 0) this.keys.remove(key);
  }
}
