import {
  type Batch,
  type Column,
  type ColumnBuffer,
  createColumnBuffer,
  type DataType,
  physicalTypeOf,
  putBytes,
  putText,
  reserveRows,
  type Schema,
} from '../../core/mod.ts';
import type { Expression } from '../../plan/mod.ts';
import { CodeWriter, isFine, type Value } from './code.ts';
import { compileExpression } from './expression.ts';
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
 * Compiles a filter and projections. Plain column projections are passed on without a copy; computed ones are
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
  const computed = projections.flatMap((p, c) => (p.kind === 'column' ? [] : [c]));
  const buffers = computed.map(c => createColumnBuffer(schema.fields[c]!.type, 0));
  computed.forEach((c, k) => {
    w.line('{');
    writeCell(w, k, compileExpression(w, projections[c]!), schema.fields[c]!.type);
    w.line('}');
  });
  const body = w.take();
  const source = `const { constants, rt, putText, putBytes } = scope;
return function calc(columns, selection, count, out, selected) {
${w.hoisted.join('\n')}
let m = 0;
for (let k = 0; k < count; k++) {
const i = selection === null ? k : selection[k];
${body}
}
return m;
}`;
  const scope = { constants: w.constants, rt: makeRuntime(session), putText, putBytes };
  const loop = new Function('scope', source)(scope) as Loop;
  return runner(loop, condition !== null, projections, computed, buffers, schema);
}

/**
 * A filter keeps rows for which every operand of an AND is true: each is tested by itself, without nulls
 * between.
 */
function conjuncts(condition: Expression): readonly Expression[] {
  if (condition.kind !== 'call' || condition.name !== 'AND') return [condition];
  return condition.operands.flatMap(conjuncts);
}

function runner(
  loop: Loop,
  filters: boolean,
  projections: readonly Expression[],
  computed: readonly number[],
  buffers: readonly ColumnBuffer[],
  schema: Schema,
): CalcKernel {
  let selected = new Int32Array(0);
  return batch => {
    const { columns, rowCount, selectionCount } = batch;
    for (const buffer of buffers) {
      reserveRows(buffer, rowCount);
      if (buffer.physical === 'bytes') buffer.used = 0;
    }
    if (filters && selected.length < rowCount) selected = new Int32Array(rowCount * 2);
    const kept =
      filters || buffers.length > 0
        ? loop(columns, batch.selection, selectionCount, buffers, selected)
        : selectionCount;
    const out = projections.map(p => (p.kind === 'column' ? columns[p.index]! : null)) as Column[];
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

/** Store a value as cell i of `out[k]`. */
function writeCell(w: CodeWriter, k: number, value: Value, type: DataType): void {
  const target = `o${k}`;
  w.hoist(`${target}n`, `const ${target}n = out[${k}].nulls;`);
  if (value.isNull === 'true') {
    w.line(`${target}n[i] = 1;`);
    return;
  }
  const store = storeCode(w, k, value, type);
  if (value.isNull === 'false') w.line(`${type.nullable ? `${target}n[i] = 0; ` : ''}${store}`);
  else w.line(`if (${value.isNull}) ${target}n[i] = 1; else { ${target}n[i] = 0; ${store} }`);
}

function storeCode(w: CodeWriter, k: number, value: Value, type: DataType): string {
  const [target, column] = [`o${k}`, `out[${k}]`];
  switch (physicalTypeOf(type)) {
    case 'bytes': {
      if (value.range !== null) return `putBytes(${column}, i, ${value.range});`;
      const binary = value.type.kind === 'BINARY' || value.type.kind === 'VARBINARY';
      return binary
        ? `putBytes(${column}, i, ${value.code}, 0, ${value.code}.length);`
        : `putText(${column}, i, ${value.code});`;
    }
    case 'decimal128':
      w.hoist(`${target}v`, `const ${target}h = ${column}.high, ${target}l = ${column}.low;`);
      return `${target}h[i] = ${value.code} >> 64n; ${target}l[i] = BigInt.asUintN(64, ${value.code});`;
    case 'timestamp': {
      w.hoist(`${target}v`, `const ${target}m = ${column}.millis, ${target}s = ${column}.nanos;`);
      const nanos = isFine(type) ? ` ${target}s[i] = ${value.nanos};` : '';
      return `${target}m[i] = ${value.code};${nanos}`;
    }
    case 'bool':
      w.hoist(`${target}v`, `const ${target}v = ${column}.values;`);
      return `${target}v[i] = ${value.code} ? 1 : 0;`;
    default:
      w.hoist(`${target}v`, `const ${target}v = ${column}.values;`);
      return `${target}v[i] = ${value.code};`;
  }
}
