import { type Column, compileOnce, type DataType, fitDecimal, type Schema } from '../../core/mod.ts';
import type { AggregateCall, Expression } from '../../plan/mod.ts';
import { type RowStore, wordsOf } from '../../state/mod.ts';
import { CodeWriter, type Value } from '../codegen/code.ts';
import { compareCode } from '../codegen/comparison.ts';
import { compileExpression } from '../codegen/expression.ts';
import { instantiate, instantiateLoop } from '../codegen/instantiate.ts';
import { makeRuntime, type SessionContext } from '../codegen/runtime/mod.ts';
import { cellStore } from '../codegen/store.ts';
import type { Accumulator, Slot } from './accumulators.ts';

/** Adds (or, for -U and -D, takes away) each live row to its group: `ids[k]` for the k-th live row. */
export type UpdateLoop = (
  columns: readonly Column[],
  rowKinds: Uint8Array | null,
  selection: Int32Array | null,
  count: number,
  ids: Int32Array,
  store: RowStore,
) => void;

const scopeOf = (w: CodeWriter, session: SessionContext) => ({
  constants: w.constants,
  rt: makeRuntime(session),
  fitDecimal,
});

/** A column expression, to read cells with the expression compiler. */
const columnOf = (index: number, type: DataType): Expression => ({ kind: 'column', index, type });

/**
 * The loop over plain accumulators; `rows` is the column that counts the group's rows, or null to leave it.
 */
export function compileUpdate(
  accumulators: readonly Accumulator[],
  input: Schema,
  rows: number | null,
  session: SessionContext,
): UpdateLoop {
  const w = new CodeWriter(index => ({ columns: 'columns', index, row: 'i' }));
  w.hoist('kept', 'const kept = store.columns;');
  if (rows !== null) {
    w.hoist('rows', `const rows = kept[${rows}].values;`);
    w.line('rows[g] += d;');
  }
  for (const accumulator of accumulators) writeUpdate(w, accumulator, input);
  const body = w.take();
  const code = `${w.hoisted.join('\n')}
for (let k = 0; k < count; k++) {
const i = selection === null ? k : selection[k];
const g = ids[k];
const d = kinds === null || kinds[i] === 0 || kinds[i] === 2 ? 1 : -1;
${body}
}`;
  const signature = 'update(columns, kinds, selection, count, ids, store)';
  return instantiateLoop<UpdateLoop>(signature, code, scopeOf(w, session));
}

function writeUpdate(w: CodeWriter, accumulator: Accumulator, input: Schema): void {
  const { call } = accumulator;
  w.line('{');
  const tests = call.filter === null ? [] : filterTests(w, call, input);
  if (tests.length > 0) w.line(`if (${tests.join(' && ')}) {`);
  writeChange(w, accumulator, input);
  w.line(tests.length > 0 ? '} }' : '}');
}

/** Tests that row `i` passes a call's FILTER; the code they need is written first. */
export function filterTests(w: CodeWriter, { filter }: AggregateCall, input: Schema): readonly string[] {
  if (filter === null) return [];
  const test = compileExpression(w, columnOf(filter, input.fields[filter]!.type));
  return [...(test.isNull === 'false' ? [] : [`!${test.isNull}`]), test.code];
}

/** Adds row `i` to group `g`, or takes it away, as `d` says, unless its argument is NULL. */
export function writeChange(w: CodeWriter, accumulator: Accumulator, input: Schema): void {
  const { call, argumentType, count, counts, value } = accumulator;
  if (!counts && value === null) return;
  const type = call.argument === null ? argumentType : input.fields[call.argument]!.type;
  const argument = call.argument === null ? null : compileExpression(w, columnOf(call.argument, type));
  const isNullable = argument !== null && argument.isNull !== 'false';
  w.line(isNullable ? `if (!${argument.isNull}) {` : '{');
  if (value !== null && argument !== null) writeValue(w, call, value, argument);
  if (counts) {
    w.hoist(`c${count.index}`, `const c${count.index} = kept[${count.index}].values;`);
    w.line(`c${count.index}[g] += d;`);
  }
  w.line('}');
}

function writeValue(w: CodeWriter, call: AggregateCall, value: Slot, argument: Value): void {
  switch (call.name) {
    case 'MIN':
    case 'MAX':
    case 'FIRST_VALUE':
    case 'LAST_VALUE':
      writeHeld(w, call, value, argument);
      return;
    default:
      writeSum(w, value, argument);
  }
}

