import { printDouble } from '../runtime/number-text.ts';

/** A JSON value as Jackson reads it: whole numbers stay apart from the others. */
export type Json = null | boolean | bigint | number | string | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

/** Not JSON, or not what is asked for; functions answer by their ON ERROR clause. */
export class JsonProblem extends Error {}

export const isObject = (value: Json): value is JsonObject => value instanceof Map;
export const isScalar = (value: Json): boolean => !Array.isArray(value) && !isObject(value);

/** A text in quotes with Jackson's escapes. */
export function quoteJson(text: string): string {
  return JSON.stringify(text).replace(/\\u00[01][0-9a-f]/g, found => `\\u${found.slice(2).toUpperCase()}`);
}

/** A value as compact JSON text; doubles as Java prints them. */
export function writeJson(value: Json): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return quoteJson(value);
    case 'number':
      return Number.isFinite(value) ? printDouble(value) : `"${printDouble(value)}"`;
    case 'object':
      break;
    default:
      return String(value);
  }
  if (isObject(value)) {
    return `{${[...value].map(([key, item]) => `${quoteJson(key)}:${writeJson(item)}`).join(',')}}`;
  }
  return `[${(value as readonly Json[]).map(writeJson).join(',')}]`;
}

/** A value as Java prints it: `[1, 2, {d=true}]`. */
export function describeJson(value: Json): string {
  if (isObject(value))
    return `{${[...value].map(([key, item]) => `${key}=${describeJson(item)}`).join(', ')}}`;
  if (Array.isArray(value)) return `[${value.map(describeJson).join(', ')}]`;
  return typeof value === 'number' ? printDouble(value) : String(value);
}
