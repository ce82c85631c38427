import { toPlain } from './cell.ts';
import { type CodeWriter, Result, strict, type Value } from './code.ts';
import type { FunctionCompiler } from './functions.ts';
import { jsonPath } from './json/path.ts';

const path = (w: CodeWriter, v: Value): string =>
  typeof v.literal === 'string' ? w.constant(jsonPath(v.literal)) : `rt.jsonPath(${v.code})`;

/** A clause of the call: a literal that the planner wrote. */
const clause = (w: CodeWriter, v: Value): string => w.constant(String(v.literal));

const jsonExists: FunctionCompiler = (w, call, values) => {
  const [document, spec, onError] = values as [Value, Value, Value];
  const code = `rt.jsonExists(${document.code}, ${path(w, spec)}, ${clause(w, onError)}, ${w.constant(call.at)})`;
  return strict(w, call.type, [document, spec], code, true);
};

const jsonValue: FunctionCompiler = (w, call, values) => {
  const [document, spec, onEmpty, emptyValue, onError, errorValue] = values as [
    Value,
    Value,
    Value,
    Value,
    Value,
    Value,
  ];
  const found = w.name('j');
  const absent = `${document.isNull} || ${spec.isNull}`;
  const at = w.constant(call.at);
  const clauses = `${clause(w, onEmpty)}, ${clause(w, onError)}, ${at}`;
  w.line(`const ${found} = ${absent} ? null : rt.jsonValue(${document.code}, ${path(w, spec)}, ${clauses});`);
  const result = new Result(w, call.type);
  w.line(`if (${found} === rt.DEFAULT_ON_EMPTY) {`);
  result.assign(emptyValue);
  w.line(`} else if (${found} === rt.DEFAULT_ON_ERROR) {`);
  result.assign(errorValue);
  w.line(`} else if (${found} !== null) {`);
  const code = `rt.jsonAs(${found}, '${call.type.kind}', ${at})`;
  result.assign({ type: call.type, code, isNull: 'false', nanos: '0', range: null });
  w.line('}');
  return result.value;
};

const jsonQuery: FunctionCompiler = (w, call, values) => {
  const [document, spec, ...clauses] = values as [Value, Value, ...Value[]];
  const words = clauses.map(v => clause(w, v)).join(', ');
  const text = `rt.jsonQuery(${document.code}, ${path(w, spec)}, ${words}, ${w.constant(call.at)})`;
  const code = call.type.kind === 'ARRAY' ? `rt.jsonTexts(${text})` : text;
  return strict(w, call.type, [document, spec], code, true);
};

/** Code for an operand as JSON text; what JSON_OBJECT and JSON_ARRAY give is JSON already. */
function textOf(
  w: CodeWriter,
  v: Value,
  operand: Parameters<FunctionCompiler>[1]['operands'][number],
): string {
  const raw = operand.kind === 'call' && (operand.name === 'JSON_OBJECT' || operand.name === 'JSON_ARRAY');
  return raw ? v.code : `rt.jsonText(${toPlain(v)}, ${w.constant(v.type)})`;
}

/** `…[text]` or nothing, where a null is left out. */
function item(v: Value, text: string, absentOnNull: boolean): string {
  return absentOnNull && v.isNull !== 'false' ? `...(${v.isNull} ? [] : [${text}])` : text;
}

const jsonObject: FunctionCompiler = (w, call, values) => {
  const absent = values[0]!.literal === 'ABSENT ON NULL';
  const entries: string[] = [];
  for (let i = 1; i < values.length; i += 2) {
    const [key, value] = [values[i]!, values[i + 1]!];
    entries.push(item(value, `[${key.code}, ${textOf(w, value, call.operands[i + 1]!)}]`, absent));
  }
  return strict(w, call.type, [], `rt.objectText([${entries.join(', ')}])`);
};

const jsonArray: FunctionCompiler = (w, call, values) => {
  const absent = values[0]!.literal === 'ABSENT ON NULL';
  const items = values.slice(1).map((v, i) => item(v, textOf(w, v, call.operands[i + 1]!), absent));
  return strict(w, call.type, [], `('[' + [${items.join(', ')}].join(',') + ']')`);
};

const isJson =
  (kind: string, negate: boolean): FunctionCompiler =>
  (w, call, [v]) => {
    const result = w.name('v');
    const test = `!${v!.isNull} && rt.isJson(${v!.code}, '${kind}')`;
    w.line(`const ${result} = ${negate ? `!(${test})` : test};`);
    return { type: call.type, code: result, isNull: 'false', nanos: '0', range: null };
  };

const TESTS = ['VALUE', 'SCALAR', 'ARRAY', 'OBJECT'].flatMap((kind): [string, FunctionCompiler][] => [
  [`IS JSON ${kind}`, isJson(kind, false)],
  [`IS NOT JSON ${kind}`, isJson(kind, true)],
]);

/** The SQL/JSON functions by canonical name. */
export const JSON_FUNCTIONS: Readonly<Record<string, FunctionCompiler>> = {
  ...Object.fromEntries(TESTS),
  JSON_ARRAY: jsonArray,
  JSON_ENTRIES: (w, call, values) =>
    strict(w, call.type, values, `rt.jsonEntries(${values[0]!.code}, ${w.constant(call.at)})`),
  JSON_EXISTS: jsonExists,
  JSON_OBJECT: jsonObject,
  JSON_QUERY: jsonQuery,
  JSON_STRING: (w, call, values) => strict(w, call.type, values, textOf(w, values[0]!, call.operands[0]!)),
  JSON_VALUE: jsonValue,
};
