import { assert, MillraceError, type Schema } from '../core/mod.ts';
import { BytesReader, BytesWriter, type SavedState } from './bytes.ts';
import type { KeyGroupRange } from './protocol/mod.ts';
import { redistribute, type SavedTable, type TableShape } from './redistribute.ts';
import { RowStore } from './row-store.ts';
import { isFlat } from './sealed-rows.ts';
import { UPKEEP, type Upkeep } from './upkeep.ts';

/**
 * What decides in which key group a row of a table is. Either the columns that hold the exchange key, in its
 * order (none: one global key), or the column with the id of a row of another table, whose group it shares.
 */
export type KeyedBy = readonly number[] | { readonly table: string; readonly column: number };

/** Column `column` holds ids of rows of `table` (0 for none), which change when state moves to other tasks. */
export interface Reference {
  readonly column: number;
  readonly table: string;
}

/** A small value kept beside the tables, as JSON. */
export interface StateValue {
  readonly read: () => unknown;
  readonly restore: (value: unknown) => void;
  /**
   * One value from those of several tasks, for when the parallelism changes: every new task gets it. See
   * `least`.
   */
  readonly merge: (values: readonly unknown[]) => unknown;
}

/** The rule for values such as watermarks: the least of all tasks' is true of their union. */
export const least = (values: readonly unknown[]): number => Math.min(...(values as readonly number[]));
/** The rule for marks that must stay above all that were given before. */
export const greatest = (values: readonly unknown[]): number => Math.max(...(values as readonly number[]));

/** For what goes with the rows, and for those that come until it is used again. */
const SPARE_BYTES = 1 << 16;

/**
 * The declared state of one operator: the only door to it. Everything declared is in the snapshot; after a
 * restore `onRestored` callbacks rebuild indexes.
 */
export class StateTables {
  readonly #tables = new Map<string, TableShape>();
  readonly #values = new Map<string, StateValue>();
  readonly #restored: (() => void)[] = [];
  #spare: Uint8Array | null = null;
  readonly #part: { readonly whole: StateTables; readonly prefix: string } | null;

  readonly upkeep: Upkeep;

  constructor(
    upkeep: Upkeep = UPKEEP,
    part: { readonly whole: StateTables; readonly prefix: string } | null = null,
  ) {
    this.upkeep = upkeep;
    this.#part = part;
  }

  /** These tables under names of its own, for a part of an operator that is there twice. */
  within(part: string): StateTables {
    return new StateTables(this.upkeep, { whole: this, prefix: `${part}/` });
  }

  /** Declare a table of rows. `references` are its columns with ids of rows, those of `keyedBy` included anyway. */
  table(name: string, schema: Schema, keyedBy: KeyedBy, references: readonly Reference[] = []): RowStore {
    return this.#declare(name, { store: new RowStore(schema, this.upkeep), keyedBy, references });
  }

  /**
   * Declare a table whose rows are never released and whose cells never change: a checkpoint stores only what
   * has come since the one before.
   */
  growingTable(name: string, schema: Schema, keyedBy: KeyedBy): RowStore {
    const store = new RowStore(schema, this.upkeep, isFlat(schema));
    return this.#declare(name, { store, keyedBy, references: [] });
  }

  #declare(name: string, { store, keyedBy, references }: TableShape): RowStore {
    if (this.#part !== null) {
      const { whole, prefix } = this.#part;
      const own = <T extends { readonly table: string }>(to: T): T => ({ ...to, table: prefix + to.table });
      const keyed = 'table' in keyedBy ? own(keyedBy) : keyedBy;
      return whole.#declare(prefix + name, { store, keyedBy: keyed, references: references.map(own) });
    }
    assert(!this.#tables.has(name), 'a table is declared once');
    const parent = 'table' in keyedBy ? [keyedBy] : [];
    this.#tables.set(name, { store, keyedBy, references: [...references, ...parent] });
    return store;
  }

