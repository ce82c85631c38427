import { physicalTypeOf } from '../../core/mod.ts';
import { ranged, rangeOf, rangeValue, scratchOf } from './bytes.ts';
import { anyNull, type CodeWriter, nullValue, Result, strict, type Value } from './code.ts';
import type { FunctionCompiler } from './functions.ts';
import { likeOf } from './regexp/like.ts';
import { regexpOf } from './regexp/mod.ts';
import { similarOf } from './regexp/similar.ts';

/** Code for the compiled pattern: a constant where the text is one, else looked up for each row. */
function pattern(w: CodeWriter, v: Value): string {
  return typeof v.literal === 'string' ? w.constant(regexpOf(v.literal)) : `rt.regexpOf(${v.code})`;
}

const regexp: FunctionCompiler = (w, call, [text, source]) => {
  const range = rangeOf(w, text!);
  const search = `rt.regexpTest(${pattern(w, source!)}, ${source!.code}, ${range})`;
  return strict(w, call.type, [text!, source!], search);
};

const regexpExtract: FunctionCompiler = (w, call, values) => {
  const [text, source, group] = values as [Value, Value, Value | undefined];
  const test = anyNull(values);
  if (test === 'true') return nullValue(call.type);
  const range = rangeOf(w, text);
  const result = new Result(w, call.type);
  const [x, from] = [w.name('x'), w.name('x')];
  const index =
    group === undefined ? '0' : physicalTypeOf(group.type) === 'i64' ? `Number(${group.code})` : group.code;
  if (test !== 'false') w.line(`if (!${test}) {`);
  w.line(`const ${x} = ${pattern(w, source)};`);
  w.line(`if (${x} !== null && ${index} >= 0 && ${x}.find(${range})) {`);
  w.line(`const ${from} = ${x}.groupStart(${index});`);
  w.line(`if (${from} >= 0) {`);
  const data = range.slice(0, range.indexOf(','));
  result.assign(rangeValue(call.type, 'false', `${data}, ${from}, ${x}.groupEnd(${index}) - ${from}`));
  w.line(test === 'false' ? '}}' : '}}}');
  return result.value;
};

const regexpReplace: FunctionCompiler = (w, call, values) => {
  const [text, source, replacement] = values as [Value, Value, Value];
  const test = anyNull(values);
  if (test === 'true') return nullValue(call.type);
  const [subject, by] = [ranged(w, text), ranged(w, replacement)];
  const result = new Result(w, call.type);
  const scratch = scratchOf(w);
  const x = w.name('x');
  if (test !== 'false') w.line(`if (!${test}) {`);
  w.line(`const ${x} = ${pattern(w, source)};`);
  w.line(`if (${x} !== null) { rt.replaceMatches(${x}, ${subject.range}, rt.view(${by.range}), ${scratch});`);
  result.assign(rangeValue(call.type, 'false', `${scratch}.data, 0, ${scratch}.length`));
  w.line(test === 'false' ? '}' : '}}');
  return result.value;
};

/** LIKE and SIMILAR TO: the whole text fits the pattern. A pattern that is none fails. */
const whole =
  (make: 'likeOf' | 'similarOf', negate: boolean): FunctionCompiler =>
  (w, call, values) => {
    const [text, source, escapeChar] = values as [Value, Value, Value | undefined];
    const range = rangeOf(w, text);
    const constant =
      typeof source.literal === 'string' &&
      (escapeChar === undefined || typeof escapeChar.literal === 'string');
    const compile = make === 'likeOf' ? likeOf : similarOf;
    const compiled = constant
      ? w.constant(
          compile(String(source.literal), escapeChar === undefined ? null : String(escapeChar.literal)),
        )
      : `rt.${make}(${source.code}, ${escapeChar?.code ?? 'null'})`;
    const test = `rt.fits(${compiled}, ${source.code}, ${range}, ${w.constant(call.at)})`;
    return strict(w, call.type, values, negate ? `!${test}` : test);
  };

/** Functions that look into texts by patterns, by canonical name. */
export const PATTERN_FUNCTIONS: Readonly<Record<string, FunctionCompiler>> = {
  LIKE: whole('likeOf', false),
  'NOT LIKE': whole('likeOf', true),
  'SIMILAR TO': whole('similarOf', false),
  REGEXP: regexp,
  REGEXP_EXTRACT: regexpExtract,
  REGEXP_REPLACE: regexpReplace,
};
