import { compileFactory } from '../../core/compile-source.ts';
import type { DataType } from '../../core/types.ts';
import { type Builder, ensureRow, type NestedBuilder, setNull } from '../builders.ts';

/** What generated code calls for the rarer values. */
export interface AvroCallbacks {
  /** A string or binary of `length` bytes at `at`. */
  bytes(builder: Builder, row: number, at: number, length: number): void;
  /** A decimal, as big-endian bytes in two's complement. */
  decimal(builder: Builder, row: number, at: number, length: number): void;
}

/** Reads the record [p, end) into row `r`; null when it is one, else why it is not. */
export type ReadAvro = (u8: Uint8Array, dv: DataView, p: number, end: number, r: number) => string | null;

/**
 * Readers of numbers over the position `p`: zigzag varints of 32 bits, and of 64 as the words `lo`, `hi`.
 * Beyond the end of the memory bytes are undefined, which counts as 0; that `p` has gone too far is seen
 * afterwards.
 */
const NUMBERS = `
const int=()=>{let b=u8[p++];let x=b&127;for(let s=7;b>127;s+=7){if(s>28)throw 'Invalid int encoding';b=u8[p++];x|=(b&127)<<s}
return (x>>>1)^-(x&1)};
const long=()=>{let b=u8[p++];let a=b&127,m=0,h=0;
for(let s=7;b>127&&s<28;s+=7){b=u8[p++];a|=(b&127)<<s}
if(b>127){for(let s=0;s===0||b>127&&s<28;s+=7){b=u8[p++];m|=(b&127)<<s}
if(b>127){for(let s=0;s===0||b>127;s+=7){if(s>7)throw 'Invalid long encoding';b=u8[p++];h|=(b&127)<<s}}}
const l=a|m<<28,g=m>>>4|h<<24,z=-(l&1);lo=(l>>>1|g<<31)^z;hi=(g>>>1)^z};
const number=()=>{long();return hi*4294967296+(lo>>>0)};
const size=()=>{const n=number();if(n<0)throw 'Malformed data. Length is negative: '+n;if(n>end-p)throw EOF;return n};
const count=()=>{let n=number();if(n<0){n=-n;number()}if(n>end-p)throw EOF;return n};
const isNull=()=>{const b=u8[p];if(p>=end)throw EOF;if(b!==0&&b!==2)throw 'Index '+int()+' out of bounds for length 2';p++;return b===0};
const EOF='the record ends within a value';
`;

/** Collects the text of a reader; only indices and fixed words enter it. */
class AvroCode {
  readonly builders: Builder[] = [];
  readonly hoisted: string[] = [];
  #names = 0;

  name(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  /**
   * Statements that read a value of the type into row `r` of a column. The arrays of a column that never
   * grows (`fixed`) are looked up once.
   */
  value(type: DataType, builder: Builder, r: string, fixed: boolean): string {
    const id = this.builders.push(builder) - 1;
    const b = `B[${id}]`;
    const array = (name: string): string => {
      if (!fixed) return `${b}.${name}`;
      const line = `const ${name}${id}=${b}.${name};`;
      if (!this.hoisted.includes(line)) this.hoisted.push(line);
      return `${name}${id}`;
    };
    const body =
      'children' in builder
        ? this.#nested(type, builder, b, r, fixed)
        : `${array('nulls')}[${r}]=0;${scalar(type, b, array, r)}`;
    return type.nullable ? `if(isNull())setNull(${b},${r});else{${body}}` : `{${body}}`;
  }

  #nested(type: DataType, builder: NestedBuilder, b: string, r: string, fixed: boolean): string {
    const { children } = builder;
    if (type.kind === 'ROW') {
      const fields = children.map((child, i) => {
        // Rows inside of lists grow with them.
        const c = `B[${this.builders.push(child) - 1}]`;
        const room = fixed ? '' : `ensureRow(${c},${r});`;
        return `${room}${this.value(type.fields[i]!.type, child, r, fixed)}`;
      });
      return `${b}.nulls[${r}]=0;${fields.join('\n')}`;
    }
    const [from, n, left] = [this.name('f'), this.name('n'), this.name('c')];
    const items = children.map((child, i) => {
      const c = `B[${this.builders.push(child) - 1}]`;
      const isKey = children.length === 2 && i === 0;
      const inner = isKey ? KEY : itemType(type);
      return `ensureRow(${c},${n});${this.value(inner, child, n, false)}`;
    });
    return `const ${from}=${b}.used;let ${n}=${from};
for(let ${left}=count();${left}>0;${left}=count())
for(;${left}>0;${left}--){${items.join('')}if(p>end)throw EOF;${n}++}
${b}.nulls[${r}]=0;${b}.offsets[${r}]=${from};${b}.lengths[${r}]=${n}-${from};${b}.used=${n};`;
  }
}

const KEY: DataType = { kind: 'VARCHAR', length: 2147483647, nullable: false };
const COUNT: DataType = { kind: 'INT', nullable: false };

function itemType(type: DataType): DataType {
  if (type.kind === 'ARRAY') return type.element;
  return type.kind === 'MAP' ? type.value : COUNT;
}

function scalar(type: DataType, b: string, array: (name: string) => string, r: string): string {
  switch (type.kind) {
    case 'BOOLEAN':
      return `${array('bytes')}[${r}]=u8[p++]===1?1:0;`;
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'DATE':
    case 'TIME':
      return `${array('ints')}[${r}]=int();`;
    case 'BIGINT':
      return `long();${array('words')}[2*${r}]=lo;${array('words')}[2*${r}+1]=hi;`;
    case 'FLOAT':
      return `if(end-p<4)throw EOF;${array('floats')}[${r}]=dv.getFloat32(p,true);p+=4;`;
    case 'DOUBLE':
      return `if(end-p<8)throw EOF;${array('floats')}[${r}]=dv.getFloat64(p,true);p+=8;`;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return `${array('floats')}[${r}]=number();${type.precision > 3 ? `${array('nanos')}[${r}]=0;` : ''}`;
    case 'DECIMAL':
      return `{const l=size();decimal(${b},${r},p,l);p+=l}`;
    default:
      return `{const l=size();bytes(${b},${r},p,l);p+=l}`;
  }
}

/** Code for records of these fields, one after another. */
export function generateAvroReader(
  fields: readonly { readonly type: DataType; readonly builder: Builder }[],
  callbacks: AvroCallbacks,
): ReadAvro {
  const code = new AvroCode();
  const parts = fields.map(({ type, builder }) => code.value(type, builder, 'r', true));
  const source = `'use strict';const {B,ensureRow,setNull,bytes,decimal}=env;
${code.hoisted.join('')}
let u8,dv,p=0,end=0,lo=0,hi=0;${NUMBERS}
return function readAvro(data,view,from,to,r){u8=data;dv=view;p=from;end=to;
try{${parts.join('\n')}
if(p>end)throw EOF;return null}catch(error){if(typeof error==='string')return error;throw error}}`;
  const env = {
    B: code.builders,
    ensureRow,
    setNull,
    bytes: (b: Builder, r: number, at: number, length: number) => callbacks.bytes(b, r, at, length),
    decimal: (b: Builder, r: number, at: number, length: number) => callbacks.decimal(b, r, at, length),
  };
  return compileFactory<ReadAvro>(['env'], source)(env);
}
