import type { DataType } from '../core/mod.ts';
import type { SqlExpression } from './ast/expression.ts';
import type { Statement } from './ast/statement.ts';
import { Cursor } from './cursor.ts';
import { deepFreeze } from './freeze.ts';
import { tokenize } from './lexer.ts';
import { parseExpr } from './parse-expression.ts';
import { parseStatement } from './parse-statement.ts';
import { parseType } from './parse-type.ts';

/**
 * Parses a script of Flink SQL, statements separated by `;`. The tree is frozen.
 * @throws MillraceError SQL_INVALID with the place, what was found and what was expected.
 */
export function parseScript(text: string): readonly Statement[] {
  const cursor = new Cursor(tokenize(text));
  const statements: Statement[] = [];
  while (cursor.peek().kind !== 'end') {
    if (cursor.acceptOperator(';')) continue;
    statements.push(parseStatement(cursor));
    if (cursor.peek().kind !== 'end' && !cursor.acceptOperator(';')) {
      throw cursor.unexpected("';' or the end of the text");
    }
  }
  return deepFreeze(statements);
}

/** Parses one expression and nothing else. Frozen. */
export function parseExpression(text: string): SqlExpression {
  return parseAll(text, parseExpr);
}

/** Parses one data type, as a column has it, and nothing else. */
export function parseDataType(text: string): DataType {
  return parseAll(text, parseType);
}

function parseAll<T>(text: string, parse: (cursor: Cursor) => T): T {
  const cursor = new Cursor(tokenize(text));
  const result = parse(cursor);
  while (cursor.acceptOperator(';'));
  if (cursor.peek().kind !== 'end') throw cursor.unexpected('the end of the text');
  return deepFreeze(result);
}
