import {
  type Column,
  type ColumnBuffer,
  compileOnce,
  copyBytesCell,
  copyCell,
  type DataType,
  equalBytes,
  isNestedType,
  physicalTypeOf,
} from '../core/mod.ts';
import { equalCells, wordsOf } from './cells.ts';

/** Copies some cells of a row into a growable column set where room is reserved. */
export type RowCopy = (
  source: readonly Column[],
  row: number,
  target: readonly ColumnBuffer[],
  at: number,
) => void;
/**
 * Compares some cells of two rows; null equals null, NaN equals NaN, 0.0 differs from -0.0 as keys do in
 * Flink.
 */
export type RowEqual = (a: readonly Column[], aRow: number, b: readonly Column[], bRow: number) => boolean;

/**
 * Names and source text for one cell of a generated loop. Only indices and fixed words enter the text, never
 * anything a user wrote.
 */
export interface CellCode {
  /** Declarations, once before the loop. */
  readonly declare: string;
  /** An expression: the cell is null. */
  readonly isNull: string;
  /** Expressions for the 32-bit words of the value, for hashing. */
  readonly words: readonly string[];
}

/** Code that reads cell `columns[index]` at row variable `row`; `prefix` makes the names unique. */
export function cellCode(
  type: DataType,
  columns: string,
  index: number,
  row: string,
  prefix: string,
): CellCode {
  const column = `${columns}[${index}]`;
  const p = `${prefix}${index}`;
  const nulls = `const ${p}n = ${column}.nulls;`;
  const isNull = `(${p}n !== null && ${p}n[${row}] === 1)`;
  const pair = (array: string): string[] => [`${array}[${row} * 2]`, `${array}[${row} * 2 + 1]`];
  switch (physicalTypeOf(type)) {
    case 'bool':
    case 'i32':
      return { declare: `${nulls} const ${p}v = ${column}.values;`, isNull, words: [`${p}v[${row}]`] };
    case 'i64':
    case 'decimal64':
    case 'f64':
      return { declare: `${nulls} const ${p}w = wordsOf(${column}.values);`, isNull, words: pair(`${p}w`) };
    case 'decimal128':
      return {
        declare: `${nulls} const ${p}h = wordsOf(${column}.high), ${p}l = wordsOf(${column}.low);`,
        isNull,
        words: [...pair(`${p}h`), ...pair(`${p}l`)],
      };
    case 'timestamp':
      return {
        declare: `${nulls} const ${p}m = wordsOf(${column}.millis), ${p}s = ${column}.nanos;`,
        isNull,
        words: [...pair(`${p}m`), `(${p}s === null ? 0 : ${p}s[${row}])`],
      };
    case 'list':
    case 'map':
    case 'struct':
    case 'bytes':
      // `data` is read through the column each time: a store's data moves when it grows.
      return { declare: `${nulls} const ${p}c = ${column};`, isNull, words: [] };
  }
}

/** What generated comparisons call. */
export const EQUAL_SCOPE = { wordsOf, equalBytes, equalCells } as const;

/**
 * Code for a test that two cells, declared by `cellCode` with these prefixes, are equal. `known` may put tests
 * around that of bytes.
 */
export function equalCode(
  type: DataType,
  a: CellCode,
  aName: string,
  aRow: string,
  b: CellCode,
  bName: string,
  bRow: string,
  known: (equal: string) => string = equal => equal,
): string {
  const range = (name: string, row: string): string =>
    `${name}c.data, ${name}c.offsets[${row}], ${name}c.lengths[${row}]`;
  const same = isNestedType(type)
    ? `equalCells(${aName}c, ${aRow}, ${bName}c, ${bRow})`
    : physicalTypeOf(type) === 'bytes'
      ? known(`equalBytes(${range(aName, aRow)}, ${range(bName, bRow)})`)
      : a.words.map((word, k) => `${word} === ${b.words[k]}`).join(' && ');
  return `(${a.isNull} ? ${b.isNull} : !${b.isNull} && ${same})`;
}

/** Compare cell aIndex[k] of one row with cell bIndex[k] of another, for all k. */
export function compileEqual(
  types: readonly DataType[],
  aIndex: readonly number[],
  bIndex: readonly number[],
): RowEqual {
  const declares: string[] = [];
  const tests = types.map((type, k) => {
    const a = cellCode(type, 'a', aIndex[k]!, 'i', `x${k}_`);
    const b = cellCode(type, 'b', bIndex[k]!, 'j', `y${k}_`);
    declares.push(a.declare, b.declare);
    return equalCode(type, a, `x${k}_${aIndex[k]}`, 'i', b, `y${k}_${bIndex[k]}`, 'j');
  });
  const body = `${declares.join('\n')}\nreturn ${tests.join('\n && ') || 'true'};`;
  return compileOnce<RowEqual>(EQUAL_SCOPE, `return function equal(a, i, b, j) {\n${body}\n}`);
}

/** Compares cells `index` of the rows `rows[k]` with those of the rows behind: 1 where all are equal. */
export function compileEqualAll(
  types: readonly DataType[],
  index: readonly number[],
): (columns: readonly Column[], rows: Int32Array, count: number, equal: Uint8Array) => void {
  const declares: string[] = [];
  const tests = types.map((type, k) => {
    const a = cellCode(type, 'columns', index[k]!, 'i', `x${k}_`);
    const b = cellCode(type, 'columns', index[k]!, 'j', `y${k}_`);
    declares.push(a.declare, b.declare);
    return equalCode(type, a, `x${k}_${index[k]}`, 'i', b, `y${k}_${index[k]}`, 'j');
  });
  const source = `return function equalAll(columns, rows, count, equal) {
${declares.join('\n')}
for (let k = 0; k < count; k++) {
  const i = rows[k], j = i + 1;
  equal[k] = ${tests.join('\n && ') || 'true'} ? 1 : 0;
}
}`;
  return compileOnce<ReturnType<typeof compileEqualAll>>(EQUAL_SCOPE, source);
}

/** Copy cell from[k] of a row into cell to[k] of the target, for all k. */
export function compileCopy(
  types: readonly DataType[],
  from: readonly number[],
  to: readonly number[],
): RowCopy {
  const lines = types.map((type, k) => copyCode(type, k, `source[${from[k]}]`, `target[${to[k]}]`));
  const source = `return function copy(source, i, target, j) {\n${lines.join('\n')}\n}`;
  return compileOnce<RowCopy>({ copyBytesCell, copyCell }, source);
}

function copyCode(type: DataType, k: number, source: string, target: string): string {
  const [s, t] = [`s${k}`, `t${k}`];
  const open = `const ${s} = ${source}, ${t} = ${target};
if (${s}.nulls !== null && ${s}.nulls[i] === 1) ${t}.nulls[j] = 1; else { ${t}.nulls[j] = 0; `;
  switch (physicalTypeOf(type)) {
    case 'bytes':
      return `${open} copyBytesCell(${s}, i, ${t}, j); }`;
    case 'decimal128':
      return `${open} ${t}.high[j] = ${s}.high[i]; ${t}.low[j] = ${s}.low[i]; }`;
    case 'timestamp':
      return `${open} ${t}.millis[j] = ${s}.millis[i];
if (${t}.nanos !== null) ${t}.nanos[j] = ${s}.nanos === null ? 0 : ${s}.nanos[i]; }`;
    case 'list':
    case 'map':
    case 'struct':
      return `copyCell(${source}, i, ${target}, j);`;
    default:
      return `${open} ${t}.values[j] = ${s}.values[i]; }`;
  }
}
