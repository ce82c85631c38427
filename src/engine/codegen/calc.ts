import {
  assert,
  type Batch,
  type Column,
  type ColumnBuffer,
  clearBuffer,
  createColumnBuffer,
  eachOf,
  MillraceError,
  putBytes,
  putText,
  reserveRows,
  type Schema,
} from '../../core/mod.ts';
import type { Expression } from '../../plan/mod.ts';
import { writeCell } from './cell.ts';
import { CodeWriter } from './code.ts';
import { compileExpression } from './expression.ts';
import { instantiateLoop } from './instantiate.ts';
import { makeRuntime, type SessionContext } from './runtime/mod.ts';

/**
 * Filter and projections as one loop. The result borrows the input's columns and the kernel's own buffers.
 */
export type CalcKernel = (batch: Batch) => Batch;

type Loop = (
  columns: readonly Column[],
  selection: Int32Array | null,
  count: number,
  out: readonly ColumnBuffer[],
  selected: Int32Array,
) => number;

/**
 * Compiles a filter and projections. Columns and fields of rows are passed on without a copy; computed ones
 * are
 * written at the row's own physical index, so that the selection stays valid for all of them.
 */
export function compileCalc(
  condition: Expression | null,
  projections: readonly Expression[],
  schema: Schema,
  session: SessionContext,
): CalcKernel {
  const w = new CodeWriter(index => ({ columns: 'columns', index, row: 'i' }));
  if (condition !== null) {
    for (const conjunct of conjuncts(condition)) {
      const test = compileExpression(w, conjunct);
      w.line(`if (${test.isNull === 'false' ? '' : `${test.isNull} || `}!${test.code}) continue;`);
    }
    w.line('selected[m] = i;');
  }
  w.line('m++;');
  const passed = projections.map(passedColumn);
  const computed = passed.flatMap((pass, c) => (pass === null ? [c] : []));
  const buffers = computed.map(c => createColumnBuffer(schema.fields[c]!.type, 0));
  computed.forEach((c, k) => {
    w.line('{');
    const target = { source: `out[${k}]`, prefix: `o${k}` };
    const { name, type } = schema.fields[c]!;
    const value = compileExpression(w, projections[c]!);
    if (!type.nullable && value.isNull !== 'false')
      w.line(`if (${value.isNull}) rt.fail(${w.constant(notNull(name))});`);
    writeCell(w, target, 'i', value, type);
    w.line('}');
  });
  const body = w.take();
  const code = `${w.hoisted.join('\n')}
let m = 0;
for (let k = 0; k < count; k++) {
const i = selection === null ? k : selection[k];
${body}
}
return m;`;
  const signature = 'calc(columns, selection, count, out, selected)';
  const scope = { constants: w.constants, rt: makeRuntime(session), putText, putBytes };
  const loop = instantiateLoop<Loop>(signature, code, scope);
  return runner(loop, condition !== null, passed, computed, buffers, schema);
}

/** The refusal of a NULL where the type says NOT NULL, as of a DECIMAL that overflows. */
const notNull = (name: string) => () =>
  new MillraceError(
    'EXPRESSION_FAILED',
    `Column '${name}' is NOT NULL, however, a null value is being written into it.`,
  );

/**
 * A filter keeps rows for which every operand of an AND is true: each is tested by itself, without nulls
 * between.
 */
function conjuncts(condition: Expression): readonly Expression[] {
  if (condition.kind !== 'call' || condition.name !== 'AND') return [condition];
  return condition.operands.flatMap(conjuncts);
}

/** Finds a column that is passed on without a copy. */
type Pass = (columns: readonly Column[]) => Column;

/** A column, or a field of one: a row's fields are columns of their own. Null for what must be computed. */
function passedColumn(projection: Expression): Pass | null {
  if (projection.kind === 'column') return columns => columns[projection.index]!;
  if (projection.kind !== 'call' || projection.name !== 'FIELD') return null;
  const [row, index] = projection.operands;
  const outer = passedColumn(row!);
  if (outer === null || index?.kind !== 'literal') return null;
  return columns => {
    const column = outer(columns);
    assert(column.physical === 'struct', 'a row lies as its fields');
    return column.children[Number(index.value)]!;
  };
}

function runner(
  loop: Loop,
  filters: boolean,
  passed: readonly (Pass | null)[],
  computed: readonly number[],
  buffers: readonly ColumnBuffer[],
  schema: Schema,
): CalcKernel {
  let selected = new Int32Array(0);
  return batch => {
    const { columns, rowCount, selectionCount } = batch;
    for (const buffer of buffers) {
      reserveRows(buffer, rowCount);
      clearBuffer(buffer);
    }
    if (filters && selected.length < rowCount) selected = new Int32Array(rowCount * 2);
    const kept =
      filters || buffers.length > 0
        ? loop(columns, batch.selection, selectionCount, buffers, selected)
        : selectionCount;
    const out = eachOf(passed, pass => (pass === null ? null : pass(columns))) as Column[];
    computed.forEach((c, k) => {
      out[c] = buffers[k]!;
    });
    const all = kept === rowCount && batch.selection === null;
    return {
      schema,
      rowCount,
      columns: out,
      rowKinds: batch.rowKinds,
      selection: all ? null : filters ? selected : batch.selection,
      selectionCount: kept,
    };
  };
}
