import { compileFactory } from '../../core/compile-source.ts';
import { NULL } from '../builders.ts';
import { dayMs } from '../json/generate.ts';
import { isUtf8 } from '../json/scan.ts';
import { timestamp } from '../json/snippets.ts';
import { isFastType } from './cells.ts';
import type { CsvOptions } from './options.ts';
import type { CsvColumn } from './reader.ts';

/** What generated code calls when its own fast paths do not fit: positions behind the field, or -1. */
export interface CsvCallbacks {
  /** Read the field at `at` into row `row` of column `column`. */
  slow(column: number, at: number, end: number, row: number): number;
  /** Pass over the field at `at`. */
  skip(at: number, end: number): number;
  /** There are only `found` fields: what is missing becomes null; false when that is not allowed. */
  short(found: number, row: number): boolean;
  /** Keep the reason and return -1. */
  fail(at: number, expected: string): number;
}

/** Reads the record [p, end) into row `r`; less than 0 when it is none. */
export type ReadCsv = (u8: Uint8Array, dv: DataView, p: number, end: number, r: number) => number;

const POWERS = Float64Array.from({ length: 23 }, (_, i) => 10 ** i);

/** Code for records with `count` fields of which `columns` are asked for. Only numbers enter the text. */
export function generateCsvReader(
  columns: readonly CsvColumn[],
  count: number,
  options: CsvOptions,
  callbacks: CsvCallbacks,
): ReadCsv {
  const stop = `(c=u8[p])===${options.delimiter}||c===10||c===13`;
  const fields = Array.from({ length: count }, (_, field) => {
    const k = columns.findIndex(c => c.field === field);
    const read = k < 0 ? skipCode(options, stop) : readCode(columns[k]!, k, options, stop);
    if (field === 0) return read;
    return `if(p>=end||u8[p]!==${options.delimiter}){return short(${field},r)?p:-1}p++;\n${read}`;
  });
  const declares = columns.map(({ builder }, k) => {
    const parts = [`n${k}=B[${k}].nulls`];
    if (!('children' in builder)) {
      if (builder.physical === 'bytes') parts.push(`o${k}=B[${k}].offsets`, `l${k}=B[${k}].lengths`);
      if (builder.physical === 'i32') parts.push(`v${k}=B[${k}].ints`);
      if (builder.physical === 'f64' || builder.physical === 'timestamp') parts.push(`v${k}=B[${k}].floats`);
      if (builder.nanos !== null) parts.push(`m${k}=B[${k}].nanos`);
      if (builder.words.length > 0) parts.push(`w${k}=B[${k}].words`);
    }
    const cache = builder.physical === 'timestamp' ? `let ta${k}=0,tb${k}=0,tc${k}=0,day${k}=0;` : '';
    return `const ${parts.join(',')};${cache}`;
  });
  const source = `'use strict';const {B,P,slow,skip,short,fail,isUtf8,dayMs}=env;
${declares.join('\n')}
return function readCsv(u8,dv,p,end,r){let c=0;
${fields.join('\n')}
if(p<end&&u8[p]===${options.delimiter})return fail(p,'at most ${count} fields');
return p}`;
  const env = {
    B: columns.map(c => c.builder),
    P: POWERS,
    slow: (k: number, at: number, end: number, r: number) => callbacks.slow(k, at, end, r),
    skip: (at: number, end: number) => callbacks.skip(at, end),
    short: (found: number, r: number) => callbacks.short(found, r),
    fail: (at: number, expected: string) => callbacks.fail(at, expected),
    isUtf8,
    dayMs,
  };
  return compileFactory<ReadCsv>(['env'], source)(env);
}

/** A byte at which a plain field is none any more. */
const special = ({ quote, escapeCode }: CsvOptions): string =>
  [quote, escapeCode].flatMap(code => (code < 0 ? [] : [`c===${code}`])).join('||') || 'false';

function skipCode(options: CsvOptions, stop: string): string {
  const isQuoted = options.quote < 0 ? 'false' : `p<end&&u8[p]===${options.quote}`;
  const isEscape = options.escapeCode < 0 ? 'false' : `c===${options.escapeCode}`;
  return `{const s0=p;let ok=!(${isQuoted});if(ok)while(p<end&&!(${stop})){if(${isEscape}){ok=false;break}p++}
if(!ok){p=skip(s0,end);if(p<0)return -1}}`;
}

