import { type Column, eachOf, Gatherer, RowKind, type Schema } from '../../core/mod.ts';
import type { Output } from './operator.ts';

const PAIRS_MAX = 4096;

/**
 * Collects joined rows as pairs of indices, and writes them out column by column. One row of each pair comes
 * from the batch at hand, the other from what the other side keeps, so every column has one source.
 */
export class JoinOutput {
  readonly #schema: Schema;
  readonly #output: Output;
  readonly #gatherers: readonly Gatherer[];
  readonly #leftWidth: number;
  readonly #rows = new Int32Array(PAIRS_MAX);
  readonly #ids = new Int32Array(PAIRS_MAX);
  readonly #noRow = new Uint8Array(PAIRS_MAX);
  readonly #noId = new Uint8Array(PAIRS_MAX);
  readonly #kinds = new Uint8Array(PAIRS_MAX);
  #rowsMissing = false;
  #idsMissing = false;
  #changes = false;
  #count = 0;
  #batch: readonly Column[] = [];
  #kept: readonly Column[] = [];
  #batchIsLeft = true;

  /** `leftWidth` columns of the schema come from the left side, the others from the right. */
  constructor(schema: Schema, leftWidth: number, output: Output) {
    this.#schema = schema;
    this.#output = output;
    this.#leftWidth = leftWidth;
    this.#gatherers = schema.fields.map(f => new Gatherer(f.type));
  }

  /**
   * What the indices of the next pairs mean: rows of the batch (no columns when all of them are missing), ids
   * among the kept rows of the other side.
   */
  begin(batch: readonly Column[], kept: readonly Column[], batchIsLeft: boolean): void {
    this.#batch = batch;
    this.#kept = kept;
    this.#batchIsLeft = batchIsLeft;
  }

  /** Row `row` of the batch (-1 for nulls) beside the kept row `id` (0 for nulls). */
  pair(kind: number, row: number, id: number): void {
    if (this.#count === PAIRS_MAX) this.flush();
    const at = this.#count++;
    this.#rows[at] = row < 0 ? 0 : row;
    this.#ids[at] = id;
    this.#noRow[at] = row < 0 ? 1 : 0;
    this.#noId[at] = id === 0 ? 1 : 0;
    this.#kinds[at] = kind;
    if (row < 0) this.#rowsMissing = true;
    if (id === 0) this.#idsMissing = true;
    if (kind !== RowKind.insert) this.#changes = true;
  }

  /** Emit what was collected; call it before the batch or the kept rows change. */
  flush(): void {
    const count = this.#count;
    if (count === 0) return;
    const noRow = this.#rowsMissing ? this.#noRow : null;
    const noId = this.#idsMissing ? this.#noId : null;
    const kinds = this.#changes ? this.#kinds : null;
    this.#count = 0;
    this.#rowsMissing = false;
    this.#idsMissing = false;
    this.#changes = false;
    this.#emit(this.#rows, this.#ids, 0, count, noRow, noId, kinds);
  }

  /** Emit pairs that are there as arrays already, all insertions and without nulls. */
  emitPairs(rows: Int32Array, ids: Int32Array, count: number): void {
    this.flush();
    for (let first = 0; first < count; first += PAIRS_MAX) {
      this.#emit(rows, ids, first, Math.min(PAIRS_MAX, count - first), null, null, null);
    }
  }

  #emit(
    rows: Int32Array,
    ids: Int32Array,
    first: number,
    count: number,
    noRow: Uint8Array | null,
    noId: Uint8Array | null,
    rowKinds: Uint8Array | null,
  ): void {
    const ofBatch = { rows, first, count, missing: noRow };
    const ofKept = { rows: ids, first, count, missing: noId };
    const columns = eachOf(this.#gatherers, (gatherer, c) => {
      const isLeft = c < this.#leftWidth;
      const index = isLeft ? c : c - this.#leftWidth;
      const fromBatch = isLeft === this.#batchIsLeft;
      const source = fromBatch ? this.#batch[index] : this.#kept[index];
      return source === undefined
        ? gatherer.nulls(count)
        : gatherer.take(source, fromBatch ? ofBatch : ofKept);
    });
    this.#output.emit({
      schema: this.#schema,
      rowCount: count,
      columns,
      rowKinds,
      selection: null,
      selectionCount: count,
    });
  }
}
