import { type Batch, isAccumulate, RowKind } from '../../core/mod.ts';
import { type JoinNode, joinReach, keptByKey } from '../../plan/mod.ts';
import { compilePairFilter, type PairFilter } from '../codegen/mod.ts';
import { stateTtl } from './expiry.ts';
import { Candidates } from './join-candidates.ts';
import { JoinOutput } from './join-output.ts';
import { JoinReplacing } from './join-replacing.ts';
import { JoinSide, kindAt } from './join-side.ts';
import type { Operator, OperatorContext } from './operator.ts';
import { MinWatermark } from './union.ts';

/**
 * Regular join over two changelogs, both kept. A row joins all rows of the other side that are there; a row
 * of an outer side without a partner is joined with nulls until its first partner comes. SEMI emits the left
 * rows that have partners, ANTI those that have none.
 */
export function openJoin(node: JoinNode, context: OperatorContext): Operator {
  const join = new RegularJoin(node, context);
  const watermarks = new MinWatermark(2, context.state);
  const { left, right } = node.stateTtlMs ?? {};
  const expires = [left, right].some(own => stateTtl(context, own) !== null);
  return {
    onBatch: (batch, input) => join.onBatch(batch, input === 0),
    onWatermark: (ms, input) => {
      join.reached(ms, input === 0);
      const combined = watermarks.advance(input, ms);
      if (combined !== null) context.output.watermark(combined);
    },
    ...(expires ? { onProcessingTime: (nowMs: number) => join.expire(nowMs) } : {}),
  };
}

class RegularJoin {
  readonly #left: JoinSide;
  readonly #right: JoinSide;
  readonly #holds: PairFilter | null;
  readonly #candidates = new Candidates();
  readonly #out: JoinOutput;
  readonly #replacing: JoinReplacing | null;
  readonly #joinType: JoinNode['joinType'];
  /** By position in the batch, for sides that count matches. */
  #matches = new Int32Array(0);

