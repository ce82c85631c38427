import { type Batch, type Column, eachOf, Gatherer, numbersOf, type Schema } from '../../core/mod.ts';
import type { RankNode } from '../../plan/mod.ts';
import { bigOf } from '../codegen/mod.ts';

/** Rows of a store, by their ids, that become a batch together: its strings are those of the store. */
export class PickedRows {
  readonly #schema: Schema;
  readonly #gatherers: readonly Gatherer[];
  readonly #withRank: boolean;
  #ids = new Int32Array(64);
  #kinds = new Uint8Array(64);
  #ranks = new BigInt64Array(64);
  #count = 0;

  constructor({ schema, input, withRank }: RankNode) {
    this.#schema = schema;
    this.#gatherers = input.schema.fields.map(f => new Gatherer(f.type));
    this.#withRank = withRank;
  }

  /** Add a row; returns how many there are. */
  add(kind: number, id: number, rank: number): number {
    if (this.#count === this.#ids.length) this.#grow();
    this.#ids[this.#count] = id;
    this.#kinds[this.#count] = kind;
    this.#ranks[this.#count] = bigOf(rank);
    return ++this.#count;
  }

  #grow(): void {
    const length = this.#count * 2;
    const grown = <T extends { set(from: T): void }>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.#ids = grown(this.#ids, new Int32Array(length));
    this.#kinds = grown(this.#kinds, new Uint8Array(length));
    this.#ranks = grown(this.#ranks, new BigInt64Array(length));
  }

  /** The rows so far, from the store's columns, borrowed until more are added; null for none. */
  take(store: readonly Column[]): Batch | null {
    const count = this.#count;
    if (count === 0) return null;
    this.#count = 0;
    const picked = { rows: this.#ids, first: 0, count, missing: null };
    const columns: Column[] = eachOf(this.#gatherers, (gatherer, c) => gatherer.take(store[c]!, picked));
    if (this.#withRank) columns.push(numbersOf('i64', null, this.#ranks));
    return {
      schema: this.#schema,
      rowCount: count,
      columns,
      rowKinds: this.#kinds,
      selection: null,
      selectionCount: count,
    };
  }
}
