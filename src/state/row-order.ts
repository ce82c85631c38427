import { type Column, compileOnce, type DataType, MillraceError, physicalTypeOf } from '../core/mod.ts';

/** One column of an ORDER BY. */
export interface SortColumn {
  readonly column: number;
  readonly ascending: boolean;
  readonly nullsLast: boolean;
}

/** Less than 0 when row a comes before row b, 0 when neither comes first. */
export type RowCompare = (a: readonly Column[], aRow: number, b: readonly Column[], bRow: number) => number;

/** Compares rows of two column sets with equal schemas by the sort columns, the first deciding first. */
export function compileCompare(types: readonly DataType[], sort: readonly SortColumn[]): RowCompare {
  const steps = sort.map(({ column, ascending, nullsLast }, k) => {
    const [x, y] = [`x${k}`, `y${k}`];
    const sign = ascending ? '' : '-';
    const nullFirst = nullsLast ? 1 : -1;
    const value = comparison(types[column]!, x, y);
    return `const ${x} = a[${column}], ${y} = b[${column}];
const ${x}n = ${x}.nulls !== null && ${x}.nulls[i] === 1, ${y}n = ${y}.nulls !== null && ${y}.nulls[j] === 1;
if (${x}n !== ${y}n) return ${x}n ? ${nullFirst} : ${-nullFirst};
if (!${x}n) { const c = ${value}; if (c !== 0) return ${sign}c; }`;
  });
  const source = `return function compare(a, i, b, j) {\n${steps.join('\n')}\nreturn 0;\n}`;
  return compileOnce<RowCompare>({ order, orderBytes }, source);
}

function comparison(type: DataType, x: string, y: string): string {
  switch (physicalTypeOf(type)) {
    case 'bytes':
      return `orderBytes(${x}, i, ${y}, j)`;
    case 'decimal128':
      return `order(${x}.high[i], ${y}.high[j]) || order(${x}.low[i], ${y}.low[j])`;
    case 'timestamp':
      return `order(${x}.millis[i], ${y}.millis[j])
 || (${x}.nanos === null || ${y}.nanos === null ? 0 : order(${x}.nanos[i], ${y}.nanos[j]))`;
    case 'list':
    case 'map':
    case 'struct':
      throw new MillraceError('SQL_UNSUPPORTED', `${type.kind} values can't be sorted yet.`);
    default:
      return `order(${x}.values[i], ${y}.values[j])`;
  }
}

/** Neither comes first when one is NaN, as in Flink's generated comparators. */
const order = <T extends number | bigint>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

type Bytes = { readonly data: Uint8Array; readonly offsets: Int32Array; readonly lengths: Int32Array };

/** By unsigned bytes, the shorter first where one begins the other: the order of code points in UTF-8. */
function orderBytes(a: Bytes, i: number, b: Bytes, j: number): number {
  const [from, other] = [a.offsets[i]!, b.offsets[j]!];
  const length = Math.min(a.lengths[i]!, b.lengths[j]!);
  for (let k = 0; k < length; k++) {
    const difference = a.data[from + k]! - b.data[other + k]!;
    if (difference !== 0) return difference;
  }
  return a.lengths[i]! - b.lengths[j]!;
}