function readCode({ type, nullable }: CsvColumn, k: number, options: CsvOptions, stop: string): string {
  const slow = `p=slow(${k},s0,end,r);if(p<0)return -1;`;
  if (!isFastType(type)) return `{const s0=p;${slow}}`;
  if (type.kind === 'CHAR' || type.kind === 'VARCHAR') return textCode(k, nullable, options, stop, slow);
  if (type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ')
    return timeCode(k, type, options, stop, slow);
  // The text of a null may well look like a number.
  if (options.nullLiteral !== null && /^[-+.\d]/.test(options.nullLiteral)) return `{const s0=p;${slow}}`;
  return numberCode(k, type, stop, slow);
}

function textCode(k: number, nullable: boolean, options: CsvOptions, stop: string, slow: string): string {
  const bytes = options.nullLiteral === null ? null : new TextEncoder().encode(options.nullLiteral);
  const isNull =
    bytes === null
      ? 'false'
      : [`p-s0===${bytes.length}`, ...Array.from(bytes, (b, i) => `u8[s0+${i}]===${b}`)].join('&&');
  const setNull = nullable ? `n${k}[r]=${NULL};B[${k}].hasNulls=true` : slow;
  const plain = `let hi=0,ok=true;while(p<end&&!(${stop})){if(${special(options)}){ok=false;break}hi|=c;p++}
if(!ok||hi>127&&!isUtf8(u8,s0,p)){${slow}}else if(${isNull}){${setNull}}
else{o${k}[r]=s0;l${k}[r]=p-s0;n${k}[r]=0}`;
  if (options.quote < 0 || bytes !== null) return `{const s0=p;${plain}}`;
  const isEscape = options.escapeCode < 0 ? '' : `&&c!==${options.escapeCode}`;
  return `{const s0=p;if(p<end&&u8[p]===${options.quote}){let hi=0;p++;
while(p<end&&(c=u8[p])!==${options.quote}${isEscape}){hi|=c;p++}const q=p++;
if(q<end&&c===${options.quote}&&(p>=end||${stop})&&(hi<128||isUtf8(u8,s0+1,q))){
o${k}[r]=s0+1;l${k}[r]=q-s0-1;n${k}[r]=0}else{${slow}}
}else{${plain}}}`;
}

/** A timestamp of the usual form, in quotes or not. */
function timeCode(
  k: number,
  type: CsvColumn['type'],
  options: CsvOptions,
  stop: string,
  slow: string,
): string {
  const [zoned, nanos] = [type.kind === 'TIMESTAMP_LTZ', 'precision' in type && type.precision > 3];
  const form = (quoted: boolean): string =>
    `{let ok=true;${timestamp(k, zoned, nanos, 'SQL', 'ok=false', quoted)}if(!ok||p>end||p<end&&!(${stop})){${slow}}}`;
  if (options.nullLiteral !== null && /^\d/.test(options.nullLiteral)) return `{const s0=p;${slow}}`;
  const either = options.quote === 34 ? `if(u8[p]===34)${form(true)}else ${form(false)}` : form(false);
  return `{const s0=p;if(end-p<19){${slow}}else{${either}}}`;
}

const RANGES: Readonly<Record<string, string>> = {
  TINYINT: 'x>=-128&&x<=127',
  SMALLINT: 'x>=-32768&&x<=32767',
  INT: 'x>=-2147483648&&x<=2147483647',
};

/** At most 15 digits, so that the number is exact on the way. */
function numberCode(k: number, type: CsvColumn['type'], stop: string, slow: string): string {
  const isWhole = type.kind in RANGES || type.kind === 'BIGINT';
  const fraction = isWhole
    ? ''
    : 'if(p<end&&u8[p]===46){p++;while(p<end&&(c=u8[p]-48)>=0&&c<10){x=x*10+c;f++;p++}dots=1}';
  return `{const s0=p;let x=0,f=0,dots=0;const neg=p<end&&u8[p]===45;if(neg)p++;const p0=p;
while(p<end&&(c=u8[p]-48)>=0&&c<10){x=x*10+c;p++}
${fraction}const n=p-p0-dots;
if(n>0&&n<16&&(p>=end||${stop})${RANGES[type.kind] === undefined ? '' : `&&(x=neg?-x:x,${RANGES[type.kind]})`}){${store(k, type)}}else{${slow}}}`;
}

function store(k: number, type: CsvColumn['type']): string {
  const words = `w${k}[2*r]=x;w${k}[2*r+1]=Math.floor(x/4294967296);n${k}[r]=0`;
  switch (type.kind) {
    case 'BIGINT':
      return `if(neg)x=-x;${words}`;
    case 'FLOAT':
      return `v${k}[r]=Math.fround((neg?-x:x)/P[f]);n${k}[r]=0`;
    case 'DOUBLE':
      return `v${k}[r]=(neg?-x:x)/P[f];n${k}[r]=0`;
    case 'DECIMAL': {
      const limit = 10 ** type.precision;
      const slow = `p=slow(${k},s0,end,r);if(p<0)return -1;`;
      return `if(f<=${type.scale}&&(x*=P[${type.scale}-f])<${limit}){if(neg)x=-x;${words}}else{${slow}}`;
    }
    default:
      return `v${k}[r]=x;n${k}[r]=0`;
  }
}
