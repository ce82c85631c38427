import { assert, childTypes, type DataType, isNestedType, STRING_LENGTH_MAX } from '../core/mod.ts';
import type { Expression, LiteralValue, SourcePosition } from './expression.ts';
import { isBinary, isExact, isString, sameType, simple, withNullable } from './types/kinds.ts';

export const column = (index: number, type: DataType): Expression => ({ kind: 'column', index, type });

export const literal = (value: LiteralValue, type: DataType): Expression => ({
  kind: 'literal',
  value,
  type,
});

/** A string constant, as CHAR of its length. */
export function stringLiteral(value: string): Expression {
  return literal(value, { kind: 'CHAR', length: Array.from(value).length, nullable: false });
}

export function call(
  name: string,
  operands: readonly Expression[],
  type: DataType,
  at: SourcePosition,
): Expression {
  return { kind: 'call', name, operands, type, at };
}

/** One branch of a CASE. */
export function branch(when: Expression, result: Expression): { when: Expression; then: Expression } {
  // biome-ignore lint/suspicious/noThenProperty: a plan's branch is data, never awaited
  return { when, then: result };
}

/** The conjunction of conditions, flat; null for none. */
export function allOf(conditions: readonly Expression[]): Expression | null {
  const [first, ...rest] = conditions;
  if (first === undefined) return null;
  if (rest.length === 0) return first;
  const nullable = conditions.some(condition => condition.type.nullable);
  return call('AND', conditions, simple('BOOLEAN', nullable), placeOf(first));
}

/** The conditions an AND is made of. */
export function conjunctsOf(condition: Expression): readonly Expression[] {
  if (condition.kind !== 'call' || condition.name !== 'AND') return [condition];
  return condition.operands.flatMap(conjunctsOf);
}

function placeOf(expression: Expression): SourcePosition {
  if (expression.kind === 'call' || expression.kind === 'cast') return expression.at;
  return { line: 1, column: 1 };
}

/** True when values of one type lie in memory as those of the other and need no cast. */
function needsNoCast(from: DataType, to: DataType): boolean {
  if (sameType(from, to) || isWiderInside(from, to)) return true;
  if (isString(from) && to.kind === 'VARCHAR' && 'length' in from) return from.length <= to.length;
  if (isBinary(from) && to.kind === 'VARBINARY' && 'length' in from) return from.length <= to.length;
  if ((from.kind === 'TIMESTAMP' || from.kind === 'TIMESTAMP_LTZ') && from.kind === to.kind) {
    return from.precision <= to.precision;
  }
  return false;
}

/** Nested types that differ in nothing but that `to` allows nulls inside, or texts to be longer. */
function isWiderInside(from: DataType, to: DataType): boolean {
  if (from.kind !== to.kind || !isNestedType(from)) return false;
  const [inner, outer] = [childTypes(from), childTypes(to)];
  if (inner.length !== outer.length) return false;
  return inner.every((type, i) => (outer[i]!.nullable || !type.nullable) && needsNoCast(type, outer[i]!));
}

/** An exact number as a wider type, computed now; null when it is left to the CAST. */
function foldNumber(value: LiteralValue, from: DataType, to: DataType): LiteralValue {
  const scale = from.kind === 'DECIMAL' ? from.scale : 0;
  if (!isExact(from) || (typeof value !== 'number' && typeof value !== 'bigint')) return null;
  if (to.kind === 'BIGINT' && scale === 0) return BigInt(value);
  if (to.kind === 'DOUBLE') return scale === 0 ? Number(value) : Number(`${value}e-${scale}`);
  if (to.kind !== 'DECIMAL' || to.scale < scale) return null;
  const unscaled = BigInt(value) * 10n ** BigInt(to.scale - scale);
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().length;
  return digits <= to.precision ? unscaled : null;
}

/**
 * The expression as a value of the type: as it is, as a literal of the type, or in a CAST. Nullability stays
 * its own.
 */
export function coerce(expression: Expression, to: DataType, at: SourcePosition): Expression {
  const target = withNullable(to, expression.type.nullable);
  if (expression.type.kind === 'NULL') return literal(null, withNullable(to, true));
  if (needsNoCast(expression.type, target)) return expression;
  const folded = expression.kind === 'literal' ? foldNumber(expression.value, expression.type, target) : null;
  if (folded !== null) return literal(folded, target);
  return { kind: 'cast', operand: exactBelow(expression, target), type: target, safe: false, at };
}

/**
 * A constant cast to FLOAT is still the number that was written when it becomes a DOUBLE, as Flink folds it.
 */
export function exactBelow(expression: Expression, to: DataType): Expression {
  const folds = to.kind === 'DOUBLE' && expression.kind === 'cast' && expression.type.kind === 'FLOAT';
  return folds && expression.operand.kind === 'literal' ? expression.operand : expression;
}

/** Applies `change` to each column reference of an expression. */
export function mapColumns(
  expression: Expression,
  change: (index: number, type: DataType) => Expression,
): Expression {
  switch (expression.kind) {
    case 'column':
      return change(expression.index, expression.type);
    case 'literal':
      return expression;
    case 'call':
      return { ...expression, operands: expression.operands.map(operand => mapColumns(operand, change)) };
    case 'cast':
      return { ...expression, operand: mapColumns(expression.operand, change) };
    case 'case':
      return {
        ...expression,
        branches: expression.branches.map(b =>
          branch(mapColumns(b.when, change), mapColumns(b.then, change)),
        ),
        otherwise: mapColumns(expression.otherwise, change),
      };
  }
}

/** The expressions an expression is made of. */
export function operandsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'column':
    case 'literal':
      return [];
    case 'call':
      return expression.operands;
    case 'cast':
      return [expression.operand];
    case 'case':
      return [...expression.branches.flatMap(b => [b.when, b.then]), expression.otherwise];
  }
}

/** The columns an expression reads. */
export function columnsOf(...expressions: readonly Expression[]): Set<number> {
  const found = new Set<number>();
  for (const expression of expressions) {
    mapColumns(expression, (index, type) => {
      found.add(index);
      return column(index, type);
    });
  }
  return found;
}

/** Columns moved to new indices; each must have one. */
export function remap(expression: Expression, map: readonly number[]): Expression {
  return mapColumns(expression, (index, type) => {
    const target = map[index];
    assert(target !== undefined && target >= 0, 'every column an expression reads is kept below it');
    return column(target, type);
  });
}

/** Text that is equal for equal expressions, wherever they were written. */
export function digestOf(value: unknown): string {
  return JSON.stringify(value, (key, item: unknown) => {
    if (key === 'at') return undefined;
    if (typeof item === 'bigint') return `${item}n`;
    return item instanceof Uint8Array ? Array.from(item) : item;
  });
}

export const STRING: DataType = { kind: 'VARCHAR', length: STRING_LENGTH_MAX, nullable: true };
