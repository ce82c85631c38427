import type { IntervalLiteral, TimeUnit } from '../../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../../sql/mod.ts';
import { literal } from '../build-expression.ts';
import type { Expression } from '../expression.ts';

const MILLIS: Partial<Record<TimeUnit, number>> = {
  WEEK: 604_800_000,
  DAY: 86_400_000,
  HOUR: 3_600_000,
  MINUTE: 60_000,
  SECOND: 1000,
};
const MONTHS: Partial<Record<TimeUnit, number>> = { YEAR: 12, QUARTER: 3, MONTH: 1 };

/** Fields of `from TO to`, largest first, with what separates them. */
const DAY_TIME_FIELDS: readonly TimeUnit[] = ['DAY', 'HOUR', 'MINUTE', 'SECOND'];

/** An interval literal as months or milliseconds. Its declared precision is not enforced. */
export function bindInterval(node: IntervalLiteral): Expression {
  const negative = node.negative !== /^\s*-/.test(node.value);
  const text = node.value.trim().replace(/^[+-]/, '');
  const months = MONTHS[node.from] !== undefined;
  const amount = months ? monthsOf(node, text) : millisOf(node, text);
  if (amount === null) {
    const unit = node.to === null ? node.from : `${node.from} TO ${node.to}`;
    throw sqlInvalid(node.at, `Illegal interval literal format '${node.value}' for INTERVAL ${unit}`);
  }
  const value = negative && amount !== 0 ? -amount : amount;
  return months
    ? literal(value, { kind: 'INTERVAL_YEAR_MONTH', nullable: false })
    : literal(BigInt(value), { kind: 'INTERVAL_DAY_TIME', nullable: false });
}

function monthsOf(node: IntervalLiteral, text: string): number | null {
  if (node.to === null) return /^\d{1,9}$/.test(text) ? Number(text) * MONTHS[node.from]! : null;
  const found = /^(\d{1,9})-(\d{1,2})$/.exec(text);
  if (found === null || node.from !== 'YEAR' || node.to !== 'MONTH') return null;
  return Number(found[2]) > 11 ? null : Number(found[1]) * 12 + Number(found[2]);
}

function millisOf(node: IntervalLiteral, text: string): number | null {
  const unit = MILLIS[node.from];
  if (unit === undefined) throw sqlUnsupported(node.at, `INTERVAL … ${node.from}`);
  if (node.to === null) {
    const pattern = node.from === 'SECOND' ? /^\d{1,10}(?:\.\d{1,9})?$/ : /^\d{1,10}$/;
    return pattern.test(text) ? secondsToMillis(text, unit) : null;
  }
  const from = DAY_TIME_FIELDS.indexOf(node.from);
  const to = DAY_TIME_FIELDS.indexOf(node.to);
  const parts = text.split(/[ :]/);
  if (from < 0 || to <= from || parts.length !== to - from + 1) return null;
  let total = 0;
  for (const [i, part] of parts.entries()) {
    const field = DAY_TIME_FIELDS[from + i]!;
    if (!(field === 'SECOND' ? /^\d{1,10}(?:\.\d{1,9})?$/ : /^\d{1,10}$/).test(part)) return null;
    total += secondsToMillis(part, MILLIS[field]!);
  }
  return total;
}

/** A decimal count of a unit in whole milliseconds, the rest cut. */
function secondsToMillis(text: string, unit: number): number {
  const [whole, fraction = ''] = text.split('.');
  return Number(whole) * unit + Number(fraction.padEnd(3, '0').slice(0, 3));
}
