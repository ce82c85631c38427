import type { DataType } from '../../core/types.ts';
import { NULL } from '../builders.ts';
import type { TimestampStandard } from '../text/timestamp.ts';

/**
 * Pieces of generated decoding code. Names in them are ours: `u8`, `dv`, `i32` are views of the arena, `p`
 * the position, `end` the record's end, `r` the row, `v3`, `n3` … the arrays of column 3. Field names and
 * separators appear only as numbers computed from their bytes. `miss` is the statement for bytes that the
 * code can't handle.
 */

/** `null` as a 32-bit word. */
export const NULL_WORD = 0x6c6c756e;

/**
 * Expression: the bytes at `p` are exactly `bytes`, compared by words of eight and four bytes, the last one
 * overlapping. Eight bytes are compared as doubles: those of text are neither NaN nor zero, so that equal
 * doubles are equal bytes.
 */
export function literalTest(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { length } = bytes;
  if (length === 0) return 'true';
  if (length < 4) return Array.from(bytes, (byte, i) => `u8[p+${i}]===${byte}`).join('&&');
  const tests: string[] = [];
  const double = (at: number) => tests.push(`dv.getFloat64(p+${at},true)===${view.getFloat64(at, true)}`);
  const int = (at: number) => tests.push(`dv.getInt32(p+${at},true)===${view.getInt32(at, true)}`);
  let i = 0;
  for (; i + 8 <= length; i += 8) double(i);
  if (length - i > 4 && length >= 8) double(length - 8);
  else {
    if (length - i >= 4) int(i);
    if (length % 4 > 0) int(length - 4);
  }
  return tests.join('&&');
}

/**
 * Statements: from `p` (behind an opening quote) to the first quote, backslash or control byte, four bytes
 * at a time; `c` is that byte, `hi` has bit 7 set somewhere when a byte was not ASCII. (x - 0xnn…) & ~x &
 * 0x80… finds bytes below nn; after ^ 2 the quote (0x22) is the only byte below 0x21 beside the control
 * bytes.
 */
export const SCAN_STRING = `hi=0;c=u8[p];
while((p&3)!==0&&c!==34&&c!==92&&c>31){hi|=c;c=u8[++p]}
if((p&3)===0){let q=p>>2;for(;;){const x=i32[q],a=x^0x02020202,b=x^0x5c5c5c5c;
if((((a-0x21212121)&~a|(b-0x01010101)&~b)&0x80808080)!==0)break;hi|=x;q++}
p=q<<2;c=u8[p];while(c!==34&&c!==92&&c>31){hi|=c;c=u8[++p]}}`;

/**
 * Statement: behind a value nobody asked for. Plain strings, `null` and short integers are passed here, the
 * rest by `skip`. Digits are `(c - 48) >>> 0 < 10`.
 */
export function skipSnippet(miss: string): string {
  return `{const s0=p;c=u8[p];
if(c===34)p=textEnd(u8,i32,p+1)+1;
else if(c>48&&c<58){do c=u8[++p];while((c-48>>>0)<10);if(c===46||c===101||c===69)p=0}
else if(dv.getInt32(p,true)===${NULL_WORD})p+=4;else p=0;
if(p===0){p=skip(s0,end);if(p<0)${miss}}}`;
}

/** Statements that read the value at `p` into row `r` of column `k` and move `p` behind it. */
export function valueSnippet(k: number, type: DataType, standard: TimestampStandard, miss: string): string {
  const slow = `p=slow(${k},s0,end,r);if(p<0)${miss}`;
  const body = `{const s0=p;${bodyOf(k, type, standard, slow)}}`;
  if (!type.nullable || type.kind === 'ARRAY' || type.kind === 'MAP' || type.kind === 'ROW') return body;
  return `if(u8[p]===110&&dv.getInt32(p,true)===${NULL_WORD}){p+=4;n${k}[r]=${NULL};B[${k}].hasNulls=true}else${body}`;
}

function bodyOf(k: number, type: DataType, standard: TimestampStandard, slow: string): string {
  switch (type.kind) {
    case 'BOOLEAN':
      return `const w=dv.getInt32(p,true);
if(w===0x65757274){v${k}[r]=1;n${k}[r]=0;p+=4}
else if(w===0x736c6166&&u8[p+4]===101){v${k}[r]=0;n${k}[r]=0;p+=5}else{${slow}}`;
    case 'TINYINT':
      return integer(k, `x>=-128&&x<=127`, `v${k}[r]=x`, slow);
    case 'SMALLINT':
      return integer(k, `x>=-32768&&x<=32767`, `v${k}[r]=x`, slow);
    case 'INT':
      return integer(k, `x>=-2147483648&&x<=2147483647`, `v${k}[r]=x`, slow);
    case 'BIGINT':
      return integer(k, `x>=-9007199254740991&&x<=9007199254740991`, storeWords(k), slow);
    case 'FLOAT':
    case 'DOUBLE':
      return fraction(k, type.kind === 'FLOAT' ? 'Math.fround(x/P[f])' : 'x/P[f]', slow);
    case 'DECIMAL':
      return type.precision <= 18 ? decimal(k, type.precision, type.scale, slow) : slow;
    case 'CHAR':
    case 'VARCHAR':
      return `const e=u8[p]===34?textEnd(u8,i32,p+1):-1;
if(e>=0){o${k}[r]=p+1;l${k}[r]=e-p-1;n${k}[r]=0;p=e+1}else{${slow}}`;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return timestamp(k, type.kind === 'TIMESTAMP_LTZ', type.precision > 3, standard, slow);
    default:
      return slow;
  }
}

