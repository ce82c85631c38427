import { type DataType, isNestedType, physicalTypeOf, printType, STRING_LENGTH_MAX } from '../../core/mod.ts';
import type { Expression } from '../../plan/mod.ts';
import { narrow } from './arithmetic.ts';
import { textCastFailure } from './cast-failure.ts';
import { asText, castNested } from './cast-nested.ts';
import { type CodeWriter, nullValue, Result, strict, unsupported, type Value } from './code.ts';
import { asDouble } from './comparison.ts';

type Cast = Extract<Expression, { kind: 'cast' }>;

const isText = (type: DataType): boolean => type.kind === 'CHAR' || type.kind === 'VARCHAR';
/** The digits that hold every value of an integer type. */
const INTEGER_DIGITS: Readonly<Record<string, number>> = { TINYINT: 3, SMALLINT: 5, INT: 10, BIGINT: 19 };
const INTEGER_BITS: Readonly<Record<string, number>> = { TINYINT: 8, SMALLINT: 16, INT: 32, BIGINT: 64 };

/**
 * CAST and TRY_CAST with Flink's meaning: numbers wrap, a decimal that does not fit is null, texts must
 * parse.
 */
export function compileCast(w: CodeWriter, v: Value, cast: Cast): Value {
  const { type } = cast;
  const [from, to] = [v.type.kind, type.kind];
  if (from === 'NULL' || v.isNull === 'true') return nullValue(type);
  if (isNestedType(v.type) && isNestedType(type)) return castNested(w, v, cast, compileCast);
  if (isNestedType(v.type)) return toText(w, asText(w, v, printCode), type);
  if (isText(type)) return toText(w, v, type);
  if (isText(v.type)) return fromText(w, v, cast);
  if (to === 'BOOLEAN') return from === to ? { ...v, type } : toBoolean(w, v, type);
  if (from === 'BOOLEAN') return fromBoolean(w, v, type);
  if (to in INTEGER_BITS) return toInteger(w, v, type);
  if (to === 'FLOAT') return strict(w, type, [v], `Math.fround(${asDouble(v)})`);
  if (to === 'DOUBLE') return strict(w, type, [v], asDouble(v));
  if (type.kind === 'DECIMAL') return toDecimal(w, v, type);
  if (to === 'DATE' || to === 'TIME' || to === 'TIMESTAMP' || to === 'TIMESTAMP_LTZ')
    return toTime(w, v, type);
  if (physicalTypeOf(type) === physicalTypeOf(v.type)) return { ...v, type };
  return unsupported(`CAST from ${printType(v.type)} to ${printType(type)}`);
}

function toText(w: CodeWriter, v: Value, type: DataType): Value {
  const length = type.kind === 'CHAR' || type.kind === 'VARCHAR' ? type.length : STRING_LENGTH_MAX;
  const fixed = type.kind === 'CHAR';
  const had = v.type.kind === 'CHAR' || v.type.kind === 'VARCHAR' ? v.type.length : null;
  if (had !== null && had <= length && (!fixed || (had === length && v.type.kind === 'CHAR'))) {
    return { ...v, type };
  }
  const text = printCode(v);
  const cut = length === STRING_LENGTH_MAX ? text : `rt.fitText(${text}, ${length}, ${fixed})`;
  return strict(w, type, [v], cut);
}

/** Code for the text of a value, as Flink prints it. */
export function printCode(v: Value): string {
  const { type, code } = v;
  switch (type.kind) {
    case 'CHAR':
    case 'VARCHAR':
      return code;
    case 'BOOLEAN':
      return `(${code} ? 'TRUE' : 'FALSE')`;
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return `String(${code})`;
    case 'DECIMAL':
      return `rt.printDecimal(${code}, ${type.scale})`;
    case 'DOUBLE':
      return `rt.printDouble(${code})`;
    case 'FLOAT':
      return `rt.printFloat(${code})`;
    case 'DATE':
      return `rt.printDate(${code})`;
    case 'TIME':
      return `rt.printTime(${code}, ${type.precision})`;
    case 'TIMESTAMP':
      return `rt.printTimestamp(${code}, ${v.nanos}, ${type.precision})`;
    case 'TIMESTAMP_LTZ':
      return `rt.printTimestamp(rt.toLocal(${code}), ${v.nanos}, ${type.precision})`;
    case 'BINARY':
    case 'VARBINARY':
      return `rt.decode(${code}, 0, ${code}.length)`;
    case 'INTERVAL_DAY_TIME':
      return `rt.printDayTime(${code})`;
    case 'INTERVAL_YEAR_MONTH':
      return `rt.printYearMonth(${code})`;
    default:
      return unsupported(`CAST from ${type.kind} to STRING`);
  }
}

