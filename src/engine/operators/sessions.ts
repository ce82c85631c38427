import type { Batch, Field } from '../../core/mod.ts';
import { KeyedRows, type RowStore, type StateTables } from '../../state/mod.ts';
import { SessionTimers } from './session-timers.ts';
import type { WindowClock } from './window-clock.ts';

const [DOUBLE, INT] = [
  { kind: 'DOUBLE', nullable: false },
  { kind: 'INT', nullable: false },
] as const;

/** Cells of a session, at the front of its row: times, the next session of its key, its key. */
export const SESSION_FIELDS: readonly Field[] = [
  { name: 'start', type: DOUBLE },
  { name: 'end', type: DOUBLE },
  { name: 'next', type: INT },
  { name: 'key', type: INT },
];
const [START, END, NEXT, KEY] = [0, 1, 2, 3] as const;

/** The table of the keys that sessions are kept by. */
export const SESSION_KEYS = 'keys';

/** What sessions hold beside their times. */
export interface SessionContent {
  readonly store: RowStore;
  /** A new session, empty. */
  allocate(): number;
  release(id: number): void;
  /** Rows assigned before go in; then what `from` holds goes over to `into`. */
  merge(from: number, into: number): void;
}

/**
 * Sessions per key: stretches of rows with less than a gap between them, or exactly one. A row that comes
 * between two makes them one.
 */
export class Sessions {
  readonly keys: KeyedRows;
  readonly #gapMs: number;
  readonly #clock: WindowClock;
  readonly #content: SessionContent;
  readonly #headCell: number;
  readonly #timers: SessionTimers;

  constructor(
    state: StateTables,
    shape: { readonly gapMs: number; readonly key: readonly Field[]; readonly from: readonly number[] },
    clock: WindowClock,
    content: (table: string) => SessionContent,
  ) {
    const { gapMs, key, from } = shape;
    this.#gapMs = gapMs;
    this.#clock = clock;
    this.#headCell = key.length;
    this.#timers = new SessionTimers(gapMs);
    this.keys = new KeyedRows(state, SESSION_KEYS, {
      key: key.map((f, k) => ({ name: `key${k}`, type: f.type })),
      cells: [{ name: 'head', type: INT }],
      from,
      references: [{ column: key.length, table: 'groups' }],
    });
    this.keys.onAdd = id => {
      this.#heads[id] = 0;
    };
    this.#content = content('groups');
    state.onRestored(() => {
      const { store } = this.#content;
      this.#timers.clear();
      for (let id = 1; id < store.end; id++) if (store.live[id] === 1) this.#timers.add(id, this.ends[id]!);
    });
  }

  get #heads(): Int32Array {
    return (this.keys.store.columns[this.#headCell] as { values: Int32Array }).values;
  }
  #times(cell: number): Float64Array {
    return (this.#content.store.columns[cell] as { values: Float64Array }).values;
  }
  #links(cell: number): Int32Array {
    return (this.#content.store.columns[cell] as { values: Int32Array }).values;
  }
  get starts(): Float64Array {
    return this.#times(START);
  }
  get ends(): Float64Array {
    return this.#times(END);
  }
  /** The key of each session, a row of `keys`. */
  get keyOf(): Int32Array {
    return this.#links(KEY);
  }

  /**
   * Give each live row its session: `assigned` gets row and session, `late` the rows whose session would be
   * over. Sessions that become one are merged on the way.
   */
  assign(batch: Batch, assigned: (row: number, session: number) => void, late: (row: number) => void): void {
    const { selection, selectionCount } = batch;
    const keyIds = this.keys.findOrAdd(batch);
    const times = this.#clock.isEventTime ? this.#clock.times(batch) : null;
    const now = times === null ? this.#clock.now() : 0;
    const gap = this.#gapMs;
    const heads = this.#heads;
    this.#content.store.reserve(selectionCount);
    const [starts, ends, nexts] = [this.starts, this.ends, this.#links(NEXT)];
    let emptied = false;
    for (let k = 0; k < selectionCount; k++) {
      const row = selection === null ? k : selection[k]!;
      const key = keyIds[k]!;
      const time = times === null ? now : times[row]!;
      const head = heads[key]!;
      // Nearly always: the key's only session goes on.
      if (head !== 0 && nexts[head] === 0 && time <= ends[head]! && time + gap >= starts[head]!) {
        if (time < starts[head]!) starts[head] = time;
        if (time + gap > ends[head]!) ends[head] = time + gap;
        assigned(row, head);
        continue;
      }
      const session = this.#place(key, time);
      if (session !== 0) assigned(row, session);
      else {
        late(row);
        emptied ||= heads[key] === 0;
      }
    }
    if (emptied) this.#sweepKeys(keyIds, selectionCount);
  }

  /** The session of a time, made or merged; 0 when it would be over. */
  #place(key: number, time: number): number {
    let [start, end, into] = [time, time + this.#gapMs, 0];
    for (let id = this.#heads[key]!; id !== 0; ) {
      const next = this.#links(NEXT)[id]!;
      if (time <= this.ends[id]! && time + this.#gapMs >= this.starts[id]!) {
        start = Math.min(start, this.starts[id]!);
        end = Math.max(end, this.ends[id]!);
        if (into === 0) into = id;
        else {
          this.#content.merge(id, into);
          this.#remove(id);
        }
      }
      id = next;
    }
    if (into === 0) {
      if (this.#clock.isEventTime && this.#clock.isOver(end)) return 0;
      into = this.#content.allocate();
      this.#links(NEXT)[into] = this.#heads[key]!;
      this.keyOf[into] = key;
      this.#heads[key] = into;
      this.#timers.add(into, end);
    }
    this.starts[into] = start;
    this.ends[into] = end;
    return into;
  }

  /** Give out the sessions that are over, and forget them. */
  close(visit: (session: number) => void): void {
    const isOver = (end: number) => this.#clock.isOver(end);
    this.#timers.takeOver(isOver, this.ends, id => {
      visit(id);
      const key = this.keyOf[id]!;
      this.#remove(id);
      if (this.#heads[key] === 0) this.keys.remove(key);
    });
  }

  #remove(id: number): void {
    const [heads, nexts, key] = [this.#heads, this.#links(NEXT), this.keyOf[id]!];
    if (heads[key] === id) heads[key] = nexts[id]!;
    else {
      let before = heads[key]!;
      while (nexts[before] !== id) before = nexts[before]!;
      nexts[before] = nexts[id]!;
    }
    this.#timers.remove(id);
    this.#content.release(id);
  }

  /** Forget keys that got no session. */
  #sweepKeys(keyIds: Int32Array, count: number): void {
    for (let k = 0; k < count; k++) {
      const id = keyIds[k]!;
      if (this.keys.exists(id) && this.#heads[id] === 0) this.keys.remove(id);
    }
  }
}

/** References of a session's row beside that to its key. */
export const sessionReferences = (table: string) => [{ column: NEXT, table }];
export const SESSION_KEYED_BY = { table: SESSION_KEYS, column: KEY } as const;
