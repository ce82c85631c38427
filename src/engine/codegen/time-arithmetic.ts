import { type DataType, physicalTypeOf } from '../../core/mod.ts';
import type { Expression } from '../../plan/mod.ts';
import { type CodeWriter, strict, unsupported, type Value } from './code.ts';

type Call = Extract<Expression, { kind: 'call' }>;

const isInterval = (type: DataType): boolean => type.kind.startsWith('INTERVAL');
const isInstant = (type: DataType): boolean => physicalTypeOf(type) === 'timestamp';

/** `+ - *` of dates, times, timestamps and intervals. */
export function compileTimeArithmetic(w: CodeWriter, op: string, call: Call, a: Value, b: Value): Value {
  const [x, y] = [a.type, b.type];
  if (op === '*') return multiply(w, call, a, b);
  if (isInterval(x) && isInterval(y)) {
    const sum = `${a.code} ${op} ${b.code}`;
    const wide = x.kind === 'INTERVAL_DAY_TIME';
    return strict(w, call.type, [a, b], wide ? `BigInt.asIntN(64, ${sum})` : `((${sum}) | 0)`);
  }
  if (isInterval(y)) return addInterval(w, op, call, a, b);
  if (isInterval(x) && op === '+') return addInterval(w, op, call, b, a);
  if (op === '-' && call.type.kind === 'INTERVAL_YEAR_MONTH') {
    return strict(w, call.type, [a, b], `rt.monthsBetween(${millisOf(a)}, ${millisOf(b)})`);
  }
  if (op === '-' && call.type.kind === 'INTERVAL_DAY_TIME') {
    return strict(w, call.type, [a, b], `BigInt(${millisOf(a)} - ${millisOf(b)})`);
  }
  return unsupported(`${x.kind} ${op} ${y.kind}`);
}

/** Epoch milliseconds of a date, time or timestamp. */
export function millisOf(v: Value): string {
  return v.type.kind === 'DATE' ? `(${v.code} * 86400000)` : v.code;
}

function multiply(w: CodeWriter, call: Call, a: Value, b: Value): Value {
  const [interval, factor] = isInterval(a.type) ? [a, b] : [b, a];
  if (interval.type.kind === 'INTERVAL_YEAR_MONTH') {
    const f = physicalTypeOf(factor.type) === 'i64' ? `Number(${factor.code})` : factor.code;
    return strict(w, call.type, [a, b], `Math.imul(${interval.code}, ${f})`);
  }
  const f = physicalTypeOf(factor.type) === 'i64' ? factor.code : `BigInt(${factor.code})`;
  return strict(w, call.type, [a, b], `BigInt.asIntN(64, ${interval.code} * ${f})`);
}

function addInterval(w: CodeWriter, op: string, call: Call, time: Value, interval: Value): Value {
  const sign = op === '-' ? '-' : '';
  const months = interval.type.kind === 'INTERVAL_YEAR_MONTH';
  const ms = typeof interval.literal === 'bigint' ? w.constant(Number(interval.literal)) : null;
  const amount = months ? `${sign}${interval.code}` : `${sign}${ms ?? `Number(${interval.code})`}`;
  const values = [time, interval];
  if (isInstant(time.type)) {
    const code = months ? `rt.addMonthsToMillis(${time.code}, ${amount})` : `(${time.code} + ${amount})`;
    return strict(w, call.type, values, code, false, time.nanos);
  }
  if (time.type.kind === 'DATE') {
    const date = months
      ? `rt.addMonths(${time.code}, ${amount})`
      : `(${time.code} + Math.trunc((${amount}) / 86400000))`;
    return strict(w, call.type, values, isInstant(call.type) ? `(${date} * 86400000)` : date);
  }
  if (time.type.kind === 'TIME') {
    return strict(
      w,
      call.type,
      values,
      months ? time.code : `((((${time.code} + ${amount}) % 86400000) + 86400000) % 86400000)`,
    );
  }
  return unsupported(`${time.type.kind} ${op} ${interval.type.kind}`);
}
