import { assert, physicalTypeOf } from '../../core/mod.ts';
import type { Expression } from '../../plan/mod.ts';
import { written } from './bytes.ts';
import { type CodeWriter, nullValue, Result, strict, unsupported, type Value } from './code.ts';
import { asDouble } from './comparison.ts';
import type { FunctionCompiler } from './functions.ts';
import { UNIT_MONTHS, UNIT_MS } from './runtime/calendar.ts';
import { shownUnitMs } from './runtime/date-format.ts';

type Call = Extract<Expression, { kind: 'call' }>;

/** A time unit is a literal operand; only known words reach the generated text. */
const UNITS = new Set([
  ...Object.keys(UNIT_MS),
  ...Object.keys(UNIT_MONTHS),
  ...'MICROSECOND NANOSECOND EPOCH ISOYEAR DOW ISODOW DOY DAYOFMONTH DAYOFWEEK DAYOFYEAR'.split(' '),
]);
function unitOf(v: Value): string {
  const unit = String(v.literal)
    .toUpperCase()
    .replace(/^SQL_TSI_/, '');
  return UNITS.has(unit) ? unit : unsupported('This time unit');
}

/** Epoch milliseconds in local time, for calendar fields. */
function localMillis(v: Value): string {
  if (v.type.kind === 'DATE') return `(${v.code} * 86400000)`;
  return v.type.kind === 'TIMESTAMP_LTZ' ? `rt.toLocal(${v.code})` : v.code;
}

const wide = (call: Call, code: string): string =>
  physicalTypeOf(call.type) === 'i64' ? `BigInt(${code})` : code;

/** Parts of a day that need no calendar: the milliseconds they are a part of, and their own. */
const PARTS_OF_DAY: Readonly<Record<string, { readonly of: number; readonly by: number }>> = {
  HOUR: { of: 86_400_000, by: 3_600_000 },
  MINUTE: { of: 3_600_000, by: 60_000 },
  SECOND: { of: 60_000, by: 1000 },
};

/** A whole number computed as a JavaScript number; a BIGINT keeps it as such too. */
function longOf(w: CodeWriter, call: Call, operands: readonly Value[], code: string): Value {
  if (physicalTypeOf(call.type) !== 'i64') return strict(w, call.type, operands, code);
  const number = strict(w, { kind: 'DOUBLE', nullable: call.type.nullable }, operands, code);
  return { ...number, type: call.type, code: `BigInt(${number.code})`, small: number.code };
}

function extractCode(w: CodeWriter, call: Call, unit: string, v: Value): Value {
  if (v.type.kind.startsWith('INTERVAL')) {
    const months = v.type.kind === 'INTERVAL_YEAR_MONTH';
    return longOf(w, call, [v], `rt.extractInterval('${unit}', Number(${v.code}), ${months})`);
  }
  const local = localMillis(v);
  const part = PARTS_OF_DAY[unit];
  const code =
    part === undefined
      ? `rt.extractMillis('${unit}', ${local}, ${v.nanos})`
      : `(Math.trunc((${local} % ${part.of}) / ${part.by}) + 0)`;
  return longOf(w, call, [v], code);
}

const field =
  (unit: string): FunctionCompiler =>
  (w, call, values) =>
    extractCode(w, call, unit, values[0]!);

const timestampAdd: FunctionCompiler = (w, call, values) => {
  const [unitValue, amount, time] = values as [Value, Value, Value];
  const unit = unitOf(unitValue);
  const n = physicalTypeOf(amount.type) === 'i64' ? `Number(${amount.code})` : amount.code;
  const months = UNIT_MONTHS[unit];
  const operands = [amount, time];
  if (time.type.kind === 'DATE' && call.type.kind === 'DATE') {
    const code = months
      ? `rt.addMonths(${time.code}, ${n} * ${months})`
      : `(${time.code} + Math.trunc(${n} * ${UNIT_MS[unit]! / 86400000}))`;
    return strict(w, call.type, operands, code);
  }
  if (time.type.kind === 'TIME') {
    const sum = `(${time.code} + ${n} * ${UNIT_MS[unit] ?? 0})`;
    return strict(w, call.type, operands, `((${sum} % 86400000 + 86400000) % 86400000)`);
  }
  const millis = time.type.kind === 'DATE' ? `(${time.code} * 86400000)` : time.code;
  const code = months
    ? `rt.addMonthsToMillis(${millis}, ${n} * ${months})`
    : `(${millis} + ${n} * ${UNIT_MS[unit]})`;
  return strict(w, call.type, operands, code, false, time.nanos);
};

