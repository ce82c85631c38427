import { BatchBuilder, selectRows } from '../../core/mod.ts';
import type { WindowTableFunctionNode } from '../../plan/mod.ts';
import { compileCopy } from '../../state/mod.ts';
import type { Operator, OperatorContext } from './operator.ts';
import { SESSION_FIELDS, SESSION_KEYED_BY, Sessions, sessionReferences } from './sessions.ts';
import { timed } from './window-aggregate.ts';
import type { WindowClock } from './window-clock.ts';

const INT = { kind: 'INT', nullable: false } as const;
const OUT_ROWS = 4096;

/** Rows wait until their session is over, then leave with its bounds. */
export function openSessionFunction(
  node: WindowTableFunctionNode,
  gapMs: number,
  clock: WindowClock,
  context: OperatorContext,
): Operator {
  const { fields } = node.input.schema;
  const types = fields.map(f => f.type);
  const all = [...types.keys()];
  const copy = compileCopy(types, all, all);
  const key = node.partitionKeys.map(c => fields[c]!);
  const shape = { gapMs, key, from: node.partitionKeys };
  const chains = new SessionRows(node, context);
  const sessions = new Sessions(context.state, shape, clock, () => chains);
  const out = new BatchBuilder(node.schema);
  const flush = (): void => {
    if (out.rowCount > 0) context.output.emit(out.build());
    out.reset();
  };
  const write = (row: number, start: number, end: number): void => {
    const at = out.rowCount;
    out.reserve(at + 1);
    copy(chains.rows.columns, row, out.columns, at);
    node.windowProperties.forEach((property, k) => {
      const column = out.columns[types.length + k]!;
      column.nulls[at] = 0;
      if (column.physical !== 'timestamp') return;
      const times = { window_start: start, window_end: end, window_time: clock.lastInstant(end) };
      column.millis[at] = times[property];
    });
    out.endRow();
    if (out.rowCount >= OUT_ROWS) flush();
  };
  const late: number[] = [];

  return timed(
    clock,
    context,
    batch => {
      late.length = 0;
      chains.rows.reserve(batch.selectionCount);
      sessions.assign(
        batch,
        (row, session) => copy(batch.columns, row, chains.rows.columns, chains.append(session)),
        row => late.push(row),
      );
      if (late.length === 0) return;
      context.counters.lateRows += late.length;
      context.onLate(selectRows(batch, Int32Array.from(late), late.length));
    },
    instant => {
      clock.progress = instant;
      sessions.close(id => {
        const [start, end] = [sessions.starts[id]!, sessions.ends[id]!];
        chains.forEach(id, row => write(row, start, end));
      });
      flush();
    },
  );
}

const [HEAD, TAIL] = [SESSION_FIELDS.length, SESSION_FIELDS.length + 1];

/** The rows of each session, chained in the order they came. */
class SessionRows {
  readonly store;
  readonly rows;
  readonly #next: number;

  constructor({ input }: WindowTableFunctionNode, { state }: OperatorContext) {
    const ends = ['head', 'tail'].map(name => ({ name, type: INT }));
    this.store = state.table('groups', { fields: [...SESSION_FIELDS, ...ends] }, SESSION_KEYED_BY, [
      ...sessionReferences('groups'),
      { column: HEAD, table: 'rows' },
      { column: TAIL, table: 'rows' },
    ]);
    const { fields } = input.schema;
    this.#next = fields.length;
    const links = ['next', 'session'].map(name => ({ name, type: INT }));
    const cells = fields.map((f, k) => ({ name: `c${k}`, type: f.type }));
    this.rows = state.table(
      'rows',
      { fields: [...cells, ...links] },
      { table: 'groups', column: this.#next + 1 },
      [{ column: this.#next, table: 'rows' }],
    );
  }

  #ints(of: 'store' | 'rows', column: number): Int32Array {
    return (this[of].columns[column] as { values: Int32Array }).values;
  }

  allocate(): number {
    this.store.reserve(1);
    const id = this.store.allocate();
    this.#ints('store', HEAD)[id] = 0;
    this.#ints('store', TAIL)[id] = 0;
    return id;
  }

  release(id: number): void {
    this.forEach(id, row => this.rows.release(row));
    this.store.release(id);
  }

  /** A new row at the end of a session, its cells to be filled; room must have been reserved. */
  append(session: number): number {
    const row = this.rows.allocate();
    const tails = this.#ints('store', TAIL);
    if (tails[session] === 0) this.#ints('store', HEAD)[session] = row;
    else this.#ints('rows', this.#next)[tails[session]!] = row;
    tails[session] = row;
    this.#ints('rows', this.#next)[row] = 0;
    this.#ints('rows', this.#next + 1)[row] = session;
    return row;
  }

  /** The rows of one session go behind those of another. */
  merge(from: number, into: number): void {
    const [heads, tails] = [this.#ints('store', HEAD), this.#ints('store', TAIL)];
    this.forEach(from, row => {
      this.#ints('rows', this.#next + 1)[row] = into;
    });
    if (tails[into] === 0) heads[into] = heads[from]!;
    else this.#ints('rows', this.#next)[tails[into]!] = heads[from]!;
    if (tails[from] !== 0) tails[into] = tails[from]!;
    heads[from] = 0;
    tails[from] = 0;
  }

  forEach(session: number, visit: (row: number) => void): void {
    for (let row = this.#ints('store', HEAD)[session]!; row !== 0; ) {
      const next = this.#ints('rows', this.#next)[row]!;
      visit(row);
      row = next;
    }
  }
}
