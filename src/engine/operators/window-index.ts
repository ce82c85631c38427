import type { Aggregation } from './aggregation.ts';

/**
 * The open windows in the order of their starts, each with the chain of its groups. Windows are few, groups
 * many: only the chain's links lie in the state, the rest is rebuilt from it.
 */
export class WindowIndex {
  readonly #groups: Aggregation;
  readonly #startColumn: number;
  readonly #nextColumn: number;
  readonly #heads = new Map<number, number>();
  /** Descending, so that the first window is popped from the end. */
  #starts: number[] = [];
  /** Groups that are in a chain. */
  #linked = new Uint8Array(16);

  constructor(groups: Aggregation, startColumn: number, nextColumn: number) {
    this.#groups = groups;
    this.#startColumn = startColumn;
    this.#nextColumn = nextColumn;
  }

  /** Put those of the looked-up groups that are new into their windows' chains. */
  link(ids: Int32Array, count: number): void {
    const { store } = this.#groups;
    if (this.#linked.length < store.live.length) {
      const grown = new Uint8Array(store.live.length);
      grown.set(this.#linked);
      this.#linked = grown;
    }
    for (let k = 0; k < count; k++) if (this.#linked[ids[k]!] === 0) this.#add(ids[k]!);
  }

  #add(id: number): void {
    const { columns } = this.#groups.store;
    const start = (columns[this.#startColumn] as { values: Float64Array }).values[id]!;
    const next = (columns[this.#nextColumn] as { values: Int32Array }).values;
    const head = this.#heads.get(start);
    if (head === undefined) this.#insert(start);
    next[id] = head ?? 0;
    this.#heads.set(start, id);
    this.#linked[id] = 1;
  }

  #insert(start: number): void {
    let at = this.#starts.length;
    while (at > 0 && this.#starts[at - 1]! < start) at--;
    this.#starts.splice(at, 0, start);
  }

  /** Start of the first open window, null when none is open. */
  first(): number | null {
    return this.#starts.at(-1) ?? null;
  }

  /** Close the first window: its groups in the order they came. */
  take(): number[] {
    const start = this.#starts.pop()!;
    const next = (this.#groups.store.columns[this.#nextColumn] as { values: Int32Array }).values;
    const ids: number[] = [];
    for (let id = this.#heads.get(start) ?? 0; id !== 0; id = next[id]!) {
      this.#linked[id] = 0;
      ids.push(id);
    }
    this.#heads.delete(start);
    return ids.reverse();
  }

  /** From the store's rows, after a restore. */
  rebuild(): void {
    const { store } = this.#groups;
    this.#heads.clear();
    this.#starts = [];
    this.#linked = new Uint8Array(store.live.length);
    for (let id = 1; id < store.end; id++) if (store.live[id] === 1) this.#add(id);
  }
}
