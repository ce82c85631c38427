import { childTypes, type DataType, MillraceError, STRING_LENGTH_MAX } from '../../core/mod.ts';
import type { Expression } from '../../plan/mod.ts';
import { fromPlain, readField, rowOf, toPlain } from './cell.ts';
import { type CodeWriter, Result, type Value } from './code.ts';

type Cast = Extract<Expression, { kind: 'cast' }>;
type CompileCast = (w: CodeWriter, v: Value, cast: Cast) => Value;

/**
 * CAST between types of one shape: what is inside is cast by itself. TRY_CAST is null when any of it fails.
 */
export function castNested(w: CodeWriter, v: Value, cast: Cast, compile: CompileCast): Value {
  const to = childTypes(cast.type);
  const one = (value: Value, k: number): Value => compile(w, value, { ...cast, type: to[k]!, safe: false });
  if (v.type.kind === 'ROW' && v.isNull === 'false' && !cast.safe) {
    const parts = childTypes(v.type).map((type, k) => one(readField(w, v, k, type), k));
    return rowOf(cast.type, parts);
  }
  const result = new Result(w, cast.type);
  w.line(`if (!${v.isNull}) {`);
  if (cast.safe) w.line('try {');
  result.assign({ ...result.value, code: convert(w, v.code, v.type, one), isNull: 'false' });
  if (cast.safe) {
    const isOurs = w.constant((error: unknown) => error instanceof MillraceError);
    w.line(`} catch (error) { if (!${isOurs}(error)) throw error; }`);
  }
  w.line('}');
  return result.value;
}

/** Statements that turn a plain nested value into another, part by part; the name of the result. */
function convert(
  w: CodeWriter,
  code: string,
  type: DataType,
  one: (value: Value, k: number) => Value,
): string {
  const types = childTypes(type);
  const [from, to] = [w.name('f'), w.name('o')];
  w.line(`const ${from} = ${code}, ${to} = [];`);
  if (type.kind === 'ROW') {
    types.forEach((child, k) => {
      w.line(`${to}.push(${toPlain(one(fromPlain(w, child, `${from}[${k}]`), k))});`);
    });
    return to;
  }
  const item = w.name('e');
  w.line(`for (const ${item} of ${from}) {`);
  const parts = types.map((child, k) =>
    toPlain(one(fromPlain(w, child, types.length === 1 ? item : `${item}[${k}]`), k)),
  );
  w.line(`${to}.push(${types.length === 1 ? parts[0] : `[${parts.join(', ')}]`});`);
  w.line('}');
  return to;
}

/** A nested value as text, as Flink prints it: `[1, NULL]`, `{a=1}`, `(1, x)`. */
export function asText(w: CodeWriter, v: Value, print: (value: Value) => string): Value {
  const type: DataType = { kind: 'VARCHAR', length: STRING_LENGTH_MAX, nullable: v.type.nullable };
  const result = new Result(w, type);
  w.line(`if (!${v.isNull}) {`);
  result.assign({ type, code: textCode(w, v, print), isNull: 'false', nanos: '0', range: null });
  w.line('}');
  return result.value;
}

function textCode(w: CodeWriter, v: Value, print: (value: Value) => string): string {
  const children = childTypes(v.type);
  if (children.length === 0) return print(v);
  const text = (value: Value): string => {
    const t = w.name('t');
    w.line(`let ${t} = 'NULL';`);
    w.line(`if (!${value.isNull}) {`);
    w.line(`${t} = ${textCode(w, value, print)};`);
    w.line('}');
    return t;
  };
  if (v.type.kind === 'ROW') {
    const parts = children.map((type, k) => text(readField(w, v, k, type)));
    return `'(' + [${parts.join(', ')}].join(', ') + ')'`;
  }
  const [out, item] = [w.name('o'), w.name('e')];
  w.line(`const ${out} = [];`);
  w.line(`for (const ${item} of ${v.code}) {`);
  if (children.length === 1) w.line(`${out}.push(${text(fromPlain(w, children[0]!, item))});`);
  else {
    const [key, value] = children.map((type, k) => text(fromPlain(w, type, `${item}[${k}]`)));
    w.line(`${out}.push(${key} + '=' + ${value});`);
  }
  w.line('}');
  return v.type.kind === 'ARRAY' ? `'[' + ${out}.join(', ') + ']'` : `'{' + ${out}.join(', ') + '}'`;
}