  /** Declare a small plain value: `read` gives its JSON form, `restore` takes it back. */
  value(name: string, value: StateValue): void {
    if (this.#part !== null) this.#part.whole.value(this.#part.prefix + name, value);
    else this.#values.set(name, value);
  }

  onRestored(rebuild: () => void): void {
    if (this.#part !== null) this.#part.whole.onRestored(rebuild);
    else this.#restored.push(rebuild);
  }

  /** False for an operator without state. */
  get declared(): boolean {
    return this.#tables.size + this.#values.size > 0;
  }

  get byteLength(): number {
    let sum = 0;
    for (const { store } of this.#tables.values()) sum += store.byteLength;
    return sum;
  }

  get rows(): number {
    let sum = 0;
    for (const { store } of this.#tables.values()) sum += store.size;
    return sum;
  }

  /** A copy of everything declared, in one piece; the state may go on changing while it is stored. */
  snapshot(): Uint8Array {
    return this.#write(new BytesWriter(this.#memory(this.byteLength))).pieces[0]!;
  }

  /**
   * As `snapshot`, for who stores it in this process: what lasts is not copied. Give it back by `recycle`:
   * making memory known to the system anew takes longer than filling it.
   */
  save(): SavedState {
    let copied = 0;
    for (const { store } of this.#tables.values()) if (!store.onlyGrows) copied += store.byteLength;
    return this.#write(new BytesWriter(this.#memory(copied), true));
  }

  #memory(bytes: number): Uint8Array {
    const memory = this.#spare ?? new Uint8Array(bytes + SPARE_BYTES);
    this.#spare = null;
    return memory;
  }

  #write(out: BytesWriter): SavedState {
    const values = [...this.#values].map(([name, value]) => [name, value.read()]);
    out.text(JSON.stringify(Object.fromEntries(values)));
    out.int(this.#tables.size);
    for (const [name, { store }] of this.#tables) {
      out.text(name);
      store.snapshot(out);
    }
    return out.finish();
  }

  /** The memory of a snapshot, or of the first piece of what was saved, is free for the next one. */
  recycle(snapshot: Uint8Array): void {
    this.#spare = new Uint8Array(snapshot.buffer);
  }

  /** Take over what a task with the same key groups had. */
  restore(bytes: Uint8Array): void {
    const values = this.#read(bytes, name => this.#shape(name).store);
    for (const [name, value] of this.#values) if (name in values) value.restore(values[name]);
    for (const rebuild of this.#restored) rebuild();
  }

  /** Take over the rows in `groups` from the snapshots of all tasks that there were. */
  restoreShare(snapshots: readonly Uint8Array[], groups: KeyGroupRange): void {
    const values: Record<string, unknown>[] = [];
    for (const bytes of snapshots) {
      const saved = new Map<string, SavedTable>();
      const read = this.#read(bytes, name => {
        const shape = this.#shape(name);
        const store = new RowStore(shape.store.schema, this.upkeep, shape.store.onlyGrows);
        saved.set(name, { ...shape, store, target: shape.store });
        return store;
      });
      values.push(read);
      redistribute(saved, groups);
    }
    for (const [name, value] of this.#values) {
      const given = values.filter(v => name in v).map(v => v[name]);
      if (given.length > 0) value.restore(value.merge(given));
    }
    for (const rebuild of this.#restored) rebuild();
  }

  #shape(name: string): TableShape {
    const shape = this.#tables.get(name);
    if (shape !== undefined) return shape;
    throw new MillraceError('CHECKPOINT_FAILED', `The checkpoint has a table ${name} this plan has not.`);
  }

  /** Reads the tables of a snapshot into stores; returns the values. */
  #read(bytes: Uint8Array, storeOf: (name: string) => RowStore): Record<string, unknown> {
    const input = new BytesReader(bytes);
    const values = JSON.parse(input.text()) as Record<string, unknown>;
    for (let left = input.int(); left > 0; left--) storeOf(input.text()).restore(input);
    return values;
  }
}
