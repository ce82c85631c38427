import {
  type Column,
  type ColumnBuffer,
  type DataType,
  equalBytes,
  MillraceError,
  physicalTypeOf,
  putBytes,
} from '../core/mod.ts';

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

/** 32-bit words of an array of 64-bit items: keys are hashed and compared without making bigints. */
export function wordsOf(array: Float64Array | BigInt64Array | BigUint64Array): Int32Array {
  let words = views.get(array);
  if (words === undefined) {
    words = new Int32Array(array.buffer, array.byteOffset, array.length * 2);
    views.set(array, words);
  }
  return words;
}
/** Making a view costs as much as hashing a hundred rows, and columns are reused from batch to batch. */
const views = new WeakMap<object, Int32Array>();

/** A hash of a run of bytes. */
export function hashBytes(data: Uint8Array, from: number, length: number): number {
  let h = length ^ 0x9747b28c;
  let i = from;
  const end = from + length;
  for (; i + 4 <= end; i += 4) {
    const word = data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24);
    h = Math.imul(h ^ word, 0x9e3779b1);
    h ^= h >>> 15;
  }
  for (; i < end; i++) h = Math.imul(h ^ data[i]!, 0x9e3779b1);
  return h ^ (h >>> 13);
}

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
    case 'bytes':
      // `data` is read through the column each time: a store's data moves when it grows.
      return { declare: `${nulls} const ${p}c = ${column};`, isNull, words: [] };
    default:
      throw new MillraceError('SQL_UNSUPPORTED', `${type.kind} can't be a key yet.`);
  }
}

/** Code for a test that two cells, declared by `cellCode` with these prefixes, are equal. */
export function equalCode(
  type: DataType,
  a: CellCode,
  aName: string,
  aRow: string,
  b: CellCode,
  bName: string,
  bRow: string,
): string {
  const range = (name: string, row: string): string =>
    `${name}c.data, ${name}c.offsets[${row}], ${name}c.lengths[${row}]`;
  const same =
    physicalTypeOf(type) === 'bytes'
      ? `equalBytes(${range(aName, aRow)}, ${range(bName, bRow)})`
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
  const make = new Function('wordsOf', 'equalBytes', `return function equal(a, i, b, j) {\n${body}\n}`);
  return make(wordsOf, equalBytes) as RowEqual;
}

/** Copy cell from[k] of a row into cell to[k] of the target, for all k. */
export function compileCopy(
  types: readonly DataType[],
  from: readonly number[],
  to: readonly number[],
): RowCopy {
  const lines = types.map((type, k) => copyCode(type, k, `source[${from[k]}]`, `target[${to[k]}]`));
  const make = new Function(
    'putBytes',
    `return function copy(source, i, target, j) {\n${lines.join('\n')}\n}`,
  );
  return make(putBytes) as RowCopy;
}

function copyCode(type: DataType, k: number, source: string, target: string): string {
  const [s, t] = [`s${k}`, `t${k}`];
  const open = `const ${s} = ${source}, ${t} = ${target};
if (${s}.nulls !== null && ${s}.nulls[i] === 1) ${t}.nulls[j] = 1; else { ${t}.nulls[j] = 0; `;
  switch (physicalTypeOf(type)) {
    case 'bytes':
      return `${open} putBytes(${t}, j, ${s}.data, ${s}.offsets[i], ${s}.lengths[i]); }`;
    case 'decimal128':
      return `${open} ${t}.high[j] = ${s}.high[i]; ${t}.low[j] = ${s}.low[i]; }`;
    case 'timestamp':
      return `${open} ${t}.millis[j] = ${s}.millis[i];
if (${t}.nanos !== null) ${t}.nanos[j] = ${s}.nanos === null ? 0 : ${s}.nanos[i]; }`;
    case 'list':
    case 'map':
    case 'struct':
      throw new MillraceError('SQL_UNSUPPORTED', `${type.kind} values can't pass this operator yet.`);
    default:
      return `${open} ${t}.values[j] = ${s}.values[i]; }`;
  }
}
