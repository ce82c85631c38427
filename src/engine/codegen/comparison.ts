import { type DataType, isNestedType, physicalTypeOf, powerOfTen } from '../../core/mod.ts';
import type { Expression } from '../../plan/mod.ts';
import { anyNull, type CodeWriter, Result, strict, type Value } from './code.ts';
import { exactLiteral } from './exact-decimal.ts';

type Call = Extract<Expression, { kind: 'call' }>;

const OPERATORS: Readonly<Record<string, string>> = {
  '=': '===',
  '<>': '!==',
  '!=': '!==',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};
const OTHERS = new Set([
  'BETWEEN',
  'NOT BETWEEN',
  'IN',
  'NOT IN',
  'NULLIF',
  'GREATEST',
  'LEAST',
  'IS DISTINCT FROM',
  'IS NOT DISTINCT FROM',
]);

export function isComparison(name: string): boolean {
  return Object.hasOwn(OPERATORS, name) || OTHERS.has(name);
}

export function compileComparison(w: CodeWriter, call: Call, values: readonly Value[]): Value {
  const [a, b] = values as [Value, Value];
  switch (call.name) {
    case 'BETWEEN':
    case 'NOT BETWEEN': {
      const bounds = [
        strict(w, call.type, [a, b], compareCode(w, '>=', a, b)),
        strict(w, call.type, [a, values[2]!], compareCode(w, '<=', a, values[2]!)),
      ];
      return combine(w, call, bounds, false, call.name.startsWith('NOT'));
    }
    case 'IN':
    case 'NOT IN': {
      const tests = values.slice(1).map(v => strict(w, call.type, [a, v], compareCode(w, '=', a, v)));
      return combine(w, call, tests, true, call.name.startsWith('NOT'));
    }
    case 'NULLIF':
      return compileNullIf(w, call, a, b);
    case 'GREATEST':
    case 'LEAST':
      return compileExtreme(w, call, values);
    case 'IS DISTINCT FROM':
    case 'IS NOT DISTINCT FROM': {
      const name = w.name('v');
      const same = `(${a.isNull} ? ${b.isNull} : !${b.isNull} && ${compareCode(w, '=', a, b)})`;
      w.line(`const ${name} = ${call.name === 'IS DISTINCT FROM' ? '!' : ''}${same};`);
      return { type: call.type, code: name, isNull: 'false', nanos: '0', range: null };
    }
    default:
      return strict(w, call.type, [a, b], compareCode(w, call.name, a, b));
  }
}

/** Three-valued AND (`absorbing` false) or OR (true) of computed tests, then perhaps NOT. */
function combine(
  w: CodeWriter,
  call: Call,
  tests: readonly Value[],
  absorbing: boolean,
  negate: boolean,
): Value {
  const hit = tests.map(t => `(!${t.isNull} && ${absorbing ? '' : '!'}${t.code})`).join(' || ');
  const result = new Result(w, call.type);
  const { name } = result;
  w.line(`if (${hit}) { ${name} = ${absorbing !== negate}; ${name}n = false; }`);
  w.line(`else if (!${anyNull(tests)}) { ${name} = ${absorbing === negate}; ${name}n = false; }`);
  return result.value;
}

function compileNullIf(w: CodeWriter, call: Call, a: Value, b: Value): Value {
  const result = new Result(w, call.type);
  w.line(`if (!(!${a.isNull} && !${b.isNull} && ${compareCode(w, '=', a, b)})) {`);
  result.assign(a);
  w.line('}');
  return result.value;
}

/** Null as soon as one operand is, as in Flink. */
function compileExtreme(w: CodeWriter, call: Call, values: readonly Value[]): Value {
  const result = new Result(w, call.type);
  w.line(`if (!${anyNull(values)}) {`);
  result.assign(values[0]!);
  for (const v of values.slice(1)) {
    const better = compareCode(w, call.name === 'GREATEST' ? '>' : '<', v, result.value);
    w.line(`if (${better}) {`);
    result.assign(v);
    w.line('}');
  }
  w.line('}');
  return result.value;
}

const scaleOf = (type: DataType): number => (type.kind === 'DECIMAL' ? type.scale : 0);

