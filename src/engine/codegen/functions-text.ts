import { physicalTypeOf } from '../../core/mod.ts';
import { isBinary, partOf, ranged, rangeOf, written } from './bytes.ts';
import { printCode } from './cast.ts';
import { type CodeWriter, strict, type Value } from './code.ts';
import type { FunctionCompiler } from './functions.ts';

const codes = (values: readonly Value[]): string => values.map(v => v.code).join(', ');
/** BIGINT operands as numbers. */
const number = (v: Value): string => (physicalTypeOf(v.type) === 'i64' ? `Number(${v.code})` : v.code);
const numbered = (values: readonly Value[]): string => values.map(number).join(', ');

/** A function of the runtime over the operands' values; null when any is. */
const direct =
  (name: string, maybeNull = false): FunctionCompiler =>
  (w, call, values) =>
    strict(w, call.type, values, `rt.${name}(${codes(values)})`, maybeNull);

/** True when the bytes are at hand: then no JavaScript string is made. */
const inPlace = (...values: readonly (Value | undefined)[]): boolean =>
  values.every(v => v === undefined || v.range !== null);

const isText = (v: Value): boolean => physicalTypeOf(v.type) === 'bytes';

/** Appends the bytes, or the text of what is no text. */
function append(scratch: string, v: Value): string {
  if (v.range !== null) return `rt.append(${scratch}, ${v.range});`;
  return `rt.appendText(${scratch}, ${isText(v) && !isBinary(v.type) ? v.code : printCode(v)});`;
}

const concat: FunctionCompiler = (w, call, values) => {
  if (isBinary(call.type)) values = values.map(v => ranged(w, v));
  if (values.every(v => v.range === null)) {
    return strict(w, call.type, values, `(${values.map(printCode).join(' + ')})`);
  }
  const parts = (scratch: string) => values.map(v => append(scratch, v)).join(' ');
  return written(w, call.type, values, scratch => `${scratch}.length = 0; ${parts(scratch)}`);
};

/** CONCAT_WS skips null parts; only a null separator gives null. */
const concatWs: FunctionCompiler = (w, call, values) => {
  const [separator, ...parts] = values as [Value, ...Value[]];
  const list = parts.map(v => (v.isNull === 'false' ? v.code : `...(${v.isNull} ? [] : [${v.code}])`));
  return strict(w, call.type, [separator], `[${list.join(', ')}].join(${separator.code})`);
};

const changeCase =
  (up: boolean): FunctionCompiler =>
  (w, call, values) => {
    const v = values[0]!;
    if (!inPlace(v)) return strict(w, call.type, values, `rt.changeCase(${v.code}, ${up})`);
    return written(w, call.type, values, scratch => `rt.changeCaseInto(${v.range}, ${up}, ${scratch});`);
  };

/** TRIM(where, set, text), TRIM(set, text) or TRIM(text). */
const trim: FunctionCompiler = (w, call, values) => {
  const text = values.at(-1)!;
  const where = values.length === 3 ? String(values[0]!.literal) : 'BOTH';
  const side = where.includes('LEADING') ? 'LEADING' : where.includes('TRAILING') ? 'TRAILING' : 'BOTH';
  return trimmed(w, call, text, values.length > 1 ? values.at(-2)! : null, side);
};

const oneSide =
  (side: string): FunctionCompiler =>
  (w, call, values) =>
    trimmed(w, call, values[0]!, values[1] ?? null, side);

function trimmed(
  w: CodeWriter,
  call: Parameters<FunctionCompiler>[1],
  text: Value,
  set: Value | null,
  side: string,
): Value {
  if (text.range !== null && (set === null || set.literal === ' ')) {
    const sides = `${side !== 'TRAILING'}, ${side !== 'LEADING'}`;
    return partOf(w, call.type, [text], text.range, `rt.trimPart(${text.range}, ${sides}, rt.part)`);
  }
  const operands = set === null ? [text] : [set, text];
  return strict(w, call.type, operands, `rt.trim(${text.code}, '${side}', ${set?.code ?? "' '"})`);
}

