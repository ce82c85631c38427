import type { Batch, Schema } from '../../core/mod.ts';
import { RowLists, type RowStore, type StateTables } from '../../state/mod.ts';

const INT = { kind: 'INT', nullable: false } as const;
const [COUNT, MATCHES] = [0, 1];

/**
 * One input's rows, chained by key. Equal rows are one entry with a count where the input retracts; an
 * append-only input appends without looking. `matches` counts partners, for outer sides.
 */
export class JoinSide {
  readonly rows: RowStore;
  /** Ids of the keys of the live rows of the last `find`, in this side's table; 0 for none. */
  found = new Int32Array(0);
  readonly #lists: RowLists;
  readonly #probe: (batch: Batch, out: Int32Array, nullable: boolean) => void;
  readonly #retracts: boolean;
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
    const extra = ['count', 'matches'].map(n => ({ name: n, type: INT }));
    this.#lists = new RowLists(state, name, { schema, keys, extra });
    this.rows = this.#lists.rows;
    this.#probe = this.#lists.keyTable.prober(probeKeys);
    this.#retracts = retracts;
  }

  #extra(k: number): Int32Array {
    return (this.#lists.extra(k) as { values: Int32Array }).values;
  }
  get next(): Int32Array {
    return this.#lists.next;
  }
  get counts(): Int32Array {
    return this.#extra(COUNT!);
  }
  get matches(): Int32Array {
    return this.#extra(MATCHES!);
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
    this.#probe(batch, this.found, false);
  }

  /** First row of a key, 0 for none. Follow `next`. */
  head(key: number): number {
    return this.#lists.first(key);
  }

  #keyOf(batch: Batch, row: number, add: boolean): number {
    this.#row[0] = row;
    return this.#lists.lookUp({ ...batch, selection: this.#row, selectionCount: 1 }, add)[0]!;
  }

  /** Keep a row; `matches` partners are known. */
  add(batch: Batch, row: number, matches: number): void {
    const key = this.#keyOf(batch, row, true);
    if (this.#retracts) {
      const same = this.#lists.findEqual(key, batch.columns, row);
      if (same !== 0) {
        this.counts[same]! += 1;
        return;
      }
    }
    const id = this.#lists.insert(key, batch.columns, row);
    this.counts[id] = 1;
    this.matches[id] = matches;
  }

  /** Forget one copy of a row. False when it is not there. */
  remove(batch: Batch, row: number): boolean {
    const id = this.#lists.findEqual(this.#keyOf(batch, row, false), batch.columns, row);
    if (id === 0) return false;
    this.counts[id]! -= 1;
    if (this.counts[id] !== 0) return true;
    this.#lists.remove(id);
    this.#lists.sweep();
    return true;
  }
}
