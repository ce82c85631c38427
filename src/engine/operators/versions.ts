import { type Batch, type Field, RowKind, type Schema, type TimestampColumn } from '../../core/mod.ts';
import { RowLists, type StateTables } from '../../state/mod.ts';
import { kindAt } from './join-side.ts';
import { TimeHeap } from './time-heap.ts';

const KIND: Field = { name: 'kind', type: { kind: 'INT', nullable: false } };

/**
 * The versions of a table's rows by key, each valid from its time on. A deletion is a version too. A version
 * that another has followed before the watermark is forgotten: no row in time can ask for it any more.
 */
export class Versions {
  readonly lists: RowLists;
  readonly #rowtime: number;
  readonly #started = new TimeHeap();
  #order = 0;

  constructor(state: StateTables, schema: Schema, keys: readonly number[], rowtime: number) {
    const sort = [{ column: rowtime, ascending: true, nullsLast: false }];
    this.lists = new RowLists(state, 'versions', { schema, keys, extra: [KIND], sort });
    this.#rowtime = rowtime;
    state.onRestored(() => this.#restoreHeap());
  }

  get #times(): Float64Array {
    return (this.lists.rows.columns[this.#rowtime] as TimestampColumn).millis;
  }
  get #kinds(): Int32Array {
    return (this.lists.extra(0) as { values: Int32Array }).values;
  }

  /** Take the versions of a batch; of two with one time the later to come counts. -U says nothing new. */
  add(batch: Batch, timeOf: (row: number) => number): void {
    const keys = this.lists.lookUp(batch, true);
    const { selection, selectionCount } = batch;
    for (let k = 0; k < selectionCount; k++) {
      const row = selection === null ? k : selection[k]!;
      const kind = kindAt(batch, row);
      if (kind !== RowKind.updateBefore) this.#add(keys[k]!, batch, row, kind, timeOf(row));
    }
    this.lists.sweepFound(selectionCount);
  }

  #add(key: number, batch: Batch, row: number, kind: number, time: number): void {
    const deletes = kind === RowKind.delete ? 1 : 0;
    const same = this.#lastUntil(key, time);
    if (same !== 0 && this.#times[same] === time) {
      this.lists.replace(same, batch.columns, row);
      this.#kinds[same] = deletes;
      return;
    }
    const id = this.lists.insert(key, batch.columns, row);
    this.#kinds[id] = deletes;
    this.#started.push(time, this.#order++, id);
  }

  /** The version of a key that is valid at a time; 0 when there is none or it is deleted. */
  at(key: number, time: number): number {
    const id = this.#lastUntil(key, time);
    return id !== 0 && this.#kinds[id] === 0 ? id : 0;
  }

  #lastUntil(key: number, time: number): number {
    const { previous } = this.lists;
    const times = this.#times;
    let id = this.lists.last(key);
    while (id !== 0 && times[id]! > time) id = previous[id]!;
    return id;
  }

  /** Forget what is over at the watermark. */
  expire(watermark: number): void {
    if (this.#started.time > watermark) return;
    while (this.#started.time <= watermark) this.#settle(this.#started.pop(), watermark);
    this.lists.sweep();
  }

  /** A version has begun: those before it are over, or it is itself when a later one has begun too. */
  #settle(id: number, watermark: number): void {
    const { next, previous } = this.lists;
    const behind = next[id]!;
    if (behind !== 0 && this.#times[behind]! <= watermark) {
      this.lists.remove(id);
      return;
    }
    for (let before = previous[id]!; before !== 0; before = previous[id]!) this.lists.remove(before);
    if (this.#kinds[id] === 1) this.lists.remove(id);
  }

  #restoreHeap(): void {
    this.#started.clear();
    const { live, end } = this.lists.rows;
    const times = this.#times;
    for (let id = 1; id < end; id++) if (live[id] === 1) this.#started.push(times[id]!, this.#order++, id);
  }
}
