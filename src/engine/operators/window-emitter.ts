import { BatchBuilder, type Column } from '../../core/mod.ts';
import type { WindowAggregateNode } from '../../plan/mod.ts';
import { compileCopy } from '../../state/mod.ts';
import type { Aggregation } from './aggregation.ts';
import type { OperatorContext } from './operator.ts';
import type { WindowClock } from './window-clock.ts';

const OUT_ROWS = 4096;

/** Writes the results of closed windows. */
export class WindowEmitter {
  readonly #node: WindowAggregateNode;
  readonly #clock: WindowClock;
  readonly #context: OperatorContext;
  readonly #out: BatchBuilder;
  readonly #copyKeys: ReturnType<typeof compileCopy>;

  constructor(node: WindowAggregateNode, clock: WindowClock, context: OperatorContext) {
    this.#node = node;
    this.#clock = clock;
    this.#context = context;
    this.#out = new BatchBuilder(node.schema);
    const keyTypes = node.schema.fields.slice(0, node.keys.length).map(f => f.type);
    this.#copyKeys = compileCopy(keyTypes, [...keyTypes.keys()], [...keyTypes.keys()]);
  }

  /** The window's row of a group, if rows are left in it; its keys lie in its own row unless given. */
  row(
    groups: Aggregation,
    id: number,
    start: number,
    end: number,
    keys: readonly Column[] = groups.store.columns,
    keyRow = id,
  ): void {
    if (groups.rows[id]! <= 0) return;
    const out = this.#out;
    const row = out.rowCount;
    out.reserve(row + 1);
    this.#copyKeys(keys, keyRow, out.columns, row);
    groups.emit(id, out.columns, row);
    const { windowProperties } = this.#node;
    const first = this.#node.keys.length + this.#node.aggregates.length;
    for (let k = 0; k < windowProperties.length; k++) {
      const column = out.columns[first + k]!;
      column.nulls[row] = 0;
      if (column.physical !== 'timestamp') continue;
      const property = windowProperties[k]!;
      column.millis[row] =
        property === 'window_start' ? start : property === 'window_end' ? end : this.#clock.lastInstant(end);
      if (column.nanos !== null) column.nanos[row] = 0;
    }
    out.endRow();
    if (out.rowCount >= OUT_ROWS) this.flush();
  }

  /** Rows of groups by their ids. */
  rows(groups: Aggregation, ids: Int32Array, start: number, end: number): void {
    for (const id of ids) this.row(groups, id, start, end);
  }

  flush(): void {
    if (this.#out.rowCount > 0) this.#context.output.emit(this.#out.build());
    this.#out.reset();
  }
}
