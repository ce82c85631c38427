import { MillraceError, type Schema } from '../core/mod.ts';
import { BytesReader, BytesWriter, joinChunks } from './bytes.ts';
import { RowStore } from './row-store.ts';

/** A small value kept beside the tables, as JSON. */
interface StateValue {
  readonly read: () => unknown;
  readonly restore: (value: unknown) => void;
}

/**
 * The declared state of one operator: the only door to it. Everything declared is in the snapshot; after a
 * restore `onRestored` callbacks rebuild indexes.
 */
export class StateTables {
  readonly #stores = new Map<string, RowStore>();
  readonly #values = new Map<string, StateValue>();
  readonly #restored: (() => void)[] = [];

  /** Declare a table of rows. */
  table(name: string, schema: Schema): RowStore {
    const store = new RowStore(schema);
    this.#stores.set(name, store);
    return store;
  }

  /** Declare a small plain value: `read` gives its JSON form, `restore` takes it back. */
  value(name: string, value: StateValue): void {
    this.#values.set(name, value);
  }

  onRestored(rebuild: () => void): void {
    this.#restored.push(rebuild);
  }

  /** False for an operator without state. */
  get declared(): boolean {
    return this.#stores.size + this.#values.size > 0;
  }

  get byteLength(): number {
    let sum = 0;
    for (const store of this.#stores.values()) sum += store.byteLength;
    return sum;
  }

  get rows(): number {
    let sum = 0;
    for (const store of this.#stores.values()) sum += store.size;
    return sum;
  }

  /** A copy of everything declared; the state may go on changing while it is stored. */
  snapshot(): Uint8Array {
    const out = new BytesWriter();
    const values = [...this.#values].map(([name, value]) => [name, value.read()]);
    out.text(JSON.stringify(Object.fromEntries(values)));
    out.int(this.#stores.size);
    for (const [name, store] of this.#stores) {
      out.text(name);
      store.snapshot(out);
    }
    return joinChunks(out.chunks);
  }

  restore(bytes: Uint8Array): void {
    const input = new BytesReader(bytes);
    const values = JSON.parse(input.text()) as Record<string, unknown>;
    for (const [name, value] of this.#values) if (name in values) value.restore(values[name]);
    for (let left = input.int(); left > 0; left--) {
      const name = input.text();
      const store = this.#stores.get(name);
      if (store === undefined) {
        throw new MillraceError('CHECKPOINT_FAILED', `The checkpoint has a table ${name} this plan has not.`);
      }
      store.restore(input);
    }
    for (const rebuild of this.#restored) rebuild();
  }
}