/** TIMESTAMPDIFF(unit, from, to): whole units, toward zero. */
const timestampDiff: FunctionCompiler = (w, call, values) => {
  const [unitValue, from, to] = values as [Value, Value, Value];
  const unit = unitOf(unitValue);
  const [a, b] = [from, to].map(v => (v.type.kind === 'DATE' ? `(${v.code} * 86400000)` : v.code));
  const months = UNIT_MONTHS[unit];
  const code = months
    ? `Math.trunc(rt.monthsBetween(${b}, ${a}) / ${months})`
    : `Math.trunc((${b} - ${a}) / ${UNIT_MS[unit]})`;
  return strict(w, call.type, [from, to], wide(call, `(${code} + 0)`));
};

/** FLOOR and CEIL of a time to a unit. As in Flink, an instant keeps its own offset from UTC. */
export function roundTimestamp(w: CodeWriter, call: Call, values: readonly Value[], up: boolean): Value {
  const [time, unitValue] =
    values[1]!.literal === undefined ? [values[1]!, values[0]!] : [values[0]!, values[1]!];
  const unit = unitOf(unitValue);
  const name = up ? 'ceilMillis' : 'floorMillis';
  if (time.type.kind === 'DATE') {
    return strict(w, call.type, [time], `(rt.${name}(${time.code} * 86400000, '${unit}') / 86400000)`);
  }
  const ltz = time.type.kind === 'TIMESTAMP_LTZ';
  const code = ltz
    ? `rt.roundInstant(rt.${name}, ${time.code}, '${unit}')`
    : `rt.${name}(${time.code}, '${unit}')`;
  return strict(w, call.type, [time], code);
}

/** A text parsed to {millis, nanos} or null, as a timestamp. */
function parsed(w: CodeWriter, call: Call, operands: readonly Value[], code: string): Value {
  return strict(w, call.type, operands, `rt.millisOf(${code})`, true);
}

const toTimestamp: FunctionCompiler = (w, call, values) => {
  const [text, pattern] = values as [Value, Value | undefined];
  const code = pattern
    ? `rt.parseByPattern(${text.code}, ${pattern.code})`
    : `rt.parseTimestamp(${text.code})`;
  return parsed(w, call, values, code);
};

const toTimestampLtz: FunctionCompiler = (w, call, values) => {
  const [v, precision] = values as [Value, Value | undefined];
  if (v.type.kind === 'CHAR' || v.type.kind === 'VARCHAR') {
    const code = precision
      ? `rt.parseByPattern(${v.code}, ${precision.code})`
      : `rt.parseTimestamp(${v.code})`;
    return strict(w, call.type, values, `rt.instantOf(${code})`, true);
  }
  const number = `Math.trunc(${asDouble(v)})`;
  if (precision === undefined || precision.literal === 3) return strict(w, call.type, [v], number);
  if (precision.literal === 0) return strict(w, call.type, [v], `(${number} * 1000)`);
  return strict(w, call.type, values, `(${number} * rt.millisOfPrecision(Number(${precision.code})))`);
};

/** The pattern of a function that goes by Java's SimpleDateFormat, looked at before it is followed. */
const simple = (w: CodeWriter, call: Call, pattern: Value): string =>
  `rt.simplePattern(${pattern.code}, ${w.constant(call.at)})`;

const toDate: FunctionCompiler = (w, call, values) => {
  const [text, pattern] = values as [Value, Value | undefined];
  const code = pattern
    ? `rt.daysOfMillis(rt.millisOf(rt.parseByPattern(${text.code}, ${simple(w, call, pattern)})))`
    : `rt.parseDate(${text.code})`;
  return strict(w, call.type, values, code, true);
};

/** By a pattern known now: the bytes are made again only when a unit that the pattern shows has changed. */
function formatByConstant(w: CodeWriter, call: Call, v: Value, pattern: string): Value {
  const unitMs = shownUnitMs(pattern);
  if (unitMs === null) return nullValue(call.type);
  const text = w.constant(pattern);
  if (unitMs === 0) {
    return written(w, call.type, [v], scratch => {
      return `rt.scratchText(${scratch}, rt.formatDate(${localMillis(v)}, ${v.nanos}, ${text}));`;
    });
  }
  const [last, unit] = [w.name('u'), w.name('u')];
  w.hoist(last, `let ${last} = NaN;`);
  const value = written(w, call.type, [v], scratch => {
    const format = `rt.scratchText(${scratch}, rt.formatDate(${unit} * ${unitMs}, 0, ${text}))`;
    return `const ${unit} = Math.floor(${localMillis(v)} / ${unitMs}); if (${unit} !== ${last}) { ${last} = ${unit}; ${format}; }`;
  });
  return { ...value, mark: last };
}

