import type { Lookup } from '../../contract/mod.ts';
import { assert, type Batch, copyBatch, RowKind, selectRows } from '../../core/mod.ts';
import type { LookupJoinNode } from '../../plan/mod.ts';
import { compilePredicate } from '../codegen/mod.ts';
import { JoinOutput } from './join-output.ts';
import { kindAt } from './join-side.ts';
import { LookupRows } from './lookup-cache.ts';
import type { Lookups, Operator, OperatorContext } from './operator.ts';
import { isUnmatchedUpdate } from './temporal-join.ts';

/** Keys in one question. */
const KEYS_MAX = 2000;

/**
 * Joins each row with what an outside table has for its key at that moment. Rows and watermarks wait, in
 * their order, until `drain` asks for the keys of a whole batch at once.
 */
export function openLookupJoin(node: LookupJoinNode, context: OperatorContext): Operator {
  assert(context.lookups !== undefined, 'a graph with lookup joins is given its lookups');
  const join = new LookupJoin(node, context, context.lookups);
  const waiting: (Batch | number)[] = [];
  return {
    onBatch: batch => {
      waiting.push(copyBatch(batch));
    },
    onWatermark: ms => {
      if (waiting.length === 0) context.output.watermark(ms);
      else waiting.push(ms);
    },
    drain: async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        if (typeof next === 'number') context.output.watermark(next);
        else await join.join(next);
      }
    },
  };
}

class LookupJoin {
  readonly #node: LookupJoinNode;
  readonly #context: OperatorContext;
  readonly #lookups: Lookups;
  readonly #lookup: Lookup;
  readonly #cached: LookupRows;
  readonly #holds: ReturnType<typeof compilePredicate> | null;
  readonly #out: JoinOutput;

  constructor(node: LookupJoinNode, context: OperatorContext, lookups: Lookups) {
    const { fields } = node.input.schema;
    const { tableSchema, inputKeys } = node;
    this.#node = node;
    this.#context = context;
    this.#lookups = lookups;
    this.#lookup = lookups.open(node);
    const keys = inputKeys.map(c => fields[c]!);
    this.#cached = new LookupRows(node.cache, keys, tableSchema, inputKeys);
    this.#holds =
      node.condition === null ? null : compilePredicate(node.condition, fields.length, context.session);
    this.#out = new JoinOutput(node.schema, fields.length, context.output);
  }

  async join(batch: Batch): Promise<void> {
    const { session } = this.#context;
    const asking = this.#withKeys(batch);
    const missing: number[] = [];
    const ids = this.#cached.find(asking, session.nowMs(), missing);
    for (let from = 0; from < missing.length; from += KEYS_MAX) {
      await this.#ask(missing.slice(from, from + KEYS_MAX));
    }
    this.#emit(batch, asking, ids);
    this.#cached.endOfBatch(missing);
  }

  /** Asks for keys, and again for those without rows as often as the hint says. */
  async #ask(ids: readonly number[]): Promise<void> {
    const { retry } = this.#node;
    let left = ids;
    for (let attempt = 1; left.length > 0; attempt++) {
      const { rows, keyOf } = await this.#lookup.find(this.#cached.asked(left));
      this.#cached.fill(left, rows, keyOf, this.#context.session.nowMs());
      left = left.filter(id => this.#cached.first(id) === 0);
      if (retry === null || attempt >= retry.attemptsMax) return;
      if (left.length > 0) await this.#lookups.sleep(retry.delayMs);
    }
  }

  /** The rows of the batch whose key holds no NULL. */
  #withKeys(batch: Batch): Batch {
    const nullable = this.#node.inputKeys.flatMap(c => batch.columns[c]!.nulls ?? []);
    if (nullable.length === 0) return batch;
    const kept = new Int32Array(batch.selectionCount);
    let n = 0;
    for (let row = 0; row < batch.selectionCount; row++) {
      if (nullable.every(nulls => nulls[row] !== 1)) kept[n++] = row;
    }
    return selectRows(batch, kept, n);
  }

  /** `batch` is a copy: its rows are all live, in their order. */
  #emit(batch: Batch, asking: Batch, ids: Int32Array): void {
    const { columns, next } = this.#cached;
    this.#out.begin(batch.columns, columns, true);
    let k = 0;
    for (let row = 0; row < batch.rowCount; row++) {
      const isAsked = asking.selection === null || (k < asking.selectionCount && asking.selection[k] === row);
      const key = isAsked ? ids[k++]! : 0;
      let isMatched = false;
      for (let id = this.#cached.first(key); id !== 0; id = next[id]!) {
        if (this.#holds !== null && !this.#holds(batch.columns, row, columns, id)) continue;
        isMatched = true;
        this.#out.pair(kindAt(batch, row), row, id);
      }
      if (isMatched) continue;
      const kind = kindAt(batch, row);
      if (this.#node.joinType === 'LEFT') this.#out.pair(kind, row, 0);
      else if (isUnmatchedUpdate(this.#node, kind)) this.#out.pair(RowKind.delete, row, 0);
    }
    this.#out.flush();
  }
}
