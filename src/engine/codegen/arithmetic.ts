import { type DataType, physicalTypeOf, powerOfTen } from '../../core/mod.ts';
import type { Expression } from '../../plan/mod.ts';
import { type CodeWriter, failCode, strict, unsupported, type Value } from './code.ts';
import { asDouble } from './comparison.ts';
import { exactProduct } from './exact-decimal.ts';
import { compileTimeArithmetic } from './time-arithmetic.ts';

type Call = Extract<Expression, { kind: 'call' }>;

const NAMES: Readonly<Record<string, string>> = {
  '+': '+',
  '-': '-',
  '*': '*',
  '/': '/',
  '%': '%',
  MOD: '%',
  NEGATE: '-',
  'UNARY -': '-',
  'UNARY +': '+',
};

export function isArithmetic(call: Call): boolean {
  return Object.hasOwn(NAMES, call.name);
}

const isNumeric = (type: DataType): boolean =>
  ['TINYINT', 'SMALLINT', 'INT', 'BIGINT', 'FLOAT', 'DOUBLE', 'DECIMAL', 'NULL'].includes(type.kind);

export function compileArithmetic(w: CodeWriter, call: Call, values: readonly Value[]): Value {
  const op = NAMES[call.name]!;
  const [a, b] = values as [Value, Value | undefined];
  if (values.length === 1) return op === '+' ? a : strict(w, call.type, [a], negate(call.type, a));
  if (b === undefined) return unsupported(call.name);
  if (!isNumeric(a.type) || !isNumeric(b.type)) return compileTimeArithmetic(w, op, call, a, b);
  switch (call.type.kind) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return integer(w, op, call, a, b);
    case 'FLOAT':
      return strict(w, call.type, [a, b], `Math.fround(${asDouble(a)} ${op} ${asDouble(b)})`);
    case 'DOUBLE':
      return strict(w, call.type, [a, b], `(${asDouble(a)} ${op} ${asDouble(b)})`);
    case 'DECIMAL':
      return decimal(w, op, call, call.type, a, b);
    default:
      return unsupported(`${call.name} giving ${call.type.kind}`);
  }
}

/** Wraps an i32 result to its width. */
export function narrow(type: DataType, code: string): string {
  if (type.kind === 'TINYINT') return `((${code}) << 24 >> 24)`;
  return type.kind === 'SMALLINT' ? `((${code}) << 16 >> 16)` : `((${code}) | 0)`;
}

function negate(type: DataType, v: Value): string {
  switch (physicalTypeOf(type)) {
    case 'i64':
      return `BigInt.asIntN(64, -${v.code})`;
    case 'i32':
      return narrow(type, `-${v.code}`);
    case 'f64':
      return `(-${v.code})`;
    default:
      return `(-${v.code})`;
  }
}

function asBigint(v: Value): string {
  return physicalTypeOf(v.type) === 'i32' ? `BigInt(${v.code})` : v.code;
}

/** Java's integer arithmetic: wraps silently, division by zero fails. */
function integer(w: CodeWriter, op: string, call: Call, a: Value, b: Value): Value {
  const wide = [call.type, a.type, b.type].some(type => physicalTypeOf(type) === 'i64');
  const zero = wide ? '0n' : '0';
  const [x, y] = wide ? [asBigint(a), asBigint(b)] : [a.code, b.code];
  let code = op === '*' && !wide ? `Math.imul(${x}, ${y})` : `${x} ${op} ${y}`;
  if (op === '/' || op === '%') {
    code = `(${y} === ${zero} ? ${failCode(w, call.at, '/ by zero')} : ${code})`;
  }
  if (!wide) return strict(w, call.type, [a, b], narrow(call.type, code));
  const long = `BigInt.asIntN(64, ${code})`;
  const small = physicalTypeOf(call.type) === 'i32';
  return strict(w, call.type, [a, b], small ? narrow(call.type, `Number(BigInt.asIntN(32, ${long}))`) : long);
}

/** True when the result's type has room for every sum or product of its operands' types. */
function alwaysFits(op: string, type: Decimal, a: DataType, b: DataType): boolean {
  if (a.kind !== 'DECIMAL' || b.kind !== 'DECIMAL') return false;
  if (op === '*') return type.scale === a.scale + b.scale && type.precision >= a.precision + b.precision;
  const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
  const additive = op === '+' || op === '-';
  return additive && type.scale >= Math.max(a.scale, b.scale) && type.precision - type.scale > whole;
}

export type Decimal = Extract<DataType, { kind: 'DECIMAL' }>;

const scaleOf = (type: DataType): number => (type.kind === 'DECIMAL' ? type.scale : 0);

/** Exact, rounded HALF_UP to the result's scale; null where the result's precision does not hold it. */
function decimal(w: CodeWriter, op: string, call: Call, type: Decimal, a: Value, b: Value): Value {
  const [s, t] = [scaleOf(a.type), scaleOf(b.type)];
  const [x, y] = [asBigint(a), asBigint(b)];
  const shared = Math.max(s, t);
  const times = (code: string, shift: number): string =>
    shift === 0 ? code : `${code} * ${w.constant(powerOfTen(shift))}`;
  const exact = `(${times(x, shared - s)} ${op} ${times(y, shared - t)})`;
  const fail = failCode(w, call.at, 'Division by zero');
  const codes: Record<string, string> = {
    '+': `rt.rescale(${exact}, ${shared}, ${type.scale})`,
    '-': `rt.rescale(${exact}, ${shared}, ${type.scale})`,
    '*': s + t === type.scale ? `(${x} * ${y})` : `rt.rescale(${x} * ${y}, ${s + t}, ${type.scale})`,
    '/': `(${y} === 0n ? ${fail} : rt.divideDecimal(${x}, ${s}, ${y}, ${t}, ${type.scale}))`,
    '%': `(${y} === 0n ? ${fail} : rt.rescale((${times(x, shared - s)}) % (${times(y, shared - t)}), ${shared}, ${type.scale}))`,
  };
  if (op === '*' && s + t === type.scale) {
    const product = exactProduct(w, type, [a, b], `rt.fitDecimal(${codes[op]}, ${type.precision})`);
    if (product !== null) return product;
  }
  if (alwaysFits(op, type, a.type, b.type)) return strict(w, call.type, [a, b], codes[op]!);
  return strict(w, call.type, [a, b], `rt.fitDecimal(${codes[op]}, ${type.precision})`, true);
}
