import type { DataType } from '../../core/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../../sql/mod.ts';
import { bindComparison } from '../bind/comparison.ts';
import { bindArithmetic, bindLogic } from '../bind/operators.ts';
import { call, coerce, STRING, stringLiteral } from '../build-expression.ts';
import type { Expression } from '../expression.ts';
import {
  isDatetime,
  isInteger,
  isInterval,
  isNumeric,
  isTimestamp,
  simple,
  timestamp,
  withNullable,
} from '../types/kinds.ts';
import { checkDatePattern } from './date-pattern.ts';
import {
  BIGINT,
  type BoundCall,
  cannotApply,
  define,
  type FunctionDefinition,
  INT,
  typeOfArg,
} from './definition.ts';
import { wholeType } from './numbers.ts';

/** Units EXTRACT understands. */
const EXTRACT_UNITS = [
  'YEAR',
  'QUARTER',
  'MONTH',
  'WEEK',
  'DAY',
  'DOW',
  'DOY',
  'ISODOW',
  'ISOYEAR',
  'HOUR',
  'MINUTE',
  'SECOND',
  'MILLISECOND',
  'MICROSECOND',
  'NANOSECOND',
  'EPOCH',
  'DECADE',
  'CENTURY',
  'MILLENNIUM',
];
const DAY_TIME_UNITS = ['DAY', 'HOUR', 'MINUTE', 'SECOND', 'MILLISECOND'];
const YEAR_MONTH_UNITS = ['YEAR', 'MONTH'];
const ADD_UNITS = ['YEAR', 'QUARTER', 'MONTH', 'WEEK', 'DAY', 'HOUR', 'MINUTE', 'SECOND'];
const FLOOR_UNITS = [
  ...['MILLENNIUM', 'CENTURY', 'DECADE', 'YEAR', 'QUARTER', 'MONTH', 'WEEK'],
  ...['DAY', 'HOUR', 'MINUTE', 'SECOND', 'MILLISECOND'],
];

const LTZ: DataType = { kind: 'TIMESTAMP_LTZ', precision: 3, nullable: true };

const TIME: DataType = { kind: 'TIME', precision: 0, nullable: true };

/** The unit an argument names; refused when the function has no such unit. */
function unitOf(bound: BoundCall, index: number, allowed: readonly string[]): string {
  const arg = bound.args[index];
  const unit = arg?.kind === 'literal' && typeof arg.value === 'string' ? arg.value : '';
  if (!allowed.includes(unit)) throw sqlUnsupported(bound.at, `${bound.name} with the unit ${unit}`);
  return unit;
}

function arity(bound: BoundCall, count: number): void {
  if (bound.args.length === count) return;
  throw sqlInvalid(
    bound.at,
    `Invalid number of arguments to function '${bound.name}'. Was expecting ${count} arguments`,
  );
}

function extract(bound: BoundCall): Expression {
  arity(bound, 2);
  const from = bound.args[1]!;
  const months = from.type.kind === 'INTERVAL_YEAR_MONTH';
  const intervalUnits = months ? YEAR_MONTH_UNITS : DAY_TIME_UNITS;
  const unit = unitOf(bound, 0, isInterval(from.type) ? intervalUnits : EXTRACT_UNITS);
  if (!isDatetime(from.type) && !isInterval(from.type)) throw cannotApply(bound, ['<DATETIME>']);
  return call('EXTRACT', [stringLiteral(unit), from], withNullable(BIGINT, from.type.nullable), bound.at);
}

/** YEAR(t) and its like: EXTRACT with the unit fixed. */
const part = (name: string, unit: string): FunctionDefinition => ({
  name,
  group: 'time',
  syntax: `${name}(date or timestamp)`,
  note: `EXTRACT(${unit} FROM …).`,
  bind: bound => {
    arity(bound, 1);
    if (!isDatetime(bound.args[0]!.type)) throw cannotApply(bound, ['<DATETIME>']);
    return extract({ ...bound, args: [stringLiteral(unit), bound.args[0]!] });
  },
});

/** FLOOR and CEIL, of a number or of a time to a unit. */
const toWhole = (name: 'FLOOR' | 'CEIL'): FunctionDefinition => ({
  name,
  group: 'time',
  syntax: `${name}(x) or ${name}(time TO unit)`,
  note: `Units: ${FLOOR_UNITS.join(', ')}.`,
  bind: bound => {
    const [x, unit] = bound.args;
    if (unit === undefined) {
      if (x === undefined || !isNumeric(x.type)) throw cannotApply(bound, ['<NUMERIC>']);
      return call(name, [x], withNullable(wholeType(bound.args), x.type.nullable), bound.at);
    }
    unitOf(bound, 1, FLOOR_UNITS);
    if (!isDatetime(x!.type)) throw cannotApply(bound, ['<DATETIME>', '<INTERVAL>']);
    return call(name, [x!, unit], x!.type, bound.at);
  },
});

