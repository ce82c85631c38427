import type { Column } from '../../core/batch.ts';
import { compileOnce } from '../../core/compile-source.ts';
import { type DataType, isNestedType, physicalTypeOf } from '../../core/types.ts';
import { ByteOutput } from '../byte-output.ts';
import type { JsonOptions } from '../options.ts';
import { jsonWriter } from './nested.ts';
import { putString, putTimestamp, timestampWriter } from './put.ts';
import {
  putAscii,
  putDecimal,
  putDecimal128,
  putDouble,
  putInteger,
  putLong,
  putShortDecimal,
  putSmall,
  SHORT_SCALE_MAX,
  SMALL_END,
} from './put-number.ts';
import { jsonText } from './text.ts';

/**
 * Where records are written, one behind the other: `dv` is over the memory of `u8`, which may be written up to
 * `limit`.
 */
export interface RecordTarget {
  readonly u8: Uint8Array;
  readonly dv: DataView;
  readonly limit: number;
  /** Where the first record may begin. */
  begin(): number;
  /** Makes room for a record of up to `bytes` bytes instead of the one that would begin at `start`. */
  room(start: number, bytes: number): number;
  /** A record lies at [start, end); where the next one may begin. */
  end(start: number, end: number): number;
}

/** One field to write. */
export interface FieldCode {
  readonly name: string;
  readonly type: DataType;
}

/**
 * Writes rows `rows[0 … count-1]` of the columns. `env` holds what one encoder's texts and times need: it comes in
 * from outside, so that encoders of the same fields are one function.
 * `kinds` (RowKind by row, or null) is for envelopes only. */
export type WriteRows = (
  env: unknown,
  columns: readonly Column[],
  kinds: Uint8Array | null,
  rows: Int32Array,
  count: number,
  target: RecordTarget,
) => void;

/** Bytes of the longest value but a string: a DECIMAL(38, …) with sign and point, or a far timestamp. */
const SCALAR_BYTES_MAX = 48;
const ENVELOPE_BYTES_MAX = 64;

const isString = (type: DataType): boolean => type.kind === 'CHAR' || type.kind === 'VARCHAR';
const isBinary = (type: DataType): boolean => type.kind === 'BINARY' || type.kind === 'VARBINARY';
const isZoned = (type: DataType): boolean => type.kind === 'TIMESTAMP_LTZ';

/**
 * Statements that write constant bytes at `p` and move on, by words of eight and four bytes, the last one
 * overlapping; names reach the code only as numbers. The bytes of a text are never those of a NaN.
 */
function putBytes(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const view = new DataView(bytes.buffer);
  const { length } = bytes;
  const parts: string[] = [];
  const double = (at: number) => parts.push(`dv.setFloat64(p+${at},${view.getFloat64(at, true)},true)`);
  const int = (at: number) => parts.push(`dv.setInt32(p+${at},${view.getInt32(at, true)},true)`);
  let i = 0;
  for (; i + 8 <= length; i += 8) double(i);
  if (length - i > 4 && length >= 8) double(length - 8);
  else if (length >= 4) {
    if (length - i >= 4) int(i);
    if (length % 4 > 0) int(length - 4);
  } else for (const [k, byte] of bytes.entries()) parts.push(`u8[p+${k}]=${byte}`);
  return `${parts.join(';')};p+=${length};`;
}

/** The arrays of column `k`, taken from the batch. */
function declare(k: number, { type }: FieldCode): string {
  const of = `const c${k}=columns[${k}],n${k}=c${k}.nulls;`;
  if (isString(type)) {
    return `${of}const d${k}=c${k}.data,o${k}=c${k}.offsets,l${k}=c${k}.lengths;
const g${k}=new DataView(d${k}.buffer,d${k}.byteOffset,d${k}.byteLength);`;
  }
  if (isBinary(type)) return `${of}const l${k}=c${k}.lengths;`;
  if (isWide(type)) return `${of}const h${k}=words(c${k}.high),w${k}=words(c${k}.low);`;
  if (hasWords(type)) return `${of}const w${k}=words(c${k}.values);`;
  const isWhole = isNestedType(type) || type.kind.startsWith('TIMESTAMP');
  return isWhole ? of : `${of}const v${k}=c${k}.values;`;
}

/** 64-bit values as pairs of words. */
const words = ({ buffer, byteOffset, length }: BigInt64Array | BigUint64Array): Int32Array =>
  new Int32Array(buffer, byteOffset, length * 2);

const hasWords = (type: DataType): boolean =>
  type.kind === 'BIGINT' || type.kind === 'INTERVAL_DAY_TIME' || type.kind === 'DECIMAL';
const isWide = (type: DataType): boolean => physicalTypeOf(type) === 'decimal128';