function writeSum(w: CodeWriter, slot: Slot, argument: Value): void {
  const s = `s${slot.index}`;
  switch (slot.type.kind) {
    case 'DECIMAL':
      w.hoist(s, `const ${s}h = kept[${slot.index}].high, ${s}l = kept[${slot.index}].low;`);
      // Sums wrap in 128 bits: one that left the range comes back exact when later rows bring it back.
      w.line(
        `const low = ${s}l[g], sum = BigInt.asUintN(64, d === 1 ? low + ${argument.code} : low - ${argument.code});`,
      );
      w.line(`const high = d === 1 ? ${argument.code} >> 64n : -(${argument.code} >> 64n);`);
      w.line(
        `${s}h[g] = BigInt.asIntN(64, ${s}h[g] + high + (d === 1 ? (sum < low ? 1n : 0n) : (sum > low ? -1n : 0n)));`,
      );
      w.line(`${s}l[g] = sum;`);
      return;
    case 'BIGINT': {
      const v =
        argument.type.kind === 'BIGINT' || argument.type.kind.startsWith('INTERVAL')
          ? argument.code
          : `BigInt(${argument.code})`;
      w.hoist(s, `const ${s} = kept[${slot.index}].values;`);
      w.line(`${s}[g] = BigInt.asIntN(64, d === 1 ? ${s}[g] + ${v} : ${s}[g] - ${v});`);
      return;
    }
    default:
      w.hoist(s, `const ${s} = kept[${slot.index}].values;`);
      w.line(`${s}[g] += d * ${argument.code};`);
  }
}

/** Adds the groups `from[k]` of one store to the groups `ids[k]` of another. */
export type MergeLoop = (
  columns: readonly Column[],
  from: Int32Array,
  count: number,
  ids: Int32Array,
  store: RowStore,
) => void;

/** The loop that merges plain accumulators; both stores are laid out alike. */
export function compileMerge(
  accumulators: readonly Accumulator[],
  rows: number,
  session: SessionContext,
): MergeLoop {
  const w = new CodeWriter(index => ({ columns: 'columns', index, row: 'i' }));
  w.hoist('kept', 'const kept = store.columns;');
  w.hoist('rows', `const rows = kept[${rows}].values, rowsFrom = columns[${rows}].values;`);
  w.line('rows[g] += rowsFrom[i];');
  for (const { call, count, counts, value } of accumulators) {
    const c = `c${count.index}`;
    if (counts) {
      w.hoist(c, `const ${c} = kept[${count.index}].values, ${c}f = columns[${count.index}].values;`);
      w.line(`${c}[g] += ${c}f[i];`);
    }
    if (value === null) continue;
    const held = compileExpression(w, columnOf(value.index, value.type));
    w.line(held.isNull === 'false' ? '{' : `if (!${held.isNull}) {`);
    writeValue(w, { ...call, argument: value.index }, value, held);
    w.line('}');
  }
  const body = w.take();
  const code = `const d = 1;
${w.hoisted.join('\n')}
for (let k = 0; k < count; k++) {
const i = from[k];
const g = ids[k];
${body}
}`;
  const signature = 'merge(columns, from, count, ids, store)';
  return instantiateLoop<MergeLoop>(signature, code, scopeOf(w, session));
}

/** The extreme, first or last value. Only for input that never retracts. */
function writeHeld(
  w: CodeWriter,
  { name, argument: column }: AggregateCall,
  slot: Slot,
  argument: Value,
): void {
  const reader = new CodeWriter(() => ({ columns: 'kept', index: slot.index, row: 'g' }));
  const held = compileExpression(reader, columnOf(slot.index, slot.type));
  for (const line of reader.hoisted) w.hoist(line, line);
  if (name === 'LAST_VALUE') w.line('{');
  else if (name === 'FIRST_VALUE') w.line(`if (${held.isNull}) {`);
  else {
    const better = compareCode(w, name === 'MIN' ? '<' : '>', argument, held);
    w.line(`if (${held.isNull} || ${better}) {`);
  }
  if (argument.range !== null) w.line(`store.putBytesCell(${slot.index}, g, columns[${column}], i);`);
  else
    w.line(cellStore(w, { columns: 'kept', index: slot.index, row: 'g', prefix: 'm' }, argument, slot.type));
  w.line('}');
}

/** Sets an added group's accumulators to nothing. */
export function compileInit(
  slots: readonly Slot[],
  rows: number,
): (columns: readonly Column[], id: number) => void {
  const lines = slots.map(({ type, index }) => {
    const c = `columns[${index}]`;
    const nulls = `${c}.nulls[id] = ${type.nullable ? 1 : 0};`;
    if (type.nullable) return nulls;
    if (type.kind === 'DECIMAL') return `${nulls} ${c}.high[id] = 0n; ${c}.low[id] = 0n;`;
    return `${nulls} ${c}.values[id] = ${type.kind === 'BIGINT' ? '0n' : '0'};`;
  });
  const body = `return function init(columns, id) {
columns[${rows}].nulls[id] = 0; columns[${rows}].values[id] = 0;
${lines.join('\n')}
}`;
  return compileOnce<(columns: readonly Column[], id: number) => void>({}, body);
}

/** Writes the results of group `id` into cells `first…` of row `row`, which has room. */
export type EmitResults = (kept: readonly Column[], id: number, out: readonly Column[], row: number) => void;