const timestampAdd: FunctionDefinition = {
  name: 'TIMESTAMPADD',
  group: 'time',
  syntax: 'TIMESTAMPADD(unit, count, time)',
  note: `Units: ${ADD_UNITS.join(', ')}.`,
  bind: bound => {
    arity(bound, 3);
    const unit = unitOf(bound, 0, ADD_UNITS);
    const [, count, time] = bound.args;
    if (!isInteger(count!.type) || !isDatetime(time!.type)) {
      throw cannotApply(bound, ['<INTERVAL>', '<INTEGER>', '<DATETIME>']);
    }
    const subDay = unit === 'HOUR' || unit === 'MINUTE' || unit === 'SECOND';
    const type = time!.type.kind === 'DATE' && subDay ? timestamp(0) : time!.type;
    const nullable = count!.type.nullable || time!.type.nullable;
    const operands = [stringLiteral(unit), coerce(count!, BIGINT, bound.at), coerce(time!, type, bound.at)];
    return call('TIMESTAMPADD', operands, withNullable(type, nullable), bound.at);
  },
};

const timestampDiff: FunctionDefinition = {
  name: 'TIMESTAMPDIFF',
  group: 'time',
  syntax: 'TIMESTAMPDIFF(unit, from, to)',
  note: `Units: ${ADD_UNITS.join(', ')}.`,
  bind: bound => {
    arity(bound, 3);
    const unit = unitOf(bound, 0, ADD_UNITS);
    const times = bound.args.slice(1);
    if (!times.every(time => isDatetime(time.type) && time.type.kind !== 'TIME')) {
      throw cannotApply(bound, ['<INTERVAL>', '<DATETIME>', '<DATETIME>']);
    }
    const ltz = times.some(time => time.type.kind === 'TIMESTAMP_LTZ');
    const onlyDates = times.every(time => time.type.kind === 'DATE');
    const common = onlyDates ? times[0]!.type : ltz ? LTZ : timestamp(3);
    const operands = [stringLiteral(unit), ...times.map(time => coerceTime(time, common, bound))];
    const nullable = times.some(time => time.type.nullable);
    return call('TIMESTAMPDIFF', operands, withNullable(INT, nullable), bound.at);
  },
};

/** A time as the common kind; what is of that kind keeps its precision. */
function coerceTime(time: Expression, common: DataType, bound: BoundCall): Expression {
  return time.type.kind === common.kind ? time : coerce(time, common, bound.at);
}

const now = (name: string, type: DataType, note = ''): FunctionDefinition => ({
  name,
  group: 'time',
  syntax: ['NOW', 'PROCTIME', 'CURRENT_ROW_TIMESTAMP'].includes(name) ? `${name}()` : name,
  note,
  bind: bound => {
    arity(bound, 0);
    return call(name === 'NOW' ? 'CURRENT_TIMESTAMP' : name, [], withNullable(type, false), bound.at);
  },
});

const dateFormat: FunctionDefinition = {
  name: 'DATE_FORMAT',
  group: 'time',
  syntax: 'DATE_FORMAT(timestamp or text, pattern)',
  note: 'Pattern letters of Java: y u Y M L d D E e Q q w H h k K m s S a.',
  bind: bound => {
    arity(bound, 2);
    const [time, pattern] = bound.args;
    const isText = time!.type.kind === 'VARCHAR' || time!.type.kind === 'CHAR';
    if (!(isTimestamp(time!.type) || isText) || typeOfArg([pattern!], 0).kind === 'DATE') {
      throw cannotApply(bound, ['<TIMESTAMP>', '<CHARACTER>']);
    }
    if (!isText && pattern!.kind === 'literal' && typeof pattern!.value === 'string') {
      checkDatePattern(pattern!.value, bound.at);
    }
    return call('DATE_FORMAT', bound.args, STRING, bound.at);
  },
};

const parse = (name: string, type: DataType) =>
  define('time', name, `${name}(text [, pattern])`, {
    params: ['string', 'string'],
    optional: 1,
    nullable: 'always',
    result: () => type,
    note: 'NULL when the text does not fit.',
  });

