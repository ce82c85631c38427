import { physicalTypeOf } from '../../core/mod.ts';
import { narrow } from './arithmetic.ts';
import { type CodeWriter, strict, type Value } from './code.ts';
import { asDouble } from './comparison.ts';
import type { FunctionCompiler } from './functions.ts';
import { roundTimestamp } from './functions-time.ts';

/** A function of doubles. */
const double =
  (code: string): FunctionCompiler =>
  (w, call, values) =>
    strict(w, call.type, values, `${code}(${values.map(v => asDouble(v)).join(', ')})`);

const abs: FunctionCompiler = (w, call, values) => {
  const v = values[0]!;
  switch (physicalTypeOf(v.type)) {
    case 'f64':
      return strict(w, call.type, values, `Math.abs(${v.code})`);
    case 'i32':
      return strict(w, call.type, values, narrow(call.type, `Math.abs(${v.code})`));
    default:
      return strict(w, call.type, values, `(${v.code} < 0n ? -${v.code} : ${v.code})`);
  }
};

const sign: FunctionCompiler = (w, call, values) => {
  const v = values[0]!;
  if (physicalTypeOf(v.type) === 'f64' || physicalTypeOf(v.type) === 'i32') {
    return strict(w, call.type, values, `Math.sign(${v.code})`);
  }
  const one = call.type.kind === 'DECIMAL' ? `${10n ** BigInt(call.type.scale)}n` : '1n';
  return strict(w, call.type, values, `(${v.code} > 0n ? ${one} : ${v.code} < 0n ? -${one} : 0n)`);
};

const scaleOf = (v: Value): number => (v.type.kind === 'DECIMAL' ? v.type.scale : 0);

/** FLOOR and CEIL of numbers; of dates and timestamps when a unit is given. */
const wholeNumber =
  (up: boolean): FunctionCompiler =>
  (w, call, values) => {
    if (values.length === 2) return roundTimestamp(w, call, values, up);
    const v = values[0]!;
    if (physicalTypeOf(v.type) === 'f64') {
      return strict(w, call.type, values, `Math.${up ? 'ceil' : 'floor'}(${v.code})`);
    }
    if (v.type.kind !== 'DECIMAL') return { ...v, type: call.type };
    return strict(w, call.type, values, `rt.wholeDecimal(${v.code}, ${scaleOf(v)}, ${up})`);
  };

const digitsOf = (w: CodeWriter, v: Value | undefined): string =>
  v === undefined ? '0' : physicalTypeOf(v.type) === 'i64' ? `Number(${v.code})` : v.code || w.constant(0);

/** ROUND and TRUNCATE(x[, digits]). */
const round =
  (cut: boolean): FunctionCompiler =>
  (w, call, values) => {
    const [v, places] = values as [Value, Value | undefined];
    const digits = digitsOf(w, places);
    switch (physicalTypeOf(v.type)) {
      case 'f64': {
        const code = `rt.${cut ? 'truncateDouble' : 'roundDouble'}(${v.code}, ${digits})`;
        return strict(w, call.type, values, v.type.kind === 'FLOAT' ? `Math.fround(${code})` : code);
      }
      case 'i32':
        return strict(
          w,
          call.type,
          values,
          narrow(call.type, `Number(rt.roundInteger(BigInt(${v.code}), ${digits}, ${cut}))`),
        );
      case 'i64':
        return strict(
          w,
          call.type,
          values,
          `BigInt.asIntN(64, rt.roundInteger(${v.code}, ${digits}, ${cut}))`,
        );
      default: {
        const to = call.type.kind === 'DECIMAL' ? call.type.scale : 0;
        return strict(
          w,
          call.type,
          values,
          `rt.roundDecimal(${v.code}, ${scaleOf(v)}, ${digits}, ${to}, ${cut})`,
        );
      }
    }
  };

const log: FunctionCompiler = (w, call, values) => {
  const [a, b] = values.map(v => asDouble(v));
  return strict(
    w,
    call.type,
    values,
    b === undefined ? `Math.log(${a})` : `(Math.log(${b}) / Math.log(${a}))`,
  );
};

/** Numeric functions by canonical name. */
export const NUMBER_FUNCTIONS: Readonly<Record<string, FunctionCompiler>> = {
  ABS: abs,
  SIGN: sign,
  FLOOR: wholeNumber(false),
  CEIL: wholeNumber(true),
  CEILING: wholeNumber(true),
  ROUND: round(false),
  TRUNCATE: round(true),
  SQRT: double('Math.sqrt'),
  POWER: double('Math.pow'),
  EXP: double('Math.exp'),
  LN: double('Math.log'),
  LOG10: double('Math.log10'),
  LOG2: double('Math.log2'),
  LOG: log,
  SIN: double('Math.sin'),
  COS: double('Math.cos'),
  TAN: double('Math.tan'),
  COT: (w, call, values) => strict(w, call.type, values, `(1 / Math.tan(${asDouble(values[0]!)}))`),
  SINH: double('Math.sinh'),
  COSH: double('rt.cosh'),
  TANH: double('Math.tanh'),
  DEGREES: (w, call, values) => strict(w, call.type, values, `(${asDouble(values[0]!)} * ${180 / Math.PI})`),
  RADIANS: (w, call, values) => strict(w, call.type, values, `(${asDouble(values[0]!)} * ${Math.PI / 180})`),
  ASIN: double('Math.asin'),
  ACOS: double('Math.acos'),
  ATAN: double('Math.atan'),
  ATAN2: double('Math.atan2'),
  PI: (w, call) => strict(w, call.type, [], 'Math.PI'),
  E: (w, call) => strict(w, call.type, [], 'Math.E'),
};