const dateFormat: FunctionCompiler = (w, call, values) => {
  const [v, pattern] = values as [Value, Value];
  if (v.type.kind === 'CHAR' || v.type.kind === 'VARCHAR') {
    return strict(w, call.type, values, `rt.reformat(${v.code}, ${simple(w, call, pattern)})`, true);
  }
  if (typeof pattern.literal === 'string') return formatByConstant(w, call, v, pattern.literal);
  const checked = `rt.datePattern(${pattern.code}, ${w.constant(call.at)})`;
  return strict(w, call.type, values, `rt.formatDate(${localMillis(v)}, ${v.nanos}, ${checked})`, true);
};

const unixTimestamp: FunctionCompiler = (w, call, values) => {
  const [text, pattern] = values;
  if (text === undefined) return strict(w, call.type, [], 'BigInt(Math.floor(rt.now() / 1000))');
  const code = pattern
    ? `rt.parseByPattern(${text.code}, ${simple(w, call, pattern)})`
    : `rt.parseTimestamp(${text.code})`;
  return strict(
    w,
    call.type,
    values,
    `rt.unixSeconds(${pattern ? code : `rt.withTime(${text.code}, ${code})`})`,
  );
};

const fromUnixTime: FunctionCompiler = (w, call, values) => {
  const [seconds, pattern] = values as [Value, Value | undefined];
  const millis = `rt.toLocal(${asDouble(seconds)} * 1000)`;
  return strict(
    w,
    call.type,
    values,
    `rt.formatDate(${millis}, 0, ${pattern ? simple(w, call, pattern) : "'yyyy-MM-dd HH:mm:ss'"})`,
    true,
  );
};

const now =
  (local: boolean): FunctionCompiler =>
  (w, call) => {
    const code = local ? 'rt.toLocal(rt.now())' : 'rt.now()';
    if (call.type.kind === 'DATE') return strict(w, call.type, [], `Math.floor(${code} / 86400000)`);
    if (call.type.kind === 'TIME')
      return strict(w, call.type, [], `(Math.floor(${code} / 1000) * 1000 % 86400000)`);
    assert(physicalTypeOf(call.type) === 'timestamp', 'the current time is a date, time or timestamp');
    const result = new Result(w, call.type);
    result.assign({ type: call.type, code, isNull: 'false', nanos: '0', range: null });
    return result.value;
  };

const convertTz: FunctionCompiler = (w, call, values) =>
  strict(w, call.type, values, `rt.convertTz(${values.map(v => v.code).join(', ')})`, true);

/** The watermark of the operator that computes; its argument only tells which kind of time it is. */
const currentWatermark: FunctionCompiler = (w, call) => {
  const t = w.name('t');
  w.line(`const ${t} = rt.watermarkMs();`);
  return { type: call.type, code: t, isNull: `(${t} === null)`, nanos: '0', range: null };
};

/** Functions of dates and times by canonical name. Units are literal operands, as the planner writes them. */
export const TIME_FUNCTIONS: Readonly<Record<string, FunctionCompiler>> = {
  EXTRACT: (w, call, values) => extractCode(w, call, unitOf(values[0]!), values[1]!),
  YEAR: field('YEAR'),
  QUARTER: field('QUARTER'),
  MONTH: field('MONTH'),
  WEEK: field('WEEK'),
  DAYOFYEAR: field('DAYOFYEAR'),
  DAYOFMONTH: field('DAY'),
  DAYOFWEEK: field('DAYOFWEEK'),
  HOUR: field('HOUR'),
  MINUTE: field('MINUTE'),
  SECOND: field('SECOND'),
  TIMESTAMPADD: timestampAdd,
  TIMESTAMPDIFF: timestampDiff,
  TO_TIMESTAMP: toTimestamp,
  TO_TIMESTAMP_LTZ: toTimestampLtz,
  TO_DATE: toDate,
  DATE_FORMAT: dateFormat,
  CONVERT_TZ: convertTz,
  CURRENT_WATERMARK: currentWatermark,
  UNIX_TIMESTAMP: unixTimestamp,
  FROM_UNIXTIME: fromUnixTime,
  NOW: now(false),
  CURRENT_TIMESTAMP: now(false),
  CURRENT_ROW_TIMESTAMP: now(false),
  PROCTIME: now(false),
  LOCALTIMESTAMP: now(true),
  LOCALTIME: now(true),
  CURRENT_DATE: now(true),
  CURRENT_TIME: now(true),
};
