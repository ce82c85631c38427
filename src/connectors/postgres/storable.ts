import type { DataType } from '../../core/mod.ts';
import type { TargetColumn } from './target.ts';

/** Says why PostgreSQL can't store the text of a cell; null if it can. */
export type CellCheck = (text: string) => string | null;

/** U+0000 as JSON text has it; behind an even number of backslashes it is no escape. */
const ESCAPED_NUL = /(?<!\\)(?:\\\\)*\\u0000/;
const NUL = 'the character U+0000, which PostgreSQL can not store';

/**
 * What has to be looked at in the cells of a column before PostgreSQL gets them, null for nothing. One value
 * that it refuses would make the whole epoch fail, again and again.
 */
export function cellCheck(type: DataType, target: TargetColumn): CellCheck | null {
  const isJson = target.type === 'json' || target.type === 'jsonb';
  if (type.kind !== 'CHAR' && type.kind !== 'VARCHAR') return target.type === 'jsonb' ? escapedNul : null;
  if (!isJson) return text => (text.includes('\0') ? NUL : null);
  return text => (isJsonText(text) ? (target.type === 'jsonb' ? escapedNul(text) : null) : 'no JSON');
}

const escapedNul: CellCheck = text => (ESCAPED_NUL.test(text) ? NUL : null);

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
