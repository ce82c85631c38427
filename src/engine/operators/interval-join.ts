import { type Batch, type Column, forEachRow, MillraceError, RowKind } from '../../core/mod.ts';
import type { IntervalJoinNode } from '../../plan/mod.ts';
import { compilePredicate } from '../codegen/mod.ts';
import { IntervalSide } from './interval-side.ts';
import { JoinOutput } from './join-output.ts';
import { MAX_WATERMARK, type Operator, type OperatorContext } from './operator.ts';
import { MinWatermark } from './union.ts';

/**
 * Joins rows of equal keys with `lower <= left time - right time <= upper`. A row is kept as long as the time
 * of both inputs lets a partner come; a row of an outer side that never met one is emitted with nulls when
 * its time is over. A row that comes late still meets what is there.
 */
export function openIntervalJoin(node: IntervalJoinNode, context: OperatorContext): Operator {
  const join = new IntervalJoin(node, context);
  const watermarks = new MinWatermark(2, context.state);
  const { output } = context;
  if (node.time === 'proctime') {
    return {
      onBatch: (batch, input) => join.onBatch(batch, input === 0, context.session.nowMs()),
      onWatermark: (ms, input) => {
        const combined = watermarks.advance(input, ms);
        if (combined !== null) output.watermark(combined);
      },
      onProcessingTime: nowMs => join.advance(nowMs),
    };
  }
  // A joined row's time may be as old as a kept row: the watermark behind this join waits for them.
  const delayMs = Math.max(node.upperMs, -node.lowerMs, 0) + 1;
  return {
    onBatch: (batch, input) => join.onBatch(batch, input === 0, watermarks.current),
    onWatermark: (ms, input) => {
      const combined = watermarks.advance(input, ms);
      if (combined === null) return;
      join.advance(combined);
      output.watermark(combined === MAX_WATERMARK ? combined : combined - delayMs);
    },
  };
}

class IntervalJoin {
  readonly #left: IntervalSide;
  readonly #right: IntervalSide;
  readonly #holds: ReturnType<typeof compilePredicate> | null;
  readonly #out: JoinOutput;
  readonly #node: IntervalJoinNode;
  readonly #nullsJoin: boolean;

  constructor(node: IntervalJoinNode, context: OperatorContext) {
    const { left, right, joinType } = node;
    const byRow = node.time === 'rowtime';
    this.#node = node;
    this.#nullsJoin = node.nullsJoin.includes(true);
    this.#left = new IntervalSide(context.state, {
      name: 'left',
      schema: left.schema,
      keys: node.leftKeys,
      otherKeys: node.rightKeys,
      rowtime: byRow ? node.leftTime : null,
      outer: joinType === 'LEFT' || joinType === 'FULL',
      keptForMs: -node.lowerMs,
    });
    this.#right = new IntervalSide(context.state, {
      name: 'right',
      schema: right.schema,
      keys: node.rightKeys,
      otherKeys: node.leftKeys,
      rowtime: byRow ? node.rightTime : null,
      outer: joinType === 'RIGHT' || joinType === 'FULL',
      keptForMs: node.upperMs,
    });
    const width = left.schema.fields.length;
    this.#holds = node.condition === null ? null : compilePredicate(node.condition, width, context.session);
    this.#out = new JoinOutput(node.schema, width, context.output);
  }

  onBatch(batch: Batch, fromLeft: boolean, now: number): void {
    const [own, other] = fromLeft ? [this.#left, this.#right] : [this.#right, this.#left];
    other.find(batch, this.#nullsJoin);
    const keys = own.lists.lookUp(batch, true);
    this.#out.begin(batch.columns, other.lists.rows.columns, fromLeft);
    let k = 0;
    forEachRow(batch, row => {
      const at = k++;
      const time = this.#node.time === 'proctime' ? now : own.timeOf(batch.columns, row);
      if (time === null) throw nullTime();
      const isNull = this.#hasNullKey(own.keys, batch.columns, row);
      const isMatched = !isNull && this.#join(batch, row, other.found[at]!, time, fromLeft);
      if (!isNull && now < time + own.keptForMs) own.keep(keys[at]!, batch, row, time, isMatched);
      else if (!isMatched && own.outer) this.#out.pair(RowKind.insert, row, 0);
    });
    this.#out.flush();
    own.lists.sweepFound(batch.selectionCount);
  }

  /** Null joins nothing, but where the key says that it joins null. */
  #hasNullKey(keys: readonly number[], columns: readonly Column[], row: number): boolean {
    const { nullsJoin } = this.#node;
    for (let k = 0; k < keys.length; k++) {
      if (!nullsJoin[k] && columns[keys[k]!]!.nulls?.[row] === 1) return true;
    }
    return false;
  }

  /** Emits the row with each partner near enough; false when there was none. */
  #join(batch: Batch, row: number, key: number, time: number, fromLeft: boolean): boolean {
    const { lowerMs, upperMs } = this.#node;
    const other = fromLeft ? this.#right : this.#left;
    const [from, to] = fromLeft ? [time - upperMs, time - lowerMs] : [time + lowerMs, time + upperMs];
    const { lists, times } = other;
    const { previous } = lists;
    const kept = lists.rows.columns;
    let isMatched = false;
    // Lists are by time: what is too old ends the search.
    for (let id = lists.last(key); id !== 0 && times[id]! >= from; id = previous[id]!) {
      if (times[id]! > to) continue;
      const holds =
        this.#holds === null ||
        (fromLeft ? this.#holds(batch.columns, row, kept, id) : this.#holds(kept, id, batch.columns, row));
      if (!holds) continue;
      isMatched = true;
      if (other.outer) other.matched[id] = 1;
      this.#out.pair(RowKind.insert, row, id);
    }
    return isMatched;
  }

  /** Time is `now`: rows that nothing can meet any more leave. */
  advance(now: number): void {
    for (const side of [this.#left, this.#right]) {
      const ids = side.expired(now);
      if (ids.length === 0) continue;
      this.#out.begin([], side.lists.rows.columns, side !== this.#left);
      if (side.outer)
        for (const id of ids) if (side.matched[id] === 0) this.#out.pair(RowKind.insert, -1, id);
      this.#out.flush();
      side.forget(ids);
    }
  }
}

function nullTime(): MillraceError {
  return new MillraceError(
    'EXPRESSION_FAILED',
    'RowTime field should not be null, please convert it to a non-null long value.',
  );
}
