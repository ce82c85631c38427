/** Flink SQL as text: lexer, parser, syntax tree, printer. Knows nothing of tables and types of columns. */
export type * from './ast/expression.ts';
export type * from './ast/position.ts';
export type * from './ast/query.ts';
export type * from './ast/statement.ts';
export { sqlInvalid, sqlUnsupported } from './errors.ts';
export { deepFreeze } from './freeze.ts';
export { parseDataType, parseExpression, parseScript } from './parser.ts';
export { printExpression, printName, printString, quotingAll } from './print-expression.ts';
export { printQuery } from './print-query.ts';
export { printScript } from './print-statement.ts';
