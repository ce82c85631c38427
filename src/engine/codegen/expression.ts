import { type DataType, encodeUtf8 } from '../../core/mod.ts';
import { digestOf, type Expression } from '../../plan/mod.ts';
import { compileArithmetic, isArithmetic } from './arithmetic.ts';
import { compileCast } from './cast.ts';
import { readCell } from './cell.ts';
import { type CodeWriter, nullValue, Result, unsupported, type Value } from './code.ts';
import { compileComparison, isComparison } from './comparison.ts';
import { FUNCTIONS } from './functions.ts';
import { compileLazy, isLazy } from './lazy.ts';
import { compileUserCall } from './user-call.ts';

/**
 * Writes the statements that compute an expression for the current row, unless that is done already in a
 * block
 * around. Returns where its value is.
 */
export function compileExpression(w: CodeWriter, expression: Expression): Value {
  if (expression.kind === 'column' || expression.kind === 'literal') return compileNew(w, expression);
  if (!isStable(expression)) return compileNew(w, expression);
  const key = digestOf(expression);
  const known = w.recall(key);
  if (known !== undefined) return known;
  const value = compileNew(w, expression);
  w.remember(key, value);
  return value;
}

/** Calls that give another value each time. */
const UNSTABLE = new Set(['RAND', 'RAND_INTEGER', 'UUID']);
const isKnown = (call: Extract<Expression, { kind: 'call' }>): boolean =>
  call.user === undefined &&
  (isLazy(call.name) || isComparison(call.name) || isArithmetic(call) || Object.hasOwn(FUNCTIONS, call.name));

/** True when a second evaluation for the same row would give the same. */
function isStable(expression: Expression): boolean {
  switch (expression.kind) {
    case 'column':
    case 'literal':
      return true;
    case 'cast':
      return isStable(expression.operand);
    case 'case':
      return (
        expression.branches.every(({ when, then }) => isStable(when) && isStable(then)) &&
        isStable(expression.otherwise)
      );
    case 'call':
      return isKnown(expression) && !UNSTABLE.has(expression.name) && expression.operands.every(isStable);
  }
}

function compileNew(w: CodeWriter, expression: Expression): Value {
  switch (expression.kind) {
    case 'column':
      return compileColumn(w, expression.index, expression.type);
    case 'literal':
      return compileLiteral(w, expression.value, expression.type);
    case 'cast':
      return compileCast(w, compileExpression(w, expression.operand), expression);
    case 'case': {
      const result = new Result(w, expression.type);
      for (const { when, then } of expression.branches) {
        const test = compileExpression(w, when);
        w.line(`if (!${test.isNull} && ${test.code}) {`);
        result.assign(compileExpression(w, then));
        w.line('} else {');
      }
      result.assign(compileExpression(w, expression.otherwise));
      w.line('}'.repeat(expression.branches.length));
      return result.value;
    }
    case 'call': {
      if (expression.user !== undefined) {
        return compileUserCall(w, expression, e => compileExpression(w, e));
      }
      if (isLazy(expression.name)) return compileLazy(w, expression, e => compileExpression(w, e));
      const operands = expression.operands.map(operand => compileExpression(w, operand));
      if (isComparison(expression.name)) return compileComparison(w, expression, operands);
      if (isArithmetic(expression)) return compileArithmetic(w, expression, operands);
      const compile = FUNCTIONS[expression.name];
      return compile === undefined
        ? unsupported(`The function ${expression.name}`)
        : compile(w, expression, operands);
    }
  }
}

function compileColumn(w: CodeWriter, index: number, type: DataType): Value {
  const { columns, index: at, row } = w.place(index);
  return readCell(w, { source: `${columns}[${at}]`, prefix: `${columns}${at}` }, row, type);
}

function compileLiteral(w: CodeWriter, value: unknown, type: DataType): Value {
  if (value === null || type.kind === 'NULL') return nullValue(type);
  const base = { type, isNull: 'false', nanos: '0', range: null, literal: value };
  if (typeof value === 'string') {
    const bytes = encodeUtf8(value);
    return { ...base, code: w.constant(value), range: `${w.constant(bytes)}, 0, ${bytes.length}` };
  }
  if (value instanceof Uint8Array) {
    const bytes = w.constant(value);
    return { ...base, code: bytes, range: `${bytes}, 0, ${value.length}` };
  }
  if (typeof value === 'object') {
    const { millis, nanos } = value as { millis: number; nanos: number };
    return { ...base, code: w.constant(millis), nanos: nanos === 0 ? '0' : w.constant(nanos) };
  }
  const number = typeof value === 'bigint' && type.kind === 'BIGINT' ? Number(value) : Number.NaN;
  const small = Math.abs(number) <= SMALL_MAX ? { small: w.constant(number) } : {};
  return { ...base, code: w.constant(value), ...small };
}

const SMALL_MAX = 2 ** 52;
