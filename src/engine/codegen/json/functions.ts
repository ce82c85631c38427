import type { SourcePosition } from '../../../plan/mod.ts';
import { expressionFailed } from '../failure.ts';
import { parseJson } from './parse.ts';
import { type JsonPath, readPath } from './path.ts';
import { describeJson, isObject, isScalar, type Json, JsonProblem, writeJson } from './value.ts';
import { objectText } from './write.ts';

/** What a path leads to, or why it leads nowhere. */
type Found = { readonly value: Json; readonly lax: boolean } | JsonProblem;

function find(document: string, path: JsonPath): Found {
  try {
    return { value: readPath(parseJson(document), path), lax: path.lax };
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
    return path.lax && path.steps !== null ? { value: null, lax: true } : error;
  }
}

function fail(at: SourcePosition, sentence: string): never {
  throw expressionFailed(at, sentence);
}

/** JSON_EXISTS; a JSON null does not exist. */
export function jsonExists(
  document: string,
  path: JsonPath,
  onError: string,
  at: SourcePosition,
): boolean | null {
  const found = find(document, path);
  if (!(found instanceof JsonProblem)) return found.value !== null;
  if (onError === 'ERROR') fail(at, found.message);
  return onError === 'UNKNOWN' ? null : onError === 'TRUE';
}

/** Tells that the default of a clause is the answer. */
export const DEFAULT_ON_EMPTY = Symbol('default on empty');
export const DEFAULT_ON_ERROR = Symbol('default on error');

/** JSON_VALUE: a scalar, null, or which default is the answer. */
export function jsonValue(
  document: string,
  path: JsonPath,
  onEmpty: string,
  onError: string,
  at: SourcePosition,
): Json | symbol {
  const found = find(document, path);
  let problem = found instanceof JsonProblem ? found.message : '';
  if (!(found instanceof JsonProblem)) {
    const { value, lax } = found;
    if (value === null || (lax && !isScalar(value))) {
      if (onEmpty === 'ERROR') fail(at, 'Empty result of JSON_VALUE function is not allowed');
      return onEmpty === 'DEFAULT' ? DEFAULT_ON_EMPTY : null;
    }
    if (isScalar(value)) return value;
    problem = `Strict jsonpath mode requires scalar value, and the actual value is: '${describeJson(value)}'`;
  }
  if (onError === 'ERROR') fail(at, problem);
  return onError === 'DEFAULT' ? DEFAULT_ON_ERROR : null;
}

/** A scalar as the type that JSON_VALUE returns; another kind of value is refused, as a cast in Java is. */
export function jsonAs(value: Json, kind: string, at: SourcePosition): string | number | boolean {
  if (kind === 'VARCHAR') return describeJson(value);
  if (kind === 'BOOLEAN' && typeof value === 'boolean') return value;
  if (kind === 'DOUBLE' && typeof value === 'number') return value;
  if (kind === 'INT' && typeof value === 'bigint' && BigInt.asIntN(32, value) === value) return Number(value);
  return fail(at, `The JSON value ${writeJson(value)} is no ${kind}`);
}

/** JSON_QUERY: an object or array as JSON text. */
export function jsonQuery(
  document: string,
  path: JsonPath,
  wrapper: string,
  onEmpty: string,
  onError: string,
  at: SourcePosition,
): string | null {
  const found = find(document, path);
  let problem = found instanceof JsonProblem ? found.message : '';
  if (!(found instanceof JsonProblem)) {
    const value = wrapped(found.value, wrapper);
    if (value === null || (found.lax && isScalar(value))) {
      return answer(onEmpty, 'Empty result of JSON_QUERY function is not allowed', at);
    }
    if (!isScalar(value)) return writeJson(value);
    problem = `Strict jsonpath mode requires array or object value, and the actual value is: '${describeJson(value)}'`;
  }
  return answer(onError, problem, at);
}

/** JSON_QUERY … RETURNING ARRAY<STRING>: the elements as texts; null for what is no array. */
export function jsonTexts(text: string | null): readonly (string | null)[] | null {
  const value = text === null ? null : parseJson(text);
  if (!Array.isArray(value)) return null;
  return (value as readonly Json[]).map(item => {
    if (item === null) return null;
    return isScalar(item) ? describeJson(item) : writeJson(item);
  });
}

/** JSON_OBJECTAGG of its entries, `"key" 01 value` with 00 between them: keys in order, each once. */
export function jsonEntries(text: string, at: SourcePosition): string {
  const entries =
    text === '' ? [] : text.split('\u0000').map(entry => entry.split('\u0001') as [string, string]);
  const known = new Set<string>();
  const pairs = entries.map(([quoted, value]): [string, string] => {
    const key = JSON.parse(quoted) as string;
    if (known.has(key)) {
      fail(
        at,
        `Key '${key}' is already present. Duplicate keys are not allowed in JSON_OBJECTAGG. ` +
          'Please ensure that keys are unique.',
      );
    }
    known.add(key);
    return [key, value];
  });
  return objectText(pairs);
}

function wrapped(value: Json, wrapper: string): Json {
  if (value === null || wrapper.startsWith('WITHOUT')) return value;
  return wrapper.startsWith('WITH CONDITIONAL') && Array.isArray(value) ? value : [value];
}

function answer(behaviour: string, problem: string, at: SourcePosition): string | null {
  switch (behaviour) {
    case 'ERROR':
      return fail(at, problem);
    case 'EMPTY ARRAY':
      return '[]';
    case 'EMPTY OBJECT':
      return '{}';
    default:
      return null;
  }
}

/** IS JSON VALUE, SCALAR, ARRAY and OBJECT. */
export function isJson(text: string, kind: string): boolean {
  let value: Json;
  try {
    value = parseJson(text);
  } catch (error) {
    if (error instanceof JsonProblem) return false;
    throw error;
  }
  if (kind === 'OBJECT') return isObject(value);
  if (kind === 'ARRAY') return Array.isArray(value);
  return kind === 'VALUE' || isScalar(value);
}
