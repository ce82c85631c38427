import {
  type Batch,
  BatchBuilder,
  type Column,
  forEachRow,
  isAccumulate,
  putNull,
  RowKind,
} from '../../core/mod.ts';
import type { JoinNode } from '../../plan/mod.ts';
import { compileCopy } from '../../state/mod.ts';
import { compilePredicate } from '../codegen/mod.ts';
import { JoinSide } from './join-side.ts';
import type { Operator, OperatorContext } from './operator.ts';
import { MinWatermark } from './union.ts';

interface Side {
  readonly state: JoinSide;
  /** Its rows appear without a partner too. */
  readonly outer: boolean;
}

const OUT_ROWS = 4096;

/**
 * Regular equi-join over two changelogs, both kept. A row joins all rows of the other side that are there; a
 * row of an outer side without a partner is joined with nulls until its first partner comes.
 */
export function openJoin(node: JoinNode, context: OperatorContext): Operator {
  const { left, right, leftKeys, rightKeys, joinType } = node;
  const watermarks = new MinWatermark(2);
  const writer = new JoinWriter(node, context);
  const makeSide = (index: 0 | 1): Side => {
    const [input, keys, others] = index === 0 ? [left, leftKeys, rightKeys] : [right, rightKeys, leftKeys];
    const retracts = input.changelogMode !== 'append';
    const name = index === 0 ? 'left' : 'right';
    const state = new JoinSide(context.state, name, input.schema, keys, others, retracts);
    return { state, outer: joinType === 'FULL' || joinType === (index === 0 ? 'LEFT' : 'RIGHT') };
  };
  const sides = [makeSide(0), makeSide(1)] as const;
  const rightWidth = right.schema.fields.length;
  const holds =
    node.condition === null
      ? null
      : compilePredicate(node.condition, node.schema.fields.length - rightWidth, context.session);
  let partners = new Int32Array(64);

  /** Ids of the other side's rows that join the row; returns how many entries. */
  const match = (batch: Batch, row: number, other: JoinSide, key: number, fromLeft: boolean): number => {
    let n = 0;
    for (let id = other.head(key); id !== 0; id = other.next[id]!) {
      const [l, i, r, j] = fromLeft
        ? [batch.columns, row, other.rows.columns, id]
        : [other.rows.columns, id, batch.columns, row];
      if (holds !== null && !holds(l, i, r, j)) continue;
      if (n === partners.length) {
        const grown = new Int32Array(n * 2);
        grown.set(partners);
        partners = grown;
      }
      partners[n++] = id;
    }
    return n;
  };

  return {
    onBatch: (batch, input) => {
      const fromLeft = input === 0;
      const [own, other] = fromLeft ? sides : [sides[1], sides[0]];
      other.state.find(batch);
      let k = 0;
      forEachRow(batch, row => {
        const key = other.state.found[k++]!;
        const kind = batch.rowKinds === null ? RowKind.insert : batch.rowKinds[row]!;
        const n = match(batch, row, other.state, key, fromLeft);
        const adds = isAccumulate(kind);
        const nullKey = (fromLeft ? leftKeys : rightKeys).some(c => batch.columns[c]!.nulls?.[row] === 1);
        // A row with a null key never joins: it needs no memory, and passes an outer side with nulls.
        const known = nullKey || adds || own.state.remove(batch, row);
        if (!known) return;
        writer.pairs({ batch, row, kind, adds, fromLeft, own, other, partners, n });
        if (adds && !nullKey) own.state.add(batch, row, other.state.copiesOf(partners, n));
      });
      writer.flush();
    },
    onWatermark: (ms, input) => {
      const combined = watermarks.advance(input, ms);
      if (combined !== null) context.output.watermark(combined);
    },
  };
}

interface Pairing {
  readonly batch: Batch;
  readonly row: number;
  readonly kind: number;
  readonly adds: boolean;
  readonly fromLeft: boolean;
  readonly own: Side;
  readonly other: Side;
  readonly partners: Int32Array;
  readonly n: number;
}

/** Writes joined rows, and the rows with nulls that come and go with the first and last partner. */
class JoinWriter {
  readonly #out: BatchBuilder;
  readonly #context: OperatorContext;
  readonly #copyLeft: ReturnType<typeof compileCopy>;
  readonly #copyRight: ReturnType<typeof compileCopy>;
  readonly #leftWidth: number;

  constructor(node: JoinNode, context: OperatorContext) {
    this.#out = new BatchBuilder(node.schema);
    this.#context = context;
    const leftTypes = node.left.schema.fields.map(f => f.type);
    const rightTypes = node.right.schema.fields.map(f => f.type);
    this.#leftWidth = leftTypes.length;
    this.#copyLeft = compileCopy(leftTypes, [...leftTypes.keys()], [...leftTypes.keys()]);
    const shifted = rightTypes.map((_, c) => this.#leftWidth + c);
    this.#copyRight = compileCopy(rightTypes, [...rightTypes.keys()], shifted);
  }

  pairs({ batch, row, kind, adds, fromLeft, own, other, partners, n }: Pairing): void {
    const own1 = batch.columns;
    if (n === 0) {
      if (own.outer) this.#row(adds ? RowKind.insert : RowKind.delete, own1, row, null, 0, fromLeft);
      return;
    }
    const theirs = other.state;
    const plain = own.outer || other.outer ? (adds ? RowKind.insert : RowKind.delete) : kind;
    for (let p = 0; p < n; p++) {
      const id = partners[p]!;
      const copies = theirs.counts[id]!;
      if (adds && other.outer && theirs.addMatch(id, 1) === 1) {
        this.#copies(copies, RowKind.delete, theirs.rows.columns, id, null, 0, !fromLeft);
      }
      this.#copies(copies, plain, own1, row, theirs.rows.columns, id, fromLeft);
      if (!adds && other.outer && theirs.addMatch(id, -1) === 0) {
        this.#copies(copies, RowKind.insert, theirs.rows.columns, id, null, 0, !fromLeft);
      }
    }
  }

  #copies(
    count: number,
    kind: number,
    first: readonly Column[],
    firstRow: number,
    second: readonly Column[] | null,
    secondRow: number,
    firstIsLeft: boolean,
  ): void {
    for (let c = 0; c < count; c++) this.#row(kind, first, firstRow, second, secondRow, firstIsLeft);
  }

  #row(
    kind: number,
    first: readonly Column[],
    firstRow: number,
    second: readonly Column[] | null,
    secondRow: number,
    firstIsLeft: boolean,
  ): void {
    const out = this.#out;
    if (out.rowCount >= OUT_ROWS) this.flush();
    out.reserve(out.rowCount + 1);
    const at = out.rowCount;
    const [left, leftRow] = firstIsLeft ? [first, firstRow] : [second, secondRow];
    const [right, rightRow] = firstIsLeft ? [second, secondRow] : [first, firstRow];
    if (left !== null) this.#copyLeft(left, leftRow, out.columns, at);
    else for (let c = 0; c < this.#leftWidth; c++) putNull(out.columns[c]!, at);
    if (right !== null) this.#copyRight(right, rightRow, out.columns, at);
    else for (let c = this.#leftWidth; c < out.columns.length; c++) putNull(out.columns[c]!, at);
    out.endRow(kind);
  }

  flush(): void {
    if (this.#out.rowCount > 0) this.#context.output.emit(this.#out.build());
    this.#out.reset();
  }
}
