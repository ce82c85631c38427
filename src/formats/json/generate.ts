import type { DataType } from '../../core/types.ts';
import type { Builder } from '../builders.ts';
import { MISSING } from '../builders.ts';
import type { TimestampStandard } from '../text/timestamp.ts';
import { daysOf } from '../text/timestamp.ts';
import { isUtf8 } from './scan.ts';
import { literalTest, SCAN_STRING, skipSnippet, valueSnippet } from './snippets.ts';

/**
 * What generated code calls when its own fast paths do not fit. Positions behind the value, or -1 with the
 * reason kept.
 */
export interface Callbacks {
  slow(column: number, at: number, end: number, row: number): number;
  skip(at: number, end: number): number;
  /**
   * The index of the column named by the key at `at` (with escapes or not ASCII); -1 for none, -2 when
   * malformed.
   */
  key(at: number, end: number): number;
  /** Behind the key that `key` has just read. */
  keyEnd(): number;
  /** Keep the reason and return -1. */
  fail(at: number, expected: string): number;
  /** Settle a column that is null or was not seen; false when that is not allowed. */
  absent(column: number, row: number, mark: number): boolean;
}

export interface ColumnCode {
  readonly name: string;
  readonly type: DataType;
  readonly builder: Builder;
}

/** One value of a learned layout: the bytes before it and its column, -1 where nobody asked for it. */
export interface Slot {
  readonly before: Uint8Array;
  readonly column: number;
}
/** A record layout as met in the data: keys in this order, with these separators. */
export interface Layout {
  readonly slots: readonly Slot[];
  readonly tail: Uint8Array;
}

/** Reads one object at `p` into row `r`; the position behind it, or -1. */
export type ReadObject = (
  u8: Uint8Array,
  dv: DataView,
  i32: Int32Array,
  p: number,
  end: number,
  r: number,
) => number;

/**
 * Reads records `from … to-1` into rows from `r` on, one row each, as long as they have the learned layout
 * exactly; returns the index of the first that has not. `rows[row]` becomes the record's index.
 */
export type ReadRun = (
  u8: Uint8Array,
  dv: DataView,
  i32: Int32Array,
  starts: Int32Array,
  ends: Int32Array,
  base: number,
  from: number,
  to: number,
  r: number,
  rows: Int32Array,
) => number;

const POWERS = Float64Array.from({ length: 23 }, (_, i) => 10 ** i);

function dayMs(u8: Uint8Array, p: number): number {
  const digit = (at: number): number => {
    const d = u8[p + at]! - 48;
    return d >= 0 && d <= 9 ? d : Number.NaN;
  };
  if (u8[p + 4] !== 45 || u8[p + 7] !== 45) return Number.NaN;
  const year = digit(0) * 1000 + digit(1) * 100 + digit(2) * 10 + digit(3);
  return daysOf(year, digit(5) * 10 + digit(6), digit(8) * 10 + digit(9)) * 86_400_000;
}

/** Declarations that every generated function shares. */
function prelude(columns: readonly ColumnCode[]): string {
  const lines = columns.map(({ builder, type }, k) => {
    const arrays = [`n${k}=B[${k}].nulls`];
    if (!('children' in builder)) {
      if (builder.physical === 'bytes') arrays.push(`o${k}=B[${k}].offsets`, `l${k}=B[${k}].lengths`);
      if (builder.physical === 'bool') arrays.push(`v${k}=B[${k}].bytes`);
      if (builder.physical === 'i32') arrays.push(`v${k}=B[${k}].ints`);
      if (builder.physical === 'f64' || builder.physical === 'timestamp') arrays.push(`v${k}=B[${k}].floats`);
      if (builder.words.length > 0) arrays.push(`w${k}=B[${k}].words`);
      if (builder.nanos !== null) arrays.push(`m${k}=B[${k}].nanos`);
    }
    const cache = type.kind.startsWith('TIMESTAMP') ? `let ta${k}=0,tb${k}=0,tc${k}=0,day${k}=0;` : '';
    return `const ${arrays.join(',')};${cache}`;
  });
  return `'use strict';const {B,P,slow,skip,key,keyEnd,fail,absent,isUtf8,dayMs}=env;\n${lines.join('\n')}\n`;
}

function compile<F>(columns: readonly ColumnCode[], callbacks: Callbacks, source: string): F {
  const env = { ...bound(callbacks), B: columns.map(c => c.builder), P: POWERS, isUtf8, dayMs };
  return new Function('env', `${prelude(columns)}${source}`)(env) as F;
}