function fromText(w: CodeWriter, v: Value, { type, safe, at }: Cast): Value {
  const fail = `rt.failText(${w.constant(textCastFailure(type, at))}, ${v.code})`;
  const orFail = (code: string): string => (safe ? code : `(${code} ?? ${fail})`);
  switch (type.kind) {
    case 'BOOLEAN':
      return strict(w, type, [v], orFail(`rt.parseBoolean(${v.code})`), safe);
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT': {
      const bits = BigInt(INTEGER_BITS[type.kind]!);
      const [min, max] = [w.constant(-(1n << (bits - 1n))), w.constant((1n << (bits - 1n)) - 1n)];
      const parse = type.kind === 'BIGINT' ? 'parseLong' : 'parseInt32';
      return strict(w, type, [v], orFail(`rt.${parse}(${v.code}, ${min}, ${max})`), safe);
    }
    case 'DOUBLE':
      return strict(w, type, [v], orFail(`rt.parseDouble(${v.code})`), safe);
    case 'FLOAT':
      return strict(w, type, [v], orFail(`rt.parseFloat32(${v.code})`), safe);
    case 'DECIMAL':
      return strict(
        w,
        type,
        [v],
        orFail(`rt.parseDecimal(${v.code}, ${type.precision}, ${type.scale})`),
        safe,
      );
    case 'DATE':
      return strict(w, type, [v], orFail(`rt.parseDate(${v.code})`), safe);
    case 'TIME':
      return strict(w, type, [v], orFail(`rt.parseTime(${v.code})`), safe);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return textToTimestamp(w, v, type, orFail);
    case 'BINARY':
    case 'VARBINARY':
      return strict(
        w,
        type,
        [v],
        `rt.fitBytes(rt.encode(${v.code}), ${type.length}, ${type.kind === 'BINARY'})`,
      );
    default:
      return unsupported(`CAST from STRING to ${type.kind}`);
  }
}

function textToTimestamp(
  w: CodeWriter,
  v: Value,
  type: Extract<DataType, { precision: number }>,
  orFail: (code: string) => string,
): Value {
  const t = w.name('t');
  w.line(`const ${t} = ${v.isNull} ? null : ${orFail(`rt.parseTimestamp(${v.code})`)};`);
  const result = new Result(w, type);
  w.line(`if (${t} !== null) {`);
  const local = `${t}.millis`;
  const parsed: Value = {
    type: { ...type, precision: 9 } as DataType,
    code: type.kind === 'TIMESTAMP_LTZ' ? `rt.toInstant(${local})` : local,
    isNull: 'false',
    nanos: `${t}.nanos`,
    range: null,
  };
  result.assign(cutPrecision(parsed, type));
  w.line('}');
  return result.value;
}

/** Digits beyond the precision are cut. */
function cutPrecision(v: Value, type: Extract<DataType, { precision: number }>): Value {
  const { precision } = type as { precision: number };
  const had = 'precision' in v.type ? v.type.precision : 0;
  if (had <= precision) return { ...v, type: type as DataType };
  if (precision < 3) {
    const unit = 10 ** (3 - precision);
    return { ...v, type: type as DataType, code: `(Math.floor(${v.code} / ${unit}) * ${unit})`, nanos: '0' };
  }
  const unit = 10 ** (9 - precision);
  const nanos = precision === 3 ? '0' : `(Math.floor(${v.nanos} / ${unit}) * ${unit})`;
  return { ...v, type: type as DataType, nanos };
}

function toBoolean(w: CodeWriter, v: Value, type: DataType): Value {
  const physical = physicalTypeOf(v.type);
  const zero = physical === 'i32' || physical === 'f64' ? '0' : '0n';
  return strict(w, type, [v], `(${v.code} !== ${zero})`);
}

function fromBoolean(w: CodeWriter, v: Value, type: DataType): Value {
  const one = type.kind === 'DECIMAL' ? `${10n ** BigInt(type.scale)}n` : '1n';
  const wide = physicalTypeOf(type) !== 'i32' && physicalTypeOf(type) !== 'f64';
  return strict(w, type, [v], wide ? `(${v.code} ? ${one} : 0n)` : `(${v.code} ? 1 : 0)`);
}

