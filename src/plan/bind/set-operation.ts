import type { DataType } from '../../core/mod.ts';
import type { QueryBody, SetOperation } from '../../sql/mod.ts';
import { sqlInvalid } from '../../sql/mod.ts';
import { branch, call, coerce, column, literal } from '../build-expression.ts';
import type { Expression, SourcePosition } from '../expression.ts';
import { filter, type LogicalNode, project } from '../logical.ts';
import { sameType, simple } from '../types/kinds.ts';
import { commonType } from '../types/merge.ts';

const BIGINT = simple('BIGINT', false);
const TRUTH = simple('BOOLEAN', false);

/** Binds UNION, INTERSECT and EXCEPT, with or without ALL. */
export function bindSetOperation(
  operation: SetOperation,
  bindBody: (body: QueryBody) => LogicalNode,
): LogicalNode {
  const { operator, all, at } = operation;
  const { sides, types } = aligned(operation, [bindBody(operation.left), bindBody(operation.right)]);
  if (operator !== 'UNION') return counted({ sides, types, operator, all, at });
  const fields = sides[0]!.fields.map((field, i) => ({
    name: field.name,
    type: types[i]!,
    time: sides.every(side => side.fields[i]!.time === field.time) ? field.time : null,
  }));
  const inputs = sides.flatMap(side => (side.kind === 'union' ? side.inputs : [side]));
  const union: LogicalNode = { kind: 'union', inputs, fields };
  return all ? union : distinct(union);
}

/** Both sides with columns of the same types and the left one's names. */
function aligned(operation: SetOperation, given: readonly LogicalNode[]): Aligned {
  const [left, right] = given;
  const name = `${operation.operator}${operation.all ? ' ALL' : ''}`;
  if (left!.fields.length !== right!.fields.length) {
    throw sqlInvalid(operation.at, `Column count mismatch in ${name}`);
  }
  const types = left!.fields.map((field, i) => {
    const type = commonType([field.type, right!.fields[i]!.type]);
    if (type === null) throw sqlInvalid(operation.at, `Type mismatch in column ${i + 1} of ${name}`);
    return type;
  });
  const sides = given.map(node => {
    if (node.fields.every((field, i) => sameType(field.type, types[i]!))) return node;
    const cells = node.fields.map((field, i) => coerce(column(i, field.type), types[i]!, operation.at));
    return project(
      node,
      cells,
      node.fields.map(field => field.name),
    );
  });
  return { sides, types };
}

interface Aligned {
  readonly sides: readonly LogicalNode[];
  readonly types: readonly DataType[];
}

interface Counted extends Aligned {
  readonly operator: 'INTERSECT' | 'EXCEPT';
  readonly all: boolean;
  readonly at: SourcePosition;
}

/**
 * INTERSECT and EXCEPT: equal rows of both sides are counted in one group, and the row is there as often as
 * the two counts say. NULLs are equal.
 */
function counted({ sides, types, operator, all, at }: Counted): LogicalNode {
  const { fields } = sides[0]!;
  const names = fields.map(field => field.name);
  const width = fields.length;
  const marked = sides.map((side, s) =>
    project(
      side,
      [...side.fields.map((field, i) => column(i, field.type)), mark(s === 0), mark(s === 1)],
      [...names, 'left$', 'right$'],
    ),
  );
  const kept = fields.map((field, i) => ({ name: field.name, type: types[i]!, time: null }));
  const markField = (name: string) => ({ name, type: simple('BOOLEAN'), time: null });
  const union: LogicalNode = {
    kind: 'union',
    inputs: marked,
    fields: [...kept, markField('left$'), markField('right$')],
  };
  const countOf = (argument: number) =>
    ({ name: 'COUNT', argument, distinct: false, filter: null, type: BIGINT }) as const;
  const groups: LogicalNode = {
    kind: 'aggregate',
    input: union,
    keys: fields.map((_, i) => i),
    aggregates: [countOf(width), countOf(width + 1)],
    fields: [
      ...kept,
      { name: 'left$count', type: BIGINT, time: null },
      { name: 'right$count', type: BIGINT, time: null },
    ],
  };
  const [left, right] = [column(width, BIGINT), column(width + 1, BIGINT)];
  const own = kept.map((field, i) => column(i, field.type));
  const matched = filter(
    groups,
    operator === 'INTERSECT' ? both(left, right, at) : more(left, right, all, at),
  );
  if (!all) return project(matched, own, names);
  const times = operator === 'INTERSECT' ? lesser(left, right, at) : call('-', [left, right], BIGINT, at);
  const input = project(matched, [...own, times], [...names, 'times$']);
  return { kind: 'replicate', input, fields: kept };
}

const mark = (isOwn: boolean): Expression => literal(isOwn ? true : null, simple('BOOLEAN'));
const zero = literal(0n, BIGINT);

const compare = (name: string, a: Expression, b: Expression, at: SourcePosition) =>
  call(name, [a, b], TRUTH, at);

function both(left: Expression, right: Expression, at: SourcePosition): Expression {
  return call('AND', [compare('>', left, zero, at), compare('>', right, zero, at)], TRUTH, at);
}

function more(left: Expression, right: Expression, all: boolean, at: SourcePosition): Expression {
  if (all) return compare('>', left, right, at);
  return call('AND', [compare('>', left, zero, at), compare('=', right, zero, at)], TRUTH, at);
}

function lesser(left: Expression, right: Expression, at: SourcePosition): Expression {
  const branches = [branch(compare('<', left, right, at), left)];
  return { kind: 'case', branches, otherwise: right, type: BIGINT };
}

/** Each row once: a group of all columns. */
export function distinct(node: LogicalNode): LogicalNode {
  const fields = node.fields.map(field => ({ ...field, time: null }));
  return { kind: 'aggregate', input: node, keys: node.fields.map((_, i) => i), aggregates: [], fields };
}
