import {
  type Batch,
  type Field,
  forEachRow,
  MillraceError,
  RowKind,
  scatter,
  type TimestampColumn,
} from '../../core/mod.ts';
import type { PhysicalNode, TemporalJoinNode } from '../../plan/mod.ts';
import { greatest, type RowStore } from '../../state/mod.ts';
import { compilePredicate } from '../codegen/mod.ts';
import { JoinOutput } from './join-output.ts';
import { kindAt } from './join-side.ts';
import type { Operator, OperatorContext } from './operator.ts';
import { TimeHeap } from './time-heap.ts';
import { MinWatermark } from './union.ts';
import { Versions } from './versions.ts';

const KIND: Field = { name: 'kind', type: { kind: 'INT', nullable: false } };
const ORDER: Field = { name: 'order', type: { kind: 'DOUBLE', nullable: false } };

/**
 * Joins each left row with the version of the right table that is valid at its event time. Left rows wait
 * until the watermark of both inputs has passed them, so that no version can come any more that would count.
 */
export function openTemporalJoin(node: TemporalJoinNode, context: OperatorContext): Operator {
  const join = new TemporalJoin(node, context);
  const watermarks = new MinWatermark(2, context.state);
  return {
    onBatch: (batch, input) => (input === 0 ? join.onLeft(batch) : join.onRight(batch)),
    onWatermark: (ms, input) => {
      const combined = watermarks.advance(input, ms);
      if (combined === null) return;
      join.advance(combined);
      context.output.watermark(combined);
    },
  };
}

class TemporalJoin {
  readonly #node: TemporalJoinNode;
  readonly #waiting: RowStore;
  readonly #byTime = new TimeHeap();
  readonly #versions: Versions;
  readonly #probe: (batch: Batch, out: Int32Array, nullable: boolean) => void;
  readonly #holds: ReturnType<typeof compilePredicate> | null;
  readonly #out: JoinOutput;
  readonly #width: number;
  #order = 0;

  constructor(node: TemporalJoinNode, context: OperatorContext) {
    const { left, right } = node;
    const { state } = context;
    const { fields } = left.schema;
    this.#node = node;
    this.#width = fields.length;
    const cells = fields.map((f, k) => ({ name: `c${k}`, type: f.type }));
    this.#waiting = state.table('waiting', { fields: [...cells, KIND, ORDER] }, node.leftKeys);
    this.#versions = new Versions(state, right.schema, node.rightKeys, node.rightTime);
    this.#probe = this.#versions.lists.keyTable.prober(node.leftKeys);
    state.value('order', {
      read: () => this.#order,
      restore: value => (this.#order = value as number),
      merge: greatest,
    });
    state.onRestored(() => this.#restoreHeap());
    this.#holds =
      node.condition === null ? null : compilePredicate(node.condition, fields.length, context.session);
    this.#out = new JoinOutput(node.schema, fields.length, context.output);
  }

  get #kinds(): Int32Array {
    return (this.#waiting.columns[this.#width] as { values: Int32Array }).values;
  }
  get #orders(): Float64Array {
    return (this.#waiting.columns[this.#width + 1] as { values: Float64Array }).values;
  }

  onLeft(batch: Batch): void {
    const count = batch.selectionCount;
    this.#waiting.reserve(count);
    const rows = new Int32Array(count);
    const ids = new Int32Array(count);
    let n = 0;
    forEachRow(batch, row => {
      const id = this.#waiting.allocate();
      rows[n] = row;
      ids[n++] = id;
      this.#kinds[id] = kindAt(batch, row);
      this.#orders[id] = this.#order;
      this.#byTime.push(timeOf(batch, this.#node.leftTime, row), this.#order++, id);
    });
    for (let c = 0; c < this.#width; c++) {
      scatter(batch.columns[c]!, rows, count, this.#waiting.columns[c]!, ids);
    }
  }

  onRight(batch: Batch): void {
    this.#versions.add(batch, row => timeOf(batch, this.#node.rightTime, row));
  }

  /** The rows that the watermark has passed leave, in the order they came. */
  advance(watermark: number): void {
    const due: number[] = [];
    while (this.#byTime.time <= watermark) due.push(this.#byTime.pop());
    if (due.length > 0) this.#emit(due);
    this.#versions.expire(watermark);
  }

  #emit(due: number[]): void {
    const orders = this.#orders;
    due.sort((a, b) => orders[a]! - orders[b]!);
    const { columns } = this.#waiting;
    const selection = Int32Array.from(due);
    const found = new Int32Array(due.length);
    const { schema } = this.#node.left;
    const asked: Batch = {
      schema,
      rowCount: this.#waiting.end,
      columns,
      rowKinds: null,
      selection,
      selectionCount: due.length,
    };
    this.#probe(asked, found, this.#node.nullsJoin.includes(true));
    const { rows } = this.#versions.lists;
    const times = (columns[this.#node.leftTime] as TimestampColumn).millis;
    const kinds = this.#kinds;
    this.#out.begin(columns, rows.columns, true);
    for (const [k, id] of due.entries()) {
      const version = this.#versions.at(found[k]!, times[id]!);
      const joins =
        version !== 0 && (this.#holds === null || this.#holds(columns, id, rows.columns, version));
      if (joins) this.#out.pair(kinds[id]!, id, version);
      else if (this.#node.joinType === 'LEFT') this.#out.pair(kinds[id]!, id, 0);
      else if (isUnmatchedUpdate(this.#node, kinds[id]!)) this.#out.pair(RowKind.delete, id, 0);
    }
    this.#out.flush();
    for (const id of due) this.#waiting.release(id);
  }

  #restoreHeap(): void {
    this.#byTime.clear();
    const { live, end, columns } = this.#waiting;
    const times = (columns[this.#node.leftTime] as TimestampColumn).millis;
    for (let id = 1; id < end; id++) {
      if (live[id] === 1) this.#byTime.push(times[id]!, this.#orders[id]!, id);
    }
  }
}

/**
 * Whether a row without a partner takes the place of one that may have had one, and whose -U doesn't come.
 */
export function isUnmatchedUpdate({ changelogMode }: PhysicalNode, kind: number): boolean {
  return changelogMode === 'upsert' && kind === RowKind.updateAfter;
}

function timeOf(batch: Batch, column: number, row: number): number {
  const { millis, nulls } = batch.columns[column] as TimestampColumn;
  if (nulls === null || nulls[row] !== 1) return millis[row]!;
  throw new MillraceError(
    'EXPRESSION_FAILED',
    'RowTime field should not be null, please convert it to a non-null long value.',
  );
}
