import { type Batch, RowKind, type Schema, type TimestampColumn } from '../../core/mod.ts';
import type { PhysicalNode, WindowJoinNode } from '../../plan/mod.ts';
import { compileCopy, KeyTable, RowStore, type StateTables } from '../../state/mod.ts';
import { compilePredicate } from '../codegen/mod.ts';
import { JoinOutput } from './join-output.ts';
import type { Operator, OperatorContext } from './operator.ts';
import { SliceIndex } from './slice-index.ts';
import { MinWatermark } from './union.ts';
import { WindowClock } from './window-clock.ts';

/**
 * Joins rows of equal windows. Rows wait until their window is over; then both sides' rows of it are joined
 * by their keys, among which are the window's bounds, and forgotten.
 */
export function openWindowJoin(node: WindowJoinNode, context: OperatorContext): Operator {
  const clock = new WindowClock(node.time, context);
  const watermarks = new MinWatermark(2, context.state);
  const left = new WindowRows(context.state, 'left', node.left, node.leftKeys, node.leftWindow.end);
  const right = new WindowRows(context.state, 'right', node.right, node.rightKeys, node.rightWindow.end);
  const sides = [left, right] as const;
  const matcher = new WindowMatcher(node, left, right, context);

  return {
    onBatch: (batch, input) => {
      const late = sides[input]!.add(batch, clock);
      context.counters.lateRows += late;
    },
    onWatermark: (ms, input) => {
      const combined = watermarks.advance(input, ms);
      if (combined === null) return;
      if (combined > clock.progress) {
        clock.progress = combined;
        for (let end = firstEnd(sides); end !== null && clock.isOver(end); end = firstEnd(sides)) {
          matcher.join(left.index.take(end), right.index.take(end));
        }
      }
      context.output.watermark(combined);
    },
  };
}

function firstEnd(sides: readonly WindowRows[]): number | null {
  const ends = sides.map(side => side.index.first()).filter(end => end !== null);
  return ends.length === 0 ? null : Math.min(...ends);
}

/** The rows of one side, by window. */
class WindowRows {
  readonly store: RowStore;
  readonly index = new SliceIndex();
  readonly #end: number;
  readonly #copy: ReturnType<typeof compileCopy>;

