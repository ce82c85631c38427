import type { Field } from '../../core/mod.ts';
import type { RowStore } from '../../state/mod.ts';
import type { OperatorContext } from './operator.ts';

/** When a row of state was written last, in processing time: the cell that state TTL goes by. */
export const WRITTEN: Field = { name: 'written', type: { kind: 'DOUBLE', nullable: false } };

/** The state TTL of an operator: its own, where 0 is for ever, or the session's; null for none. */
export function stateTtl({ session }: OperatorContext, own: number | null | undefined): number | null {
  if (own === null || own === undefined) return session.stateTtlMs;
  return own === 0 ? null : own;
}

/**
 * Forgets rows of state that were not written for the TTL, as Flink's OnCreateAndWrite: rows expired are
 * gone for whoever asks, without a change sent.
 */
export class Expiry {
  readonly #store: RowStore;
  readonly #column: number;
  readonly #ttlMs: number;
  readonly #nowMs: () => number;
  readonly #remove: (id: number) => void;
  /** No row expires before. */
  #nextMs = Number.POSITIVE_INFINITY;

  /** `column` is that of WRITTEN in the store. */
  constructor(
    context: OperatorContext,
    ttlMs: number,
    store: RowStore,
    column: number,
    remove: (id: number) => void,
  ) {
    this.#store = store;
    this.#column = column;
    this.#ttlMs = ttlMs;
    this.#nowMs = context.session.nowMs;
    this.#remove = remove;
    context.state.onRestored(() => {
      this.#nextMs = Number.NEGATIVE_INFINITY;
    });
  }

  get #written(): Float64Array {
    return (this.#store.columns[this.#column] as { values: Float64Array }).values;
  }

  /** A row is written now. */
  write(id: number): void {
    const now = this.#nowMs();
    this.#store.columns[this.#column]!.nulls[id] = 0;
    this.#written[id] = now;
    this.#nextMs = Math.min(this.#nextMs, now + this.#ttlMs);
  }

  writeAll(ids: Int32Array, count: number): void {
    for (let k = 0; k < count; k++) this.write(ids[k]!);
  }

  /** Forget what has expired. To be called before state is read, and as processing time goes on. */
  sweep(nowMs: number = this.#nowMs()): void {
    if (nowMs < this.#nextMs) return;
    const { live, end } = this.#store;
    const written = this.#written;
    let oldest = Number.POSITIVE_INFINITY;
    for (let id = 1; id < end; id++) {
      if (live[id] !== 1) continue;
      if (written[id]! + this.#ttlMs <= nowMs) this.#remove(id);
      else oldest = Math.min(oldest, written[id]!);
    }
    this.#nextMs = oldest + this.#ttlMs;
  }
}