function toInteger(w: CodeWriter, v: Value, type: DataType): Value {
  const wide = type.kind === 'BIGINT';
  switch (physicalTypeOf(v.type)) {
    case 'f64':
      return strict(
        w,
        type,
        [v],
        wide ? `rt.doubleToLong(${v.code})` : narrow(type, `rt.doubleToInt(${v.code})`),
      );
    case 'i32':
      if (wide) return { ...v, type, code: `BigInt(${v.code})`, small: v.code };
      return strict(w, type, [v], narrow(type, v.code));
    case 'timestamp':
      return unsupported('CAST from a timestamp to a number');
    default: {
      const scale = v.type.kind === 'DECIMAL' ? v.type.scale : 0;
      const whole = scale === 0 ? v.code : `(${v.code} / ${w.constant(10n ** BigInt(scale))})`;
      const code = wide ? `BigInt.asIntN(64, ${whole})` : narrow(type, `Number(BigInt.asIntN(32, ${whole}))`);
      return strict(w, type, [v], code);
    }
  }
}

function toDecimal(w: CodeWriter, v: Value, type: Extract<DataType, { kind: 'DECIMAL' }>): Value {
  const fit = (code: string): string => `rt.fitDecimal(${code}, ${type.precision})`;
  if (physicalTypeOf(v.type) === 'f64') {
    return strict(w, type, [v], `rt.parseDecimal(String(${v.code}), ${type.precision}, ${type.scale})`, true);
  }
  const digits = INTEGER_DIGITS[v.type.kind];
  if (digits !== undefined && digits <= type.precision - type.scale) {
    const isShort = physicalTypeOf(v.type) === 'i32';
    const whole = isShort ? `BigInt(${v.code})` : v.code;
    // The same number: it is read where it lies.
    if (type.scale === 0) return { ...v, type, code: whole, ...(isShort ? { exact: () => v.code } : {}) };
    return strict(w, type, [v], `${whole} * ${w.constant(10n ** BigInt(type.scale))}`);
  }
  const scale = v.type.kind === 'DECIMAL' ? v.type.scale : 0;
  if (v.type.kind === 'DECIMAL' && scale === type.scale && v.type.precision <= type.precision) {
    return { ...v, type };
  }
  const wide = physicalTypeOf(v.type) === 'i32' ? `BigInt(${v.code})` : v.code;
  return strict(w, type, [v], fit(`rt.rescale(${wide}, ${scale}, ${type.scale})`), true);
}

function toTime(w: CodeWriter, v: Value, type: DataType): Value {
  const from = v.type.kind;
  const local = from === 'TIMESTAMP_LTZ' ? `rt.toLocal(${v.code})` : v.code;
  if (type.kind === 'DATE') {
    // Toward zero, as in Flink: the last day before 1970 becomes the first one of it.
    return from === 'DATE' ? { ...v, type } : strict(w, type, [v], `Math.trunc(${local} / 86400000)`);
  }
  if (type.kind === 'TIME') {
    const unit = type.precision >= 3 ? 1 : 10 ** (3 - type.precision);
    if (from === 'TIME') return strict(w, type, [v], `(Math.floor(${v.code} / ${unit}) * ${unit})`);
    return strict(w, type, [v], `rt.timeOfDay(${local}, ${unit})`);
  }
  if (type.kind !== 'TIMESTAMP' && type.kind !== 'TIMESTAMP_LTZ') return unsupported(type.kind);
  if (from === 'TIME') return strict(w, type, [v], `rt.toInstant(${v.code})`);
  if (from === 'DATE') {
    const midnight = `(${v.code} * 86400000)`;
    return strict(w, type, [v], type.kind === 'TIMESTAMP_LTZ' ? `rt.toInstant(${midnight})` : midnight);
  }
  if (from !== 'TIMESTAMP' && from !== 'TIMESTAMP_LTZ') {
    return unsupported(`CAST from ${from} to ${type.kind}`);
  }
  const cut = cutPrecision(v, type);
  if (from === type.kind) return cut;
  const code = type.kind === 'TIMESTAMP' ? `rt.toLocal(${cut.code})` : `rt.toInstant(${cut.code})`;
  return strict(w, type, [v], code, false, cut.nanos);
}
