import type { SqlExpression } from '../../sql/mod.ts';
import { sqlInvalid } from '../../sql/mod.ts';
import { literal, stringLiteral } from '../build-expression.ts';
import type { Expression, SourcePosition } from '../expression.ts';
import { decimal, simple, timestamp } from '../types/kinds.ts';
import { parseDate, parseTime, parseTimestamp } from './calendar.ts';
import { bindInterval } from './interval.ts';

const INT_MAX = 2147483647n;
const LONG_MAX = 9223372036854775807n;

/** The expression of a literal, or null when the node is none. */
export function bindLiteral(node: SqlExpression): Expression | null {
  switch (node.kind) {
    case 'null':
      return literal(null, { kind: 'NULL', nullable: true });
    case 'boolean':
      return literal(node.value, simple('BOOLEAN', false));
    case 'number':
      return bindNumber(node.text, false, node.at);
    case 'string':
      return stringLiteral(node.value);
    case 'binaryString':
      return bindBinary(node.hex);
    case 'temporal':
      return bindTemporal(node.type, node.value, node.at);
    case 'interval':
      return bindInterval(node);
    case 'unary':
      if (node.operator === '-' && node.operand.kind === 'number') {
        return bindNumber(node.operand.text, true, node.at);
      }
      return null;
    default:
      return null;
  }
}

function bindNumber(text: string, negative: boolean, at: SourcePosition): Expression {
  if (/[eE]/.test(text)) {
    const value = Number(text);
    if (!Number.isFinite(value)) throw outOfRange(text, at);
    return literal(negative && value !== 0 ? -value : value, simple('DOUBLE', false));
  }
  const [whole = '', fraction] = text.split('.');
  const unscaled = BigInt(`${whole}${fraction ?? ''}` || '0');
  const value = negative ? -unscaled : unscaled;
  if (value > LONG_MAX || value < -LONG_MAX - 1n) throw outOfRange(text, at);
  if (fraction !== undefined && fraction !== '') {
    const digits = whole.replace(/^0+(?=\d)/, '').length + fraction.length;
    return literal(value, decimal(digits, fraction.length, false));
  }
  const isInt = value <= INT_MAX && value >= -INT_MAX - 1n;
  return isInt ? literal(Number(value), simple('INT', false)) : literal(value, simple('BIGINT', false));
}

function outOfRange(text: string, at: SourcePosition): Error {
  return sqlInvalid(at, `Numeric literal '${text}' out of range`);
}

function bindBinary(hex: string): Expression {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], pair => Number.parseInt(pair, 16));
  return literal(bytes, { kind: 'BINARY', length: bytes.length, nullable: false });
}

function bindTemporal(type: 'DATE' | 'TIME' | 'TIMESTAMP', text: string, at: SourcePosition): Expression {
  const illegal = (pattern: string) =>
    sqlInvalid(at, `Illegal ${type} literal '${text}': not in format '${pattern}'`);
  if (type === 'DATE') {
    const days = parseDate(text);
    if (days === null) throw illegal('yyyy-MM-dd');
    return literal(days, simple('DATE', false));
  }
  if (type === 'TIME') {
    const time = parseTime(text);
    if (time === null) throw illegal('HH:mm:ss');
    return literal(time.millis, { kind: 'TIME', precision: 0, nullable: false });
  }
  const moment = parseTimestamp(text);
  if (moment === null) throw illegal('yyyy-MM-dd HH:mm:ss');
  return literal({ millis: moment.millis, nanos: moment.nanos }, timestamp(moment.digits, false));
}