/** Code that compares two values that are not null. */
export function compareCode(w: CodeWriter, name: string, a: Value, b: Value): string {
  const op = OPERATORS[name]!;
  const [p, q] = [physicalTypeOf(a.type), physicalTypeOf(b.type)];
  if (isNestedType(a.type) && isNestedType(b.type)) return compareNested(op, a, b);
  if (p === 'bytes' && q === 'bytes') return compareText(op, a, b);
  if (p === 'timestamp' && q === 'timestamp') return compareTimestamp(op, a, b);
  if (p === 'f64' || q === 'f64') return compareDouble(op, a, b);
  const decimal = a.type.kind === 'DECIMAL' || b.type.kind === 'DECIMAL';
  if (!decimal && a.small !== undefined && b.small !== undefined) return `(${a.small} ${op} ${b.small})`;
  if (p === q && !decimal) return `(${a.code} ${op} ${b.code})`;
  const scale = Math.max(scaleOf(a.type), scaleOf(b.type));
  const slow = `(${scaled(w, a, scale)} ${op} ${scaled(w, b, scale)})`;
  const exact = a.type.kind === 'DECIMAL' && scaleOf(a.type) === scale ? a.exact?.() : undefined;
  const limit = exact === undefined ? null : exactLiteral(w, b, scale - scaleOf(b.type));
  return limit === null ? slow : `(${exact} === ${exact} ? ${exact} ${op} ${limit} : ${slow})`;
}

/** Nested values are equal or not; the binder has refused an order of them. */
function compareNested(op: string, a: Value, b: Value): string {
  const isMap = a.type.kind === 'MAP' || a.type.kind === 'MULTISET';
  return `${op === '!==' ? '!' : ''}rt.equalPlain(${a.code}, ${b.code}, ${isMap})`;
}

function scaled(w: CodeWriter, v: Value, scale: number): string {
  const shift = scale - scaleOf(v.type);
  const { literal } = v;
  if (typeof literal === 'bigint' || typeof literal === 'number') {
    return w.constant(BigInt(literal) * powerOfTen(shift));
  }
  const wide = physicalTypeOf(v.type) === 'i32' ? `BigInt(${v.code})` : v.code;
  return shift === 0 ? wide : `(${wide} * ${w.constant(powerOfTen(shift))})`;
}

/** A value of any numeric type as a double. */
export function asDouble(v: Value): string {
  if (v.type.kind === 'DECIMAL') return `rt.decimalToNumber(${v.code}, ${v.type.scale})`;
  return physicalTypeOf(v.type) === 'i64' ? `Number(${v.code})` : v.code;
}

function compareDouble(op: string, a: Value, b: Value): string {
  const [x, y] = [asDouble(a), asDouble(b)];
  // NaN equals NaN in Flink.
  if (op === '===') return `(${x} === ${y} || (${x} !== ${x} && ${y} !== ${y}))`;
  if (op === '!==') return `!(${x} === ${y} || (${x} !== ${x} && ${y} !== ${y}))`;
  return `(${x} ${op} ${y})`;
}

function compareText(op: string, a: Value, b: Value): string {
  if (a.range !== null && b.range !== null) {
    if (op === '===') return `rt.equalBytes(${a.range}, ${b.range})`;
    if (op === '!==') return `!rt.equalBytes(${a.range}, ${b.range})`;
    return `(rt.compareUtf8(${a.range}, ${b.range}) ${op} 0)`;
  }
  const binary = a.type.kind === 'BINARY' || a.type.kind === 'VARBINARY';
  return binary ? `(rt.compareBinary(${a.code}, ${b.code}) ${op} 0)` : `(${a.code} ${op} ${b.code})`;
}

function compareTimestamp(op: string, a: Value, b: Value): string {
  if (a.nanos === '0' && b.nanos === '0') return `(${a.code} ${op} ${b.code})`;
  if (op === '===') return `(${a.code} === ${b.code} && ${a.nanos} === ${b.nanos})`;
  if (op === '!==') return `(${a.code} !== ${b.code} || ${a.nanos} !== ${b.nanos})`;
  return `(${a.code} === ${b.code} ? ${a.nanos} ${op} ${b.nanos} : ${a.code} ${op} ${b.code})`;
}
