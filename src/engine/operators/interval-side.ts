import type { Batch, Column, Field, Schema, TimestampColumn } from '../../core/mod.ts';
import { RowLists, type StateTables } from '../../state/mod.ts';
import { TimeHeap } from './time-heap.ts';

/** How one input of an interval join is kept. */
export interface IntervalSideOptions {
  readonly name: string;
  readonly schema: Schema;
  readonly keys: readonly number[];
  readonly otherKeys: readonly number[];
  /** Its event time column; null by processing time. */
  readonly rowtime: number | null;
  /** Rows that never met a partner are emitted when they expire. */
  readonly outer: boolean;
  /** Row is kept until time + this is over. */
  readonly keptForMs: number;
}

const TIME: Field = { name: 'time', type: { kind: 'DOUBLE', nullable: false } };
const MATCHED: Field = { name: 'matched', type: { kind: 'INT', nullable: false } };

/** The rows of one input of an interval join: in lists by key, each with its time, and all by time. */
export class IntervalSide {
  readonly lists: RowLists;
  readonly outer: boolean;
  readonly keptForMs: number;
  readonly keys: readonly number[];
  readonly #rowtime: number | null;
  readonly #probe: (batch: Batch, out: Int32Array, nullable: boolean) => void;
  readonly #waiting = new TimeHeap();
  #order = 0;
  /** Keys of the other side's live rows, by the last `find`. */
  found = new Int32Array(0);

  constructor(state: StateTables, options: IntervalSideOptions) {
    const { name, schema, keys, rowtime, outer } = options;
    const extra = outer ? [TIME, MATCHED] : [TIME];
    const sort =
      rowtime === null ? undefined : [{ column: rowtime, ascending: true, nullsLast: false } as const];
    this.lists = new RowLists(
      state,
      name,
      sort === undefined ? { schema, keys, extra } : { schema, keys, extra, sort },
    );
    this.outer = outer;
    this.keptForMs = options.keptForMs;
    this.keys = keys;
    this.#rowtime = rowtime;
    this.#probe = this.lists.keyTable.prober(options.otherKeys);
    state.onRestored(() => this.#restoreHeap());
  }

  get times(): Float64Array {
    return (this.lists.extra(0) as { values: Float64Array }).values;
  }
  get matched(): Int32Array {
    return (this.lists.extra(1) as { values: Int32Array }).values;
  }

  /** The event time of a row of a batch; null where it has none. */
  timeOf(columns: readonly Column[], row: number): number | null {
    const { millis, nulls } = columns[this.#rowtime!] as TimestampColumn;
    return nulls !== null && nulls[row] === 1 ? null : millis[row]!;
  }

  /** Look up the other side's rows by their keys. */
  find(batch: Batch, nullable: boolean): void {
    const count = batch.selectionCount;
    if (this.found.length < count) this.found = new Int32Array(count * 2);
    this.#probe(batch, this.found, nullable);
  }

  keep(key: number, batch: Batch, row: number, time: number, isMatched: boolean): void {
    const id = this.lists.insert(key, batch.columns, row);
    this.times[id] = time;
    if (this.outer) this.matched[id] = isMatched ? 1 : 0;
    this.#waiting.push(time, this.#order++, id);
  }

  /** The rows whose time is over at `now`, by time. `forget` takes them out. */
  expired(now: number): readonly number[] {
    const ids: number[] = [];
    while (this.#waiting.time + this.keptForMs < now) ids.push(this.#waiting.pop());
    return ids;
  }

  forget(ids: readonly number[]): void {
    for (const id of ids) this.lists.remove(id);
    this.lists.sweep();
  }

  #restoreHeap(): void {
    this.#waiting.clear();
    const { live, end } = this.lists.rows;
    for (let id = 1; id < end; id++) {
      if (live[id] === 1) this.#waiting.push(this.times[id]!, this.#order++, id);
    }
  }
}
