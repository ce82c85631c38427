import type { Join, Position } from '../../sql/mod.ts';
import { sqlInvalid } from '../../sql/mod.ts';
import { allOf, call, coerce, column } from '../build-expression.ts';
import type { Expression } from '../expression.ts';
import { type LogicalField, type LogicalNode, project } from '../logical.ts';
import { Scope, type ScopeColumn } from '../scope.ts';
import { sameType, withNullable } from '../types/kinds.ts';
import { commonType } from '../types/merge.ts';
import { bindComparison } from './comparison.ts';
import { ExpressionBinder } from './expression.ts';
import { bindFrom, type QueryContext } from './from.ts';
import type { Relation } from './relation.ts';
import { joinTtl } from './state-ttl.ts';
import { temporalJoin, temporalTable } from './temporal-join.ts';
import { bindUnnestJoin } from './unnest.ts';

type OuterType = 'INNER' | 'LEFT' | 'RIGHT' | 'FULL';

/** A column that USING or NATURAL makes one of two. */
interface Merged {
  readonly name: string;
  readonly left: ScopeColumn;
  readonly right: ScopeColumn;
  readonly at: Position;
}

/** Binds a join of two table references. */
export function bindJoin(reference: Join, context: QueryContext): Relation {
  const left = bindFrom(reference.left, context);
  if (reference.right.kind === 'unnest') return bindUnnestJoin(reference, reference.right, left, context);
  const asOf = temporalTable(reference.right);
  const right = bindFrom(asOf === null ? reference.right : { ...asOf, asOf: null }, context);
  refuseSameAlias(left, right, reference.at);
  const joinType = reference.type === 'CROSS' ? 'INNER' : reference.type;
  const merged = mergedColumns(reference, left, right);
  if (reference.type !== 'CROSS' && reference.on === null && merged === null) {
    throw sqlInvalid(
      reference.at,
      `${reference.type} join requires a condition (NATURAL keyword or ON or USING clause)`,
    );
  }
  const shift = left.node.fields.length;
  const scope = besides(left, right);
  const condition =
    reference.on !== null
      ? new ExpressionBinder(new Scope(scope, context.outer)).bindCondition(reference.on, 'ON')
      : allOf((merged ?? []).map(pair => equal(pair, shift)));
  const fields = joinedFields(left.node, right.node, joinType);
  const node: LogicalNode =
    asOf !== null
      ? temporalJoin(reference, asOf, left, right, condition, fields, context.hints)
      : {
          kind: 'join',
          joinType,
          left: left.node,
          right: right.node,
          condition,
          fields,
          at: reference.at,
          ...joinTtl(context.hints, reference.left, reference.right),
        };
  return visible(node, scope, merged ?? [], joinType, shift);
}

function refuseSameAlias(left: Relation, right: Relation, at: Position): void {
  const names = new Set(left.scope.columns.map(c => c.qualifier));
  const twice = right.scope.columns.find(c => c.qualifier !== null && names.has(c.qualifier));
  if (twice !== undefined)
    throw sqlInvalid(at, `Duplicate relation name '${twice.qualifier}' in FROM clause`);
}

/** Columns of both sides; those of a side that may be filled with NULLs are nullable. */
function joinedFields(left: LogicalNode, right: LogicalNode, type: OuterType): readonly LogicalField[] {
  const nullable = (fields: readonly LogicalField[], yes: boolean) =>
    fields.map(f => ({ ...f, type: yes ? withNullable(f.type, true) : f.type, time: null }));
  return [
    ...nullable(left.fields, type === 'RIGHT' || type === 'FULL'),
    ...nullable(right.fields, type === 'LEFT' || type === 'FULL'),
  ];
}

/** The names of both sides over the joined row. */
function besides(left: Relation, right: Relation): readonly ScopeColumn[] {
  const shift = left.node.fields.length;
  return [...left.scope.columns, ...right.scope.columns.map(c => ({ ...c, index: c.index + shift }))];
}

/** The columns that USING names or, for NATURAL, that both sides have; null without either. */
function mergedColumns(reference: Join, left: Relation, right: Relation): readonly Merged[] | null {
  const { at } = reference;
  const names = reference.natural ? commonNames(left, right).map(name => ({ name, at })) : reference.using;
  if (names.length === 0) return reference.natural ? [] : null;
  return names.map(({ name, at: place }) => ({
    name,
    left: left.scope.resolve([name], place).column,
    right: right.scope.resolve([name], place).column,
    at: place,
  }));
}

function commonNames(left: Relation, right: Relation): readonly string[] {
  const namesOf = (side: Relation) => side.scope.columns.filter(c => !c.hidden).map(c => c.name);
  const others = new Set(namesOf(right));
  return [...new Set(namesOf(left).filter(name => others.has(name)))];
}

function equal({ left, right, at }: Merged, shift: number): Expression {
  return bindComparison('=', column(left.index, left.type), column(right.index + shift, right.type), at);
}

/** What the join's columns are called above it. Merged columns come first, as SQL wants of `*`. */
function visible(
  node: LogicalNode,
  scope: readonly ScopeColumn[],
  merged: readonly Merged[],
  type: OuterType,
  shift: number,
): Relation {
  const columns = scope.map(c => ({ ...c, type: node.fields[c.index]!.type }));
  if (merged.length === 0) return { node, scope: new Scope(columns) };
  const added: Expression[] = [];
  const firsts = merged.map((pair): ScopeColumn => {
    const value = mergedValue(pair, type, shift);
    const index = value.kind === 'column' ? value.index : node.fields.length + added.push(value) - 1;
    return { qualifier: null, name: pair.name, index, type: value.type, hidden: false };
  });
  const gone = new Set(merged.flatMap(pair => [pair.left.index, pair.right.index + shift]));
  const rest = columns.map(c => ({ ...c, hidden: c.hidden || gone.has(c.index) }));
  const relation = { node: extended(node, added), scope: new Scope([...firsts, ...rest]) };
  return relation;
}

function extended(node: LogicalNode, added: readonly Expression[]): LogicalNode {
  if (added.length === 0) return node;
  const own = node.fields.map((field, i) => column(i, field.type));
  const names = [...node.fields.map(field => field.name), ...added.map((_, i) => `$merged${i}`)];
  return project(node, [...own, ...added], names);
}

/** COALESCE of both columns; the side that is never filled with NULLs has the value by itself. */
function mergedValue({ left, right, at }: Merged, type: OuterType, shift: number): Expression {
  const leftFilled = type === 'RIGHT' || type === 'FULL';
  const rightFilled = type === 'LEFT' || type === 'FULL';
  const nullable = (left.type.nullable || leftFilled) && (right.type.nullable || rightFilled);
  const a = column(left.index, withNullable(left.type, left.type.nullable || leftFilled));
  const b = column(right.index + shift, withNullable(right.type, right.type.nullable || rightFilled));
  if (sameType(left.type, right.type)) {
    if (!leftFilled) return column(left.index, withNullable(left.type, nullable));
    if (!rightFilled) return column(right.index + shift, withNullable(right.type, nullable));
  }
  const common = commonType([left.type, right.type]);
  if (common === null) throw sqlInvalid(at, 'Invalid input arguments.');
  const operands = [a, b].map(operand => coerce(operand, common, at));
  return call('COALESCE', operands, withNullable(common, nullable), at);
}
