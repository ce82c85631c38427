import type { DataType } from '../../core/mod.ts';
import { anyNull, type CodeWriter, nullValue, Result, type Value } from './code.ts';

export const isBinary = (type: DataType): boolean => type.kind === 'BINARY' || type.kind === 'VARBINARY';

/** Code for a value's bytes as a range; writes what encodes them where they lie nowhere yet. */
export function rangeOf(w: CodeWriter, v: Value): string {
  if (v.range !== null) return v.range;
  const bytes = w.name('b');
  const code = isBinary(v.type) ? v.code : `rt.encode(${v.code})`;
  w.line(`const ${bytes} = ${v.isNull === 'false' ? code : `${v.isNull} ? rt.noBytes : ${code}`};`);
  return `${bytes}, 0, ${bytes}.length`;
}

/** The value with its bytes as a range. */
export const ranged = (w: CodeWriter, v: Value): Value =>
  v.range !== null || v.isNull === 'true' ? v : { ...v, range: rangeOf(w, v) };

/** The array of a range. */
const dataOf = (range: string): string => range.slice(0, range.indexOf(','));

/** A value whose bytes lie in a range. */
export function rangeValue(type: DataType, isNull: string, range: string): Value {
  return { type, isNull, code: `rt.${isBinary(type) ? 'slice' : 'decode'}(${range})`, nanos: '0', range };
}

/**
 * A part of the first operand's bytes: `find` is code of a test that also sets `rt.part`. Null when an operand
 * is or the test fails.
 */
export function partOf(
  w: CodeWriter,
  type: DataType,
  operands: readonly Value[],
  range: string,
  find: string,
): Value {
  const test = anyNull(operands);
  if (test === 'true') return nullValue(type);
  const result = new Result(w, type);
  w.line(`if (${test === 'false' ? '' : `!${test} && `}${find}) {`);
  const part = `${dataOf(range)}, rt.part.from, rt.part.length`;
  result.assign(rangeValue(type, 'false', part));
  w.line('}');
  return result.value;
}

/** New bytes: `write` is a statement that fills the scratch of this call site. */
export function written(
  w: CodeWriter,
  type: DataType,
  operands: readonly Value[],
  write: (scratch: string) => string,
): Value {
  const test = anyNull(operands);
  if (test === 'true') return nullValue(type);
  const scratch = scratchOf(w);
  const range = `${scratch}.data, 0, ${scratch}.length`;
  const statement = write(scratch);
  w.line(test === 'false' ? statement : `if (!${test}) { ${statement} }`);
  return rangeValue(type, test, range);
}

/** The name of a scratch made once for a call site. */
export function scratchOf(w: CodeWriter): string {
  const scratch = w.name('z');
  w.hoist(scratch, `const ${scratch} = rt.scratch();`);
  return scratch;
}