/** Writes the results of one group. */
export function compileEmit(
  accumulators: readonly Accumulator[],
  first: number,
  session: SessionContext,
): EmitResults {
  const w = new CodeWriter(index => ({ columns: 'kept', index, row: 'g' }));
  forEachEmitted(accumulators, (accumulator, k) => {
    w.line('{');
    writeResult(w, accumulator, first + k);
    w.line('}');
  });
  const body = w.take();
  const code = `${w.hoisted.join('\n')}
${body}`;
  const signature = 'emit(kept, g, out, row)';
  return instantiate<EmitResults>(signature, code, scopeOf(w, session));
}

/** Writes the results of the groups `ids[k]` into rows `rows[k]`, which have room. */
export type EmitAllResults = (
  kept: readonly Column[],
  ids: Int32Array,
  count: number,
  out: readonly Column[],
  rows: Int32Array,
) => void;

/** Writes the results of many groups, column by column; counts without making bigints. */
export function compileEmitAll(
  accumulators: readonly Accumulator[],
  first: number,
  session: SessionContext,
): EmitAllResults {
  const w = new CodeWriter(index => ({ columns: 'kept', index, row: 'g' }));
  forEachEmitted(accumulators, (accumulator, k) => {
    w.line('for (let k = 0; k < count; k++) {');
    w.line('const g = ids[k], row = rows[k];');
    if (accumulator.value === null && accumulator.call.type.kind === 'BIGINT') {
      writeCount(w, accumulator.count.index, first + k);
    } else writeResult(w, accumulator, first + k);
    w.line('}');
  });
  const body = w.take();
  const code = `${w.hoisted.join('\n')}
${body}`;
  const signature = 'emitAll(kept, ids, count, out, rows)';
  return instantiateLoop<EmitAllResults>(signature, code, { ...scopeOf(w, session), wordsOf });
}

function forEachEmitted(
  accumulators: readonly Accumulator[],
  write: (accumulator: Accumulator, k: number) => void,
): void {
  accumulators.forEach((accumulator, k) => {
    if (accumulator.storage !== 'listed' && accumulator.storage !== 'collected') write(accumulator, k);
  });
}

/** The count of group `g` as the two words of a BIGINT. */
function writeCount(w: CodeWriter, slot: number, column: number): void {
  w.hoist(`n${slot}`, `const n${slot} = kept[${slot}].values;`);
  const [words, nulls] = [`w${column}`, `w${column}n`];
  w.hoist(words, `const ${words} = wordsOf(out[${column}].values), ${nulls} = out[${column}].nulls;`);
  w.line(`const n = n${slot}[g]; ${nulls}[row] = 0;`);
  w.line(`${words}[row * 2] = n | 0; ${words}[row * 2 + 1] = Math.floor(n / 4294967296);`);
}

function writeResult(w: CodeWriter, accumulator: Accumulator, column: number): void {
  const { type } = accumulator.call;
  const result = resultOf(w, accumulator);
  const target = { columns: 'out', index: column, row: 'row', prefix: 'o' };
  const nulls = `out[${column}].nulls[row]`;
  w.line(`if (${result.isNull}) ${nulls} = 1; else { ${nulls} = 0; ${cellStore(w, target, result, type)} }`);
}

function resultOf(w: CodeWriter, { call, count, value }: Accumulator): Value {
  const n = `kept[${count.index}].values[g]`;
  const base = { type: call.type, nanos: '0', range: null };
  if (value === null) return { ...base, isNull: 'false', code: `rt.bigOf(${n})` };
  const held = compileExpression(w, columnOf(value.index, value.type));
  if (value.type.nullable) return held;
  const isNull = call.name === 'SUM0' ? 'false' : `(${n} === 0)`;
  if (call.type.kind === 'DECIMAL' && value.type.kind === 'DECIMAL') {
    const to = call.type.scale;
    const exact =
      call.name === 'AVG'
        ? `rt.divideDecimal(${held.code}, ${value.type.scale}, rt.bigOf(${n}), 0, ${to})`
        : `rt.rescale(${held.code}, ${value.type.scale}, ${to})`;
    w.line(`const exact = ${isNull} ? null : fitDecimal(${exact}, ${call.type.precision});`);
    return { ...base, isNull: 'exact === null', code: 'exact' };
  }
  const wide = value.type.kind === 'BIGINT';
  const mean = wide ? `${held.code} / rt.bigOf(${n})` : `${held.code} / ${n}`;
  const result = call.name === 'AVG' ? `(${mean})` : held.code;
  const narrowed = wide && call.type.kind !== 'BIGINT' && !call.type.kind.startsWith('INTERVAL');
  if (call.type.kind === 'FLOAT') return { ...base, isNull, code: `Math.fround(${result})` };
  return { ...base, isNull, code: narrowed ? `Number(${result})` : result };
}
