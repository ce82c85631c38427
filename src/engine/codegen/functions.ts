import { physicalTypeOf } from '../../core/mod.ts';
import type { Expression } from '../../plan/mod.ts';
import { printCode } from './cast.ts';
import { type CodeWriter, strict, type Value } from './code.ts';
import { ENCODING_FUNCTIONS } from './functions-encoding.ts';
import { NESTED_FUNCTIONS } from './functions-nested.ts';
import { NUMBER_FUNCTIONS } from './functions-number.ts';
import { SESSION_FUNCTIONS } from './functions-session.ts';
import { TIME_FUNCTIONS } from './functions-time.ts';

type Call = Extract<Expression, { kind: 'call' }>;
/** Compiles a call whose operands are computed already. */
export type FunctionCompiler = (w: CodeWriter, call: Call, values: readonly Value[]) => Value;

const codes = (values: readonly Value[]): string => values.map(v => v.code).join(', ');

/** A function of the runtime over the operands' values; null when any is. */
const direct =
  (name: string, maybeNull = false): FunctionCompiler =>
  (w, call, values) =>
    strict(w, call.type, values, `rt.${name}(${codes(values)})`, maybeNull);

const textOf = (v: Value): string =>
  v.type.kind === 'CHAR' || v.type.kind === 'VARCHAR' ? v.code : printCode(v);

const concat: FunctionCompiler = (w, call, values) =>
  strict(w, call.type, values, `(${values.map(textOf).join(' + ')})`);

const like =
  (negate: boolean): FunctionCompiler =>
  (w, call, values) => {
    const [text, pattern, escapeChar] = values as [Value, Value, Value | undefined];
    const test = `rt.like(${text.code}, ${pattern.code}, ${escapeChar?.code ?? 'null'})`;
    return strict(w, call.type, values, negate ? `!${test}` : test);
  };

/** CONCAT_WS skips null parts; only a null separator gives null. */
const concatWs: FunctionCompiler = (w, call, values) => {
  const [separator, ...parts] = values as [Value, ...Value[]];
  const list = parts.map(v => (v.isNull === 'false' ? v.code : `...(${v.isNull} ? [] : [${v.code}])`));
  return strict(w, call.type, [separator], `[${list.join(', ')}].join(${separator.code})`);
};

/** TRIM(where, set, text), TRIM(set, text) or TRIM(text). */
const trim: FunctionCompiler = (w, call, values) => {
  const text = values.at(-1)!;
  const where = values.length === 3 ? String(values[0]!.literal) : 'BOTH';
  const set = values.length > 1 ? values.at(-2)!.code : "' '";
  const side = where.includes('LEADING') ? 'LEADING' : where.includes('TRAILING') ? 'TRAILING' : 'BOTH';
  return strict(w, call.type, values.slice(-2), `rt.trim(${text.code}, '${side}', ${set})`);
};
const oneSide =
  (side: string): FunctionCompiler =>
  (w, call, values) =>
    strict(w, call.type, values, `rt.trim(${values[0]!.code}, '${side}', ${values[1]?.code ?? "' '"})`);

/** An argument list with BIGINT operands as numbers. */
const numbered = (values: readonly Value[]): string =>
  values.map(v => (physicalTypeOf(v.type) === 'i64' ? `Number(${v.code})` : v.code)).join(', ');

const substring: FunctionCompiler = (w, call, values) =>
  strict(w, call.type, values, `rt.substring(${numbered(values)})`, true);

const position: FunctionCompiler = (w, call, values) =>
  strict(
    w,
    call.type,
    values,
    `rt.${values.length === 3 ? 'positionFrom' : 'position'}(${numbered(values)})`,
  );

/** Without FOR as many characters are replaced as are put in their place. */
const overlay: FunctionCompiler = (w, call, values) => {
  const length = values.length === 3 ? `, ${values[1]!.code}.length` : '';
  return strict(w, call.type, values, `rt.overlay(${numbered(values)}${length})`);
};

const splitIndex: FunctionCompiler = (w, call, values) => {
  const byCode = physicalTypeOf(values[1]!.type) !== 'bytes';
  return strict(w, call.type, values, `rt.splitIndex${byCode ? 'Code' : ''}(${numbered(values)})`, true);
};

const pad =
  (atStart: boolean): FunctionCompiler =>
  (w, call, values) =>
    strict(w, call.type, values, `rt.pad(${codes(values)}, ${atStart})`, true);

const TEXT_FUNCTIONS: Readonly<Record<string, FunctionCompiler>> = {
  '||': concat,
  CONCAT: concat,
  CONCAT_WS: concatWs,
  LIKE: like(false),
  'NOT LIKE': like(true),
  UPPER: (w, call, values) => strict(w, call.type, values, `rt.changeCase(${values[0]!.code}, true)`),
  LOWER: (w, call, values) => strict(w, call.type, values, `rt.changeCase(${values[0]!.code}, false)`),
  INITCAP: direct('initcap'),
  TRIM: trim,
  LTRIM: oneSide('LEADING'),
  RTRIM: oneSide('TRAILING'),
  SUBSTRING: substring,
  SUBSTR: substring,
  LEFT: direct('left'),
  RIGHT: direct('right'),
  CHAR_LENGTH: direct('charLength'),
  CHARACTER_LENGTH: direct('charLength'),
  POSITION: position,
  LOCATE: position,
  INSTR: (w, call, values) => strict(w, call.type, values, `rt.instr(${numbered(values)})`),
  OVERLAY: overlay,
  PARSE_URL: (w, call, values) =>
    strict(w, call.type, values, `rt.parseUrl${values.length === 3 ? 'Key' : ''}(${codes(values)})`, true),
  SPLIT_INDEX: splitIndex,
  REPLACE: (w, call, values) =>
    strict(
      w,
      call.type,
      values,
      `${values[0]!.code}.replaceAll(${values[1]!.code}, () => ${values[2]!.code})`,
    ),
  REPEAT: direct('repeat'),
  REVERSE: direct('reverse'),
  LPAD: pad(true),
  RPAD: pad(false),
};

/** Every function that the engine computes from its operands' values, by canonical name. */
export const FUNCTIONS: Readonly<Record<string, FunctionCompiler>> = {
  ...TEXT_FUNCTIONS,
  ...NESTED_FUNCTIONS,
  ...ENCODING_FUNCTIONS,
  ...SESSION_FUNCTIONS,
  ...NUMBER_FUNCTIONS,
  ...TIME_FUNCTIONS,
};