/** Statement: the value of column `k` in row `r`. */
function value(k: number, { type }: FieldCode): string {
  switch (type.kind) {
    case 'BOOLEAN':
      return `if(v${k}[r]===1){${putBytes('true')}}else{${putBytes('false')}}`;
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'INTERVAL_YEAR_MONTH':
      return `p=putInteger(u8,p,v${k}[r]);`;
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
      // Most are small: they are told here, with one call less.
      return `{const lo=w${k}[2*r],hi=w${k}[2*r+1];
if(hi===0&&lo>=0&&lo<${SMALL_END})p=putSmall(u8,p,lo);else p=putLong(u8,p,lo,hi)}`;
    case 'CHAR':
    case 'VARCHAR':
      return `p=putString(u8,dv,p,d${k},g${k},o${k}[r],l${k}[r]);`;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return `p=putTimestamp(u8,dv,p,c${k},r,timestamps[${k}]);`;
    case 'DOUBLE':
      // What JSON has no word for is written as text.
      return `if(Number.isFinite(v${k}[r]))p=putDouble(u8,p,v${k}[r]);else p=putAscii(u8,p,text(${k},c${k},r));`;
    case 'DECIMAL':
      return decimal(k, type.scale, isWide(type));
    case 'ARRAY':
    case 'MAP':
    case 'MULTISET':
    case 'ROW':
      return `p=copyNested(${k},u8,p);`;
    default:
      return `p=putAscii(u8,p,text(${k},c${k},r));`;
  }
}

/** Statement: as `value`, of a decimal. Most are short: they are told here, where nothing is called for them. */
function decimal(k: number, scale: number, wide: boolean): string {
  const words = wide ? `lo,hi,h${k}[2*r],h${k}[2*r+1]` : 'lo,hi';
  const any = `p=putDecimal${wide ? '128' : ''}(u8,p,${words},${scale});`;
  const declared = `const lo=w${k}[2*r],hi=w${k}[2*r+1];`;
  if (scale > SHORT_SCALE_MAX) return `{${declared}${any}}`;
  const isShort = `hi>=0&&hi<0x200000${wide ? `&&h${k}[2*r]===0&&h${k}[2*r+1]===0` : ''}`;
  return `{${declared}
if(${isShort})p=putShortDecimal(u8,dv,p,hi*0x100000000+(lo>>>0),${scale});else ${any}}`;
}

/** How many bytes row `r` may take, as an expression. */
function bound(fields: readonly FieldCode[]): string {
  const fixed = fields.reduce((sum, f) => sum + f.name.length * 6 + 8 + SCALAR_BYTES_MAX, ENVELOPE_BYTES_MAX);
  const lengths = fields.map(({ type }, k) => {
    if (isString(type) || isBinary(type)) return `+(n${k}!==null&&n${k}[r]===1?0:6*l${k}[r])`;
    return isNestedType(type) ? `+t${k}` : '';
  });
  return `${fixed}${lengths.join('')}`;
}

const NULL_TEXT = putBytes('null');

/** The row as an object: every field brings its comma, the first becomes the brace. */
function object(fields: readonly FieldCode[], ignoreNulls: boolean): string {
  const parts = fields.map((field, k) => {
    const key = putBytes(`,${JSON.stringify(field.name)}:`);
    const isNull = `n${k}!==null&&n${k}[r]===1`;
    return ignoreNulls
      ? `if(!(${isNull})){${key}${value(k, field)}}`
      : `${key}if(${isNull}){${NULL_TEXT}}else{${value(k, field)}}`;
  });
  return `{const p0=p;\n${parts.join('\n')}\nu8[p0]=123;if(p===p0)p++;u8[p++]=125}`;
}

function envelope(row: string): string {
  return `if(kinds===null||kinds[r]===0||kinds[r]===2){
${putBytes('{"before":null,"after":')}${row}${putBytes(',"op":"c"}')}}
else{${putBytes('{"before":')}${row}${putBytes(',"after":null,"op":"d"}')}}`;
}

/** What generated writers call. */
const PUTS = {
  putAscii,
  putDecimal,
  putDecimal128,
  putDouble,
  putInteger,
  putLong,
  putShortDecimal,
  putSmall,
  putString,
  putTimestamp,
  words,
};

/** Generate the writer of rows with these fields, as objects or as Debezium envelopes. */
export function generateWriter(
  fields: readonly FieldCode[],
  options: JsonOptions,
  isEnvelope: boolean,
): { readonly write: WriteRows; readonly env: unknown } {
  const row = object(fields, options.ignoreNullFields);
  const nested = fields
    .map(({ type }, k) => (isNestedType(type) ? `const t${k}=nested(${k},c${k},r);` : ''))
    .join('');
  const source = `'use strict';
return function writeRows(env,columns,kinds,rows,count,target){
const {copyNested,nested,text,timestamps}=env;
let u8=target.u8,dv=target.dv,limit=target.limit,p=target.begin();
${fields.map((f, k) => declare(k, f)).join('\n')}
for(let i=0;i<count;i++){const r=rows[i];${nested}
const needed=${bound(fields)};
if(p+needed>limit){p=target.room(p,needed);u8=target.u8;dv=target.dv;limit=target.limit}
const start=p;
${isEnvelope ? envelope(row) : row}
p=target.end(start,p)}}`;
  const outputs = fields.map(() => new ByteOutput());
  const writers = fields.map(({ type }) => jsonWriter(type, options));
  const env = {
    nested: (k: number, column: Column, r: number) => {
      outputs[k]!.p = 0;
      writers[k]!(column, r, outputs[k]!);
      return outputs[k]!.p;
    },
    copyNested: (k: number, u8: Uint8Array, p: number) => {
      const { u8: from, p: length } = outputs[k]!;
      u8.set(from.subarray(0, length), p);
      return p + length;
    },
    text: (k: number, column: Column, r: number) => jsonText(column, fields[k]!.type, r, options),
    timestamps: fields.map(({ type }) => timestampWriter(options.timestampStandard, isZoned(type))),
  };
  return { write: compileOnce<WriteRows>(PUTS, source), env };
}