  constructor(
    state: StateTables,
    name: string,
    { schema }: PhysicalNode,
    keys: readonly number[],
    end: number,
  ) {
    const cells = schema.fields.map((f, k) => ({ name: `c${k}`, type: f.type }));
    const types = schema.fields.map(f => f.type);
    this.store = state.table(name, { fields: cells }, keys);
    this.#end = end;
    this.#copy = compileCopy(types, [...types.keys()], [...types.keys()]);
    state.onRestored(() => {
      const { live, end: last } = this.store;
      this.index.clear();
      for (let id = 1; id < last; id++) if (live[id] === 1) this.index.add(this.#endOf(id), id);
    });
  }

  #endOf(id: number): number {
    return (this.store.columns[this.#end] as TimestampColumn).millis[id]!;
  }

  /** Keep the rows whose window is not over; returns how many are late. */
  add({ columns, selection, selectionCount }: Batch, clock: WindowClock): number {
    const ends = (columns[this.#end] as TimestampColumn).millis;
    this.store.reserve(selectionCount);
    let late = 0;
    let [last, isOver] = [Number.NaN, false];
    for (let k = 0; k < selectionCount; k++) {
      const row = selection === null ? k : selection[k]!;
      const end = ends[row]!;
      if (end !== last) [last, isOver] = [end, clock.isOver(end)];
      if (isOver) {
        late++;
        continue;
      }
      const id = this.store.allocate();
      this.#copy(columns, row, this.store.columns, id);
      this.index.add(end, id);
    }
    return late;
  }

  batch(ids: Int32Array): Batch {
    const { schema, columns, end } = this.store;
    return { schema, rowCount: end, columns, rowKinds: null, selection: ids, selectionCount: ids.length };
  }

  drop(ids: Int32Array): void {
    for (const id of ids) this.store.release(id);
  }
}

const HEAD_FIELDS = ['head', 'tail'].map(name => ({ name, type: { kind: 'INT', nullable: false } as const }));

/** Joins the rows of one window. */
class WindowMatcher {
  readonly #node: WindowJoinNode;
  readonly #left: WindowRows;
  readonly #right: WindowRows;
  readonly #out: JoinOutput;
  readonly #holds: ReturnType<typeof compilePredicate> | null;
  /** The keys of the window's right rows, each with the chain of its rows; empty between windows. */
  readonly #keys: KeyTable;
  readonly #probe: ReturnType<KeyTable['prober']>;
  readonly #width: number;
  #found = new Int32Array(0);
  #next = new Int32Array(0);
  #matched = new Uint8Array(0);

  constructor(node: WindowJoinNode, left: WindowRows, right: WindowRows, context: OperatorContext) {
    this.#node = node;
    this.#left = left;
    this.#right = right;
    const leftWidth = node.left.schema.fields.length;
    const isHalf = node.joinType === 'SEMI' || node.joinType === 'ANTI';
    this.#out = new JoinOutput(node.schema, isHalf ? node.schema.fields.length : leftWidth, context.output);
    this.#holds =
      node.condition === null ? null : compilePredicate(node.condition, leftWidth, context.session);
    const keys = node.rightKeys.map((c, k) => ({ name: `key${k}`, type: node.right.schema.fields[c]!.type }));
    const schema: Schema = { fields: [...keys, ...HEAD_FIELDS] };
    this.#width = keys.length;
    this.#keys = new KeyTable(new RowStore(schema), [...keys.keys()], node.rightKeys);
    this.#keys.onAdd = id => {
      this.#ends(0)[id] = 0;
      this.#ends(1)[id] = 0;
    };
    this.#probe = this.#keys.prober(node.leftKeys);
  }

  #ends(k: 0 | 1): Int32Array {
    return (this.#keys.store.columns[this.#width + k] as { values: Int32Array }).values;
  }

  /** Emit what the rows of a window give, and forget them. */
  join(leftIds: Int32Array, rightIds: Int32Array): void {
    const { joinType } = this.#node;
    this.#reserve(leftIds.length, rightIds.length);
    this.#chain(rightIds);
    this.#probe(this.#left.batch(leftIds), this.#found, this.#node.nullsJoin.includes(true));
    this.#out.begin(this.#left.store.columns, this.#right.store.columns, true);
    for (let k = 0; k < leftIds.length; k++) this.#match(leftIds[k]!, this.#found[k]!);
    if (joinType === 'RIGHT' || joinType === 'FULL') {
      for (const id of rightIds) if (this.#matched[id] === 0) this.#out.pair(RowKind.insert, -1, id);
    }
    this.#out.flush();
    this.#keys.clear();
    this.#left.drop(leftIds);
    this.#right.drop(rightIds);
  }

  #match(row: number, key: number): void {
    const { joinType } = this.#node;
    const isHalf = joinType === 'SEMI' || joinType === 'ANTI';
    let met = false;
    for (let id = key === 0 ? 0 : this.#ends(0)[key]!; id !== 0; id = this.#next[id]!) {
      if (!this.#joins(row, id)) continue;
      met = true;
      this.#matched[id] = 1;
      if (isHalf) break;
      this.#out.pair(RowKind.insert, row, id);
    }
    const alone = joinType === 'LEFT' || joinType === 'FULL' || joinType === 'ANTI';
    if (joinType === 'SEMI' ? met : alone && !met) this.#out.pair(RowKind.insert, row, 0);
  }

  #joins(row: number, id: number): boolean {
    if (this.#holds === null) return this.#nullsJoin(row);
    return this.#nullsJoin(row) && this.#holds(this.#left.store.columns, row, this.#right.store.columns, id);
  }

  /** With keys of both sorts, a row joins by a NULL only where its key lets it. */
  #nullsJoin(row: number): boolean {
    const { nullsJoin, leftKeys } = this.#node;
    if (!nullsJoin.includes(true)) return true;
    return leftKeys.every((c, k) => nullsJoin[k] || this.#left.store.columns[c]!.nulls[row] === 0);
  }

  /** Chain the right rows by their keys, in the order they came. */
  #chain(ids: Int32Array): void {
    this.#keys.findOrAdd(this.#right.batch(ids), this.#found);
    const [heads, tails] = [this.#ends(0), this.#ends(1)];
    for (let k = 0; k < ids.length; k++) {
      const [id, key] = [ids[k]!, this.#found[k]!];
      this.#next[id] = 0;
      this.#matched[id] = 0;
      if (tails[key] === 0) heads[key] = id;
      else this.#next[tails[key]!] = id;
      tails[key] = id;
    }
  }

  #reserve(leftCount: number, rightCount: number): void {
    const rows = Math.max(leftCount, rightCount);
    if (this.#found.length < rows) this.#found = new Int32Array(rows * 2);
    const { end } = this.#right.store;
    if (this.#next.length >= end) return;
    this.#next = new Int32Array(end * 2);
    this.#matched = new Uint8Array(end * 2);
  }
}