  constructor(node: JoinNode, context: OperatorContext) {
    const { left, right, joinType } = node;
    this.#joinType = joinType;
    const half = joinType === 'SEMI' || joinType === 'ANTI';
    const leftOuter = joinType === 'LEFT' || joinType === 'FULL';
    const rightOuter = joinType === 'RIGHT' || joinType === 'FULL';
    const { nullsJoin } = node;
    const reach = joinReach(node);
    this.#left = new JoinSide(context, {
      ttlMs: stateTtl(context, node.stateTtlMs?.left),
      name: 'left',
      schema: left.schema,
      keys: node.leftKeys,
      otherKeys: node.rightKeys,
      nullsJoin,
      retracts: left.changelogMode !== 'append',
      keptBy: left.changelogMode === 'upsert' ? keptByKey(node, true) : null,
      countsMatches: leftOuter || half,
      outer: leftOuter,
      reach: reach.left,
    });
    this.#right = new JoinSide(context, {
      ttlMs: stateTtl(context, node.stateTtlMs?.right),
      name: 'right',
      schema: right.schema,
      keys: node.rightKeys,
      otherKeys: node.leftKeys,
      nullsJoin,
      retracts: right.changelogMode !== 'append',
      keptBy: right.changelogMode === 'upsert' ? keptByKey(node, false) : null,
      countsMatches: rightOuter,
      outer: rightOuter,
      reach: reach.right,
    });
    const width = left.schema.fields.length;
    const { condition } = node;
    this.#holds = condition === null ? null : compilePairFilter(condition, width, context.session);
    this.#out = new JoinOutput(node.schema, width, context.output);
    this.#replacing = this.#holds === null ? null : new JoinReplacing(joinType, this.#holds, this.#out);
  }

  expire(nowMs?: number): void {
    this.#left.expire(nowMs);
    this.#right.expire(nowMs);
  }

  /** An input's event time is `ms`: the other side forgets what it can't match any more. */
  reached(ms: number, isLeft: boolean): void {
    (isLeft ? this.#right : this.#left).forgetUnreachable(ms);
  }

  onBatch(batch: Batch, fromLeft: boolean): void {
    const [own, other] = fromLeft ? [this.#left, this.#right] : [this.#right, this.#left];
    const count = batch.selectionCount;
    if (count === 0) return;
    this.expire();
    own.own.read(batch);
    if (this.#matches.length < count) this.#matches = new Int32Array(count * 2);
    this.#out.begin(batch.columns, other.rows.columns, fromLeft);
    for (let from = 0; from < count; ) {
      const to = this.#candidates.collect(batch, own.own, from, other);
      if (this.#holds !== null) {
        this.#candidates.filter(this.#holds, batch.columns, other.rows.columns, fromLeft, to - from);
      }
      this.#segment(batch, from, to, own, other, fromLeft);
      from = to;
    }
    this.#out.flush();
    // An input that only inserts is kept at once, behind its joins: its own rows don't meet each other.
    if (!own.retracts) own.addAll(batch, this.#matches);
  }

  #segment(batch: Batch, from: number, to: number, own: JoinSide, other: JoinSide, fromLeft: boolean): void {
    const { rows, ids, count, starts } = this.#candidates;
    const { selection } = batch;
    if (this.#joinType === 'INNER' && !own.retracts && !other.retracts) {
      this.#out.emitPairs(rows, ids, count);
      return;
    }
    for (let k = from; k < to; k++) {
      const row = selection === null ? k : selection[k]!;
      const kind = kindAt(batch, row);
      const [first, end] = [starts[k - from]!, starts[k - from + 1]!];
      const adds = isAccumulate(kind);
      const isKept = own.own.joins[k] === 1;
      const replaced = own.replaces && adds && isKept ? own.replaced(batch, row) : 0;
      if (replaced !== 0) {
        this.#replace(batch, row, replaced, first, end, own, other, fromLeft);
        continue;
      }
      // A row that can't join needs no memory, and passes an outer side with nulls. One that is not known was
      // never there, or has expired: then its joined rows still are.
      if (!adds && isKept && !own.remove(batch, row) && !own.expires) continue;
      const matches = other.copiesOf(ids, first, end);
      this.#matches[k] = matches;
      if (this.#joinType === 'SEMI' || this.#joinType === 'ANTI') {
        if (fromLeft) this.#leftHalf(kind, row, matches);
        else this.#rightHalf(kind, adds, first, end, other);
      } else this.#pairs(kind, adds, row, first, end, own, other);
      if (adds && isKept && own.retracts) own.add(k, batch, row, matches);
    }
  }

  /** A row takes the place of a kept one of the same keys, which did not come with it. */
  #replace(
    batch: Batch,
    row: number,
    replaced: number,
    first: number,
    end: number,
    own: JoinSide,
    other: JoinSide,
    fromLeft: boolean,
  ): void {
    const kind = kindAt(batch, row);
    const { ids } = this.#candidates;
    const matches = other.copiesOf(ids, first, end);
    if (this.#replacing !== null) {
      const partners = ids.subarray(first, end);
      this.#replacing.send({ batch, row, kind, replaced, partners, own, other, fromLeft });
    } else if (this.#joinType === 'SEMI' || this.#joinType === 'ANTI') {
      if (fromLeft) this.#leftHalf(kind, row, matches);
    } else {
      const outer = own.outer || other.outer;
      const plain = outer ? RowKind.insert : kind;
      if (first === end && own.outer) this.#out.pair(plain, row, 0);
      for (let p = first; p < end; p++) this.#copies(other.counts?.[ids[p]!] ?? 1, plain, row, ids[p]!);
    }
    own.replace(replaced, batch, row, matches);
  }

  /** A left row of a semi or anti join passes as it is, or not at all. */
  #leftHalf(kind: number, row: number, matches: number): void {
    if (matches > 0 === (this.#joinType === 'SEMI')) this.#out.pair(kind, row, 0);
  }

  /** A right row lets left rows in or out with their first and last partner. */
  #rightHalf(kind: number, adds: boolean, first: number, end: number, left: JoinSide): void {
    const { ids } = this.#candidates;
    const { counts, matches } = left;
    const semi = this.#joinType === 'SEMI';
    for (let p = first; p < end; p++) {
      const id = ids[p]!;
      matches[id]! += adds ? 1 : -1;
      const turns = adds ? matches[id] === 1 : matches[id] === 0;
      if (!turns) continue;
      const told = semi ? kind : adds ? RowKind.delete : RowKind.insert;
      this.#copies(counts === null ? 1 : counts[id]!, told, -1, id);
    }
  }

  #pairs(
    kind: number,
    adds: boolean,
    row: number,
    first: number,
    end: number,
    own: JoinSide,
    other: JoinSide,
  ): void {
    const outer = own.outer || other.outer;
    const plain = outer ? (adds ? RowKind.insert : RowKind.delete) : kind;
    if (first === end) {
      if (own.outer) this.#out.pair(plain, row, 0);
      return;
    }
    const { ids } = this.#candidates;
    const { counts } = other;
    const matches = other.outer ? other.matches : null;
    for (let p = first; p < end; p++) {
      const id = ids[p]!;
      const copies = counts === null ? 1 : counts[id]!;
      if (matches !== null && adds && matches[id]! === 0) this.#copies(copies, RowKind.delete, -1, id);
      this.#copies(copies, plain, row, id);
      if (matches === null) continue;
      matches[id]! += adds ? 1 : -1;
      if (!adds && matches[id] === 0) this.#copies(copies, RowKind.insert, -1, id);
    }
  }

  #copies(count: number, kind: number, row: number, id: number): void {
    for (let c = 0; c < count; c++) this.#out.pair(kind, row, id);
  }
}