function bound(c: Callbacks): Callbacks {
  return {
    slow: (k, at, end, r) => c.slow(k, at, end, r),
    skip: (at, end) => c.skip(at, end),
    key: (at, end) => c.key(at, end),
    keyEnd: () => c.keyEnd(),
    fail: (at, expected) => c.fail(at, expected),
    absent: (k, r, mark) => c.absent(k, r, mark),
  };
}

const SPACE = 'while((c=u8[p])===32||c===10||c===13||c===9)p++;';

/** Code for any object: keys in any order, any white space, unknown, missing and null values. */
export function generateObjectReader(
  columns: readonly ColumnCode[],
  callbacks: Callbacks,
  standard: TimestampStandard,
): ReadObject {
  const miss = 'return -1';
  const cases = columns
    .map((c, k) => `case ${k}:${valueSnippet(k, c.type, standard, miss)}break;`)
    .join('\n');
  const missing = columns.map((_, k) => `n${k}[r]=${MISSING};`).join('');
  const settle = columns.map((_, k) => `if(n${k}[r]!==0&&!absent(${k},r,n${k}[r]))return -1;`).join('\n');
  return compile(
    columns,
    callbacks,
    `return function readObject(u8,dv,i32,p,end,r){let c=0,hi=0;${SPACE}
if(p>=end||c!==123)return fail(p,'an object');p++;${missing}${SPACE}
if(c===125)p++;else for(;;){
if(c!==34)return fail(p,'a key in quotes');
const k0=++p;${SCAN_STRING}let id=-1;
if(c===34&&(hi&0x80808080)===0){const e=p;p=k0;switch(e-k0){${keySwitch(columns)}}p=e+1}
else{id=key(k0-1,end);if(id===-2)return -1;p=keyEnd()}
${SPACE}if(c!==58)return fail(p,'\`:\`');p++;${SPACE}
switch(id){
${cases}
default:${skipSnippet(miss)}}
if(p>end)return fail(end,'\`}\`');
${SPACE}if(c===44){p++;${SPACE}continue}
if(c===125){p++;break}
return fail(p,'\`,\` or \`}\`')}
if(p>end)return fail(end,'\`}\`');
${settle}
return p}`,
  );
}

/** By length, then by bytes. Names that are not ASCII are left to `key`. */
function keySwitch(columns: readonly ColumnCode[]): string {
  const byLength = new Map<number, string[]>();
  columns.forEach(({ name }, k) => {
    const bytes = new TextEncoder().encode(name);
    const tests = byLength.get(bytes.length) ?? [];
    tests.push(`if(${literalTest(bytes)})id=${k};`);
    byLength.set(bytes.length, tests);
  });
  return [...byLength].map(([length, tests]) => `case ${length}:${tests.join('else ')}break;`).join('\n');
}

/** The statements for one object of a known layout; `miss` leaves. */
function layoutBody(
  columns: readonly ColumnCode[],
  layout: Layout,
  standard: TimestampStandard,
  miss: string,
): string {
  const parts = layout.slots.map(({ before, column }) => {
    const value =
      column < 0 ? skipSnippet(miss) : valueSnippet(column, columns[column]!.type, standard, miss);
    return `if(!(${literalTest(before)}))${miss};p+=${before.length};\n${value}`;
  });
  const seen = new Set(layout.slots.map(s => s.column));
  const absent = columns
    .map((_, k) => (seen.has(k) ? '' : `if(!absent(${k},r,${MISSING}))${miss};`))
    .join('');
  return `${parts.join('\n')}
if(!(${literalTest(layout.tail)}))${miss};p+=${layout.tail.length};${absent}`;
}

/** Code for a run of records that all have one layout. */
export function generateRunReader(
  columns: readonly ColumnCode[],
  callbacks: Callbacks,
  standard: TimestampStandard,
  layout: Layout,
): ReadRun {
  return compile(
    columns,
    callbacks,
    `return function readRun(u8,dv,i32,starts,ends,base,from,to,r,rows){let c=0,hi=0;
for(let i=from;i<to;i++){let p=starts[i]+base;const end=ends[i]+base;
${layoutBody(columns, layout, standard, 'return i')}
if(p!==end)return i;rows[r++]=i}
return to}`,
  );
}

/** Code for one object of a known layout; -1 where it has another one. */
export function generateLayoutReader(
  columns: readonly ColumnCode[],
  callbacks: Callbacks,
  standard: TimestampStandard,
  layout: Layout,
): ReadObject {
  return compile(
    columns,
    callbacks,
    `return function readLayout(u8,dv,i32,p,end,r){let c=0,hi=0;
${layoutBody(columns, layout, standard, 'return -1')}
return p<=end?p:-1}`,
  );
}