/** CURRENT_WATERMARK(rowtime): NULL while there is none; the kind of its event time. */
function currentWatermark(bound: BoundCall): Expression {
  arity(bound, 1);
  const [time] = bound.args;
  if (!isTimestamp(time!.type)) throw cannotApply(bound, ['<TIMESTAMP>']);
  const type = time!.type.kind === 'TIMESTAMP_LTZ' ? LTZ : timestamp(3);
  return call('CURRENT_WATERMARK', [time!], withNullable(type, true), bound.at);
}

/** (start, end) OVERLAPS (start, end): the ends in either order, or intervals from the start. */
function overlaps(bound: BoundCall): Expression {
  arity(bound, 4);
  const periods = [0, 2].map(i => {
    const [from, second] = [bound.args[i]!, bound.args[i + 1]!];
    if (!isDatetime(from.type))
      throw cannotApply(bound, ['<DATETIME>', '<DATETIME>', '<DATETIME>', '<DATETIME>']);
    const to = isInterval(second.type) ? bindArithmetic('+', from, second, bound.at) : second;
    const type = withNullable(from.type, from.type.nullable || to.type.nullable);
    const ends = [from, coerce(to, from.type, bound.at)];
    return { low: call('LEAST', ends, type, bound.at), high: call('GREATEST', ends, type, bound.at) };
  });
  const [a, b] = periods as [(typeof periods)[number], (typeof periods)[number]];
  const meets = bindComparison('>=', a.high, b.low, bound.at);
  return bindLogic('AND', meets, bindComparison('>=', b.high, a.low, bound.at), bound.at);
}

/** Functions over dates and times. */
export const TIME_FUNCTIONS: readonly FunctionDefinition[] = [
  {
    name: 'EXTRACT',
    group: 'time',
    syntax: 'EXTRACT(unit FROM time)',
    note: `Units: ${EXTRACT_UNITS.join(', ')}.`,
    bind: extract,
  },
  part('YEAR', 'YEAR'),
  part('QUARTER', 'QUARTER'),
  part('MONTH', 'MONTH'),
  part('WEEK', 'WEEK'),
  part('DAYOFYEAR', 'DOY'),
  part('DAYOFMONTH', 'DAY'),
  part('DAYOFWEEK', 'DOW'),
  part('HOUR', 'HOUR'),
  part('MINUTE', 'MINUTE'),
  part('SECOND', 'SECOND'),
  toWhole('FLOOR'),
  toWhole('CEIL'),
  { ...toWhole('CEIL'), name: 'CEILING', syntax: 'CEILING(x)' },
  timestampAdd,
  timestampDiff,
  {
    name: 'OVERLAPS',
    group: 'time',
    syntax: '(start, end) OVERLAPS (start, end)',
    note: 'An end may be an interval.',
    bind: overlaps,
  },
  parse('TO_TIMESTAMP', timestamp(3)),
  parse('TO_DATE', simple('DATE')),
  define('time', 'TO_TIMESTAMP_LTZ', 'TO_TIMESTAMP_LTZ(number, precision)', {
    params: ['numeric', 'integer'],
    nullable: 'always',
    result: () => LTZ,
    coerceTo: args => [isInteger(args[0]!.type) ? BIGINT : null, null],
    note: 'Precision 0 for seconds, 3 for milliseconds.',
  }),
  dateFormat,
  now('CURRENT_TIMESTAMP', LTZ),
  now('NOW', LTZ),
  now('PROCTIME', LTZ, 'The processing time, a time attribute.'),
  now('CURRENT_ROW_TIMESTAMP', LTZ, 'The time at which the row is computed.'),
  now('LOCALTIMESTAMP', timestamp(3)),
  now('CURRENT_DATE', simple('DATE')),
  now('CURRENT_TIME', TIME),
  now('LOCALTIME', TIME),
  define('time', 'CONVERT_TZ', 'CONVERT_TZ(text, from, to)', {
    params: ['string', 'string', 'string'],
    nullable: 'always',
    result: () => STRING,
    note: 'An unknown zone is UTC.',
  }),
  {
    name: 'CURRENT_WATERMARK',
    group: 'time',
    syntax: 'CURRENT_WATERMARK(event time)',
    note: 'The watermark of the rows asked; NULL while there is none.',
    bind: currentWatermark,
  },
  define('time', 'UNIX_TIMESTAMP', 'UNIX_TIMESTAMP([text [, pattern]])', {
    params: ['string', 'string'],
    optional: 2,
    result: () => BIGINT,
    note: 'Seconds since 1970.',
  }),
  define('time', 'FROM_UNIXTIME', 'FROM_UNIXTIME(seconds [, pattern])', {
    params: ['integer', 'string'],
    optional: 1,
    nullable: 'always',
    result: () => STRING,
    coerceTo: args => args.map((_, i) => (i === 0 ? BIGINT : null)),
  }),
];