const storeWords = (k: number): string => `w${k}[2*r]=x;w${k}[2*r+1]=Math.floor(x/4294967296)`;

/**
 * Digits into `x` by two halves that stay small integers; `bad` when there are none, too many, or a leading
 * zero.
 */
const DIGITS = `c=u8[p];const neg=c===45;if(neg)c=u8[++p];const p0=p;let v=0;c-=48;
while(c>=0&&c<10&&p-p0<9){v=v*10+c;c=u8[++p]-48}
let x=v;if(c>=0&&c<10){let h=0,m=1;while(c>=0&&c<10&&p-p0<16){h=h*10+c;m*=10;c=u8[++p]-48}x=v*m+h}
let bad=p===p0||(c>=0&&c<10)||(p-p0>1&&u8[p0]===48);`;

function integer(k: number, range: string, store: string, slow: string): string {
  return `${DIGITS}if(neg)x=-x;
if(bad||c===-2||c===21||c===53||!(${range})){${slow}}else{${store};n${k}[r]=0}`;
}

/**
 * Behind DIGITS: the fraction's digits go on in `x`, their number in `f`; at most 15 digits together stay
 * exact.
 */
const FRACTION = `let f=0;if(c===-2){const f0=p;c=u8[++p]-48;while(c>=0&&c<10&&p-p0<17){x=x*10+c;f++;c=u8[++p]-48}
if(p-f0<2)bad=true}
if(c===21||c===53||c===-2||(c>=0&&c<10)||p-p0>16)bad=true;`;

function fraction(k: number, value: string, slow: string): string {
  return `${DIGITS}${FRACTION}if(bad||x>9007199254740991){${slow}}else{if(neg)x=-x;v${k}[r]=${value};n${k}[r]=0}`;
}

function decimal(k: number, precision: number, scale: number, slow: string): string {
  const limit = 10 ** Math.min(precision, 15);
  return `const quoted=u8[p]===34;if(quoted)p++;${DIGITS}${FRACTION}
if(quoted){if(u8[p]!==34)bad=true;p++}
if(!bad&&f<=${scale}&&x<1e15){x*=P[${scale}-f];if(x>=${limit})bad=true}else bad=true;
if(bad){${slow}}else{if(neg)x=-x;${storeWords(k)};n${k}[r]=0}`;
}

/**
 * `"yyyy-MM-dd HH:mm:ss[.f]"`: the day is worked out again only when its ten bytes change; hours, minutes
 * and seconds are checked as words (high nibbles are those of digits and colons, low nibbles below ten).
 */
export function timestamp(
  k: number,
  zoned: boolean,
  nanos: boolean,
  standard: TimestampStandard,
  slow: string,
  quoted = true,
): string {
  const separator = standard === 'SQL' ? 32 : 84;
  const q = quoted ? 1 : 0;
  return `let bad=${quoted ? 'u8[p]!==34||' : ''}u8[p+${10 + q}]!==${separator};
if(!bad){const a=dv.getInt32(p+${q},true),b=dv.getInt32(p+${4 + q},true),d=dv.getInt16(p+${8 + q},true);
if(a!==ta${k}||b!==tb${k}||d!==tc${k}){const ms=dayMs(u8,p+${q});
if(ms===ms){ta${k}=a;tb${k}=b;tc${k}=d;day${k}=ms}else{ta${k}=0;bad=true}}
const t=dv.getInt32(p+${11 + q},true),z=dv.getInt32(p+${15 + q},true);
if((t&0xf0fff0f0|0)!==0x303a3030||(z&0xf0f0fff0|0)!==0x30303a30
||((t&0x0f000f0f)+0x06000606&0x10001010)!==0||((z&0x0f0f000f)+0x06060006&0x10100010)!==0)bad=true;
const hh=(t&15)*10+(t>>8&15),mm=(t>>24&15)*10+(z&15),ss=(z>>16&15)*10+(z>>24&15);
if(hh>23||mm>59||ss>59)bad=true;
p+=${19 + q};let f=0;c=u8[p];if(c===46){let e=100000000;c=u8[++p]-48;
while(c>=0&&c<10&&e>=1){f+=c*e;e=e/10|0;c=u8[++p]-48}c+=48}
${zoned ? 'if(c!==90)bad=true;c=u8[++p];' : ''}
if(bad${quoted ? '||c!==34' : ''})bad=true;else{const fm=f/1000000|0;v${k}[r]=day${k}+((hh*60+mm)*60+ss)*1000+fm;
${nanos ? `m${k}[r]=f-fm*1000000;` : ''}n${k}[r]=0;${quoted ? 'p++' : ''}}}
if(bad){${slow}}`;
}