/** SUBSTRING with integer operands of any width. */
const substring: FunctionCompiler = (w, call, values) => {
  const [text, start, length] = values as [Value, Value, Value | undefined];
  if (text.range === null) {
    return strict(w, call.type, values, `rt.substring(${numbered(values)})`, true);
  }
  const count = length === undefined ? '2147483647' : number(length);
  const find = `rt.substringPart(${text.range}, ${number(start)}, ${count}, rt.part)`;
  return partOf(w, call.type, values, text.range, find);
};

const side =
  (fromEnd: boolean): FunctionCompiler =>
  (w, call, values) => {
    const [text, count] = values as [Value, Value];
    if (text.range === null) {
      return strict(w, call.type, values, `rt.${fromEnd ? 'right' : 'left'}(${numbered(values)})`);
    }
    const find = `rt.sidePart(${text.range}, ${number(count)}, ${fromEnd}, rt.part)`;
    return partOf(w, call.type, values, text.range, find);
  };

const charLength: FunctionCompiler = (w, call, values) => {
  const v = values[0]!;
  return strict(
    w,
    call.type,
    values,
    v.range === null ? `rt.charLength(${v.code})` : `rt.charLengthOf(${v.range})`,
  );
};

const position: FunctionCompiler = (w, call, values) => {
  const [part, text, from] = values as [Value, Value, Value | undefined];
  if (from === undefined && inPlace(part, text)) {
    return strict(w, call.type, values, `rt.positionOf(${part.range}, ${text.range})`);
  }
  return strict(w, call.type, values, `rt.position${from === undefined ? '' : 'From'}(${numbered(values)})`);
};

const replace: FunctionCompiler = (w, call, values) => {
  const [text, part, by] = values.map(v => ranged(w, v)) as [Value, Value, Value];
  return written(
    w,
    call.type,
    [text, part, by],
    scratch => `rt.replaceInto(${text.range}, ${part.range}, ${by.range}, ${scratch});`,
  );
};

/** Without FOR as many characters are replaced as are put in their place. */
const overlay: FunctionCompiler = (w, call, values) => {
  const length = values.length === 3 ? `, ${values[1]!.code}.length` : '';
  return strict(w, call.type, values, `rt.overlay(${numbered(values)}${length})`);
};

/** The separator is a text or the code of one character. */
const splitIndex: FunctionCompiler = (w, call, values) => {
  const [text, separator, index] = values as [Value, Value, Value];
  if (!isText(separator)) return strict(w, call.type, values, `rt.splitIndexCode(${numbered(values)})`, true);
  if (separator.literal === undefined || separator.literal === '') {
    return strict(w, call.type, values, `rt.splitIndex(${numbered(values)})`, true);
  }
  const range = rangeOf(w, text);
  const find = `rt.splitPart(${range}, ${separator.range}, ${number(index)}, rt.part)`;
  return partOf(w, call.type, values, range, find);
};

const pad =
  (atStart: boolean): FunctionCompiler =>
  (w, call, values) =>
    strict(w, call.type, values, `rt.pad(${numbered(values)}, ${atStart})`, true);

/** Functions of texts by canonical name. */
export const TEXT_FUNCTIONS: Readonly<Record<string, FunctionCompiler>> = {
  '||': concat,
  CONCAT: concat,
  CONCAT_WS: concatWs,
  UPPER: changeCase(true),
  LOWER: changeCase(false),
  INITCAP: direct('initcap'),
  TRIM: trim,
  LTRIM: oneSide('LEADING'),
  RTRIM: oneSide('TRAILING'),
  SUBSTRING: substring,
  SUBSTR: substring,
  LEFT: side(false),
  RIGHT: side(true),
  CHAR_LENGTH: charLength,
  CHARACTER_LENGTH: charLength,
  POSITION: position,
  LOCATE: position,
  INSTR: (w, call, values) => strict(w, call.type, values, `rt.instr(${numbered(values)})`),
  OVERLAY: overlay,
  PARSE_URL: (w, call, values) =>
    strict(w, call.type, values, `rt.parseUrl${values.length === 3 ? 'Key' : ''}(${codes(values)})`, true),
  SPLIT_INDEX: splitIndex,
  REPLACE: replace,
  REPEAT: (w, call, values) => strict(w, call.type, values, `rt.repeat(${numbered(values)})`),
  REVERSE: direct('reverse'),
  LPAD: pad(true),
  RPAD: pad(false),
};
