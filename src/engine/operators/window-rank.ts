import { type Batch, BatchBuilder, forEachRow, selectRows, type TimestampColumn } from '../../core/mod.ts';
import type { WindowRankNode } from '../../plan/mod.ts';
import { compileCompare, compileCopy, RowLists } from '../../state/mod.ts';
import type { Operator, OperatorContext } from './operator.ts';
import { SliceIndex } from './slice-index.ts';
import { timed } from './window-aggregate.ts';
import { WindowClock } from './window-clock.ts';

const OUT_ROWS = 4096;

/**
 * Top-n of each window: no more rows than are ranked are kept per partition, and leave in their order when
 * the window is over. Of rows that order alike the first to come ranks higher; as a deduplication that keeps
 * the last row, the last one.
 */
export function openWindowRank(node: WindowRankNode, context: OperatorContext): Operator {
  const { input, partition, to, from, keepsLast } = node;
  const clock = new WindowClock(node.time, context);
  const types = input.schema.fields.map(f => f.type);
  const sort = node.order.map(({ column, descending, nullsLast }) => {
    return { column, ascending: !descending, nullsLast };
  });
  const lists = new RowLists(context.state, 'top', { schema: input.schema, keys: partition, sort });
  const compare = compileCompare(types, sort);
  const windows = new RankedWindows(lists, partition.indexOf(node.window.end), context);
  const timely = new TimelyRows(node.window.end, clock, context);
  const out = new BatchBuilder(node.schema);
  const copy = compileCopy(types, [...types.keys()], [...types.keys()]);
  const flush = (): void => {
    if (out.rowCount > 0) context.output.emit(out.build());
    out.reset();
  };
  const write = (id: number, rank: number): void => {
    const row = out.rowCount;
    out.reserve(row + 1);
    copy(lists.rows.columns, id, out.columns, row);
    const last = out.columns[types.length];
    if (node.withRank && last?.physical === 'i64') {
      last.nulls[row] = 0;
      last.values[row] = BigInt(rank);
    }
    out.endRow();
    if (out.rowCount >= OUT_ROWS) flush();
  };

  return timed(
    clock,
    context,
    given => {
      const batch = timely.of(given);
      if (batch.selectionCount === 0) return;
      const keys = lists.lookUp(batch, true);
      let k = 0;
      forEachRow(batch, row => {
        const key = keys[k++]!;
        if (lists.size(key) >= to) {
          const order = compare(lists.rows.columns, lists.last(key), batch.columns, row);
          if (order < 0 || (order === 0 && !keepsLast)) return;
          // The list may be empty in between: its key stays until the batch is through.
          lists.remove(lists.last(key));
        }
        lists.insert(key, batch.columns, row);
      });
      lists.sweep();
    },
    instant => {
      clock.progress = instant;
      for (let end = windows.first(); end !== null && clock.isOver(end); end = windows.first()) {
        for (const key of windows.take(end)) {
          for (let id = lists.first(key), rank = 1; id !== 0; rank++) {
            const next = lists.next[id]!;
            if (rank >= from) write(id, rank);
            lists.remove(id);
            id = next;
          }
        }
        lists.sweep();
      }
      flush();
    },
  );
}

/** The partitions of each window that is open. */
class RankedWindows {
  readonly #index = new SliceIndex();

  constructor({ keyTable }: RowLists, endKey: number, { state }: OperatorContext) {
    const add = (id: number): void => {
      const ends = (keyTable.store.columns[endKey] as TimestampColumn).millis;
      this.#index.add(ends[id]!, id);
    };
    const init = keyTable.onAdd;
    keyTable.onAdd = id => {
      init(id);
      add(id);
    };
    state.onRestored(() => {
      const { live, end } = keyTable.store;
      this.#index.clear();
      for (let id = 1; id < end; id++) if (live[id] === 1) add(id);
    });
  }

  first(): number | null {
    return this.#index.first();
  }

  take(end: number): Int32Array {
    return this.#index.take(end);
  }
}

/** Sets the rows aside whose window, named by a column, is over. */
export class TimelyRows {
  readonly #end: number;
  readonly #clock: WindowClock;
  readonly #context: OperatorContext;
  #live = new Int32Array(0);
  #late = new Int32Array(0);

  constructor(end: number, clock: WindowClock, context: OperatorContext) {
    this.#end = end;
    this.#clock = clock;
    this.#context = context;
  }

  /** The rows in time; the late ones are counted and told. */
  of(batch: Batch): Batch {
    const { selection, selectionCount } = batch;
    if (this.#live.length < selectionCount) {
      this.#live = new Int32Array(selectionCount * 2);
      this.#late = new Int32Array(selectionCount * 2);
    }
    const ends = (batch.columns[this.#end] as TimestampColumn).millis;
    let [n, late] = [0, 0];
    let [last, isOver] = [Number.NaN, false];
    for (let k = 0; k < selectionCount; k++) {
      const row = selection === null ? k : selection[k]!;
      const end = ends[row]!;
      if (end !== last) [last, isOver] = [end, this.#clock.isOver(end)];
      if (isOver) this.#late[late++] = row;
      else this.#live[n++] = row;
    }
    if (late === 0) return batch;
    this.#context.counters.lateRows += late;
    this.#context.onLate(selectRows(batch, this.#late, late));
    return selectRows(batch, this.#live, n);
  }
}
