import type { DataType, MillraceError } from '../../core/mod.ts';
import type { SourcePosition } from '../../plan/mod.ts';
import { expressionFailed } from './failure.ts';

/** Why a text can't be cast, in Flink's words. */
export function textCastFailure(type: DataType, at: SourcePosition): (text: string) => MillraceError {
  const reason = reasonOf(type);
  return text => expressionFailed(at, reason(text));
}

function reasonOf(type: DataType): (text: string) => string {
  switch (type.kind) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return text => `For input string: '${text}'. ${integerProblem(text.trim())}`;
    case 'DECIMAL':
      return text => `For input string: '${text}'. Overflow.`;
    case 'FLOAT':
    case 'DOUBLE':
      return text => (text.trim() === '' ? 'empty String' : `For input string: "${text}"`);
    case 'BOOLEAN':
      return text => `Cannot parse '${text}' as BOOLEAN.`;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return text => `Text '${text}' could not be parsed${timestampProblem(text)}`;
    default:
      return text => `For input string: '${text}'.`;
  }
}

function integerProblem(text: string): string {
  if (text === '') return 'Input is empty.';
  return /^[+-]?\d+(\.\d*)?$/.test(text) ? 'Overflow.' : 'Invalid character found.';
}

/** Where a text stops being a timestamp. */
function timestampProblem(text: string): string {
  const read = /^\d{1,4}-\d{1,2}-\d{1,2}(?: \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d{1,9})?)?/.exec(text)?.[0] ?? '';
  return read === '' || read === text ? ' at index 0' : `, unparsed text found at index ${read.length}`;
}
