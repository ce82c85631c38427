import { column } from '../build-expression.ts';
import type { Expression } from '../expression.ts';
import { type LogicalNode, project, type SourceNode } from '../logical.ts';
import { type FieldPath, fieldPath, mapPaths, pathKey, type RowFields } from '../row-fields.ts';

/** Where the fields read of a source's table are collected; null for one that reads rows as a whole only. */
export type FieldsOf = (source: SourceNode) => RowFields | null;

/**
 * Lets sources read fields of rows instead of the rows, where projections and conditions right above them
 * ask for no more: `bid.price` becomes a column of the source.
 */
export function pushFields(node: LogicalNode, fieldsOf: FieldsOf): LogicalNode {
  const again = (input: LogicalNode) => pushFields(input, fieldsOf);
  if (node.kind === 'project') {
    const { input, expressions } = exposeIn(node.input, node.expressions, fieldsOf);
    return { ...node, input, expressions };
  }
  if (node.kind === 'filter') {
    const { input, expressions } = exposeIn(node.input, [node.condition], fieldsOf);
    const filtered: LogicalNode = { ...node, input, condition: expressions[0]!, fields: input.fields };
    return narrowed(filtered, node.fields.length);
  }
  return mapInputs(node, again);
}

/** The node with only its first columns. */
function narrowed(node: LogicalNode, width: number): LogicalNode {
  if (node.fields.length === width) return node;
  const kept = node.fields.slice(0, width);
  return project(
    node,
    kept.map((field, i) => column(i, field.type)),
    kept.map(field => field.name),
  );
}

function mapInputs(node: LogicalNode, change: (input: LogicalNode) => LogicalNode): LogicalNode {
  if ('inputs' in node) return { ...node, inputs: node.inputs.map(change) };
  if ('left' in node) return { ...node, left: change(node.left), right: change(node.right) };
  return 'input' in node ? { ...node, input: change(node.input) } : node;
}

interface Wanted {
  readonly path: FieldPath;
  readonly expression: Expression;
}

/** The input with the fields that the expressions read as columns of their own, and the expressions on it. */
function exposeIn(
  input: LogicalNode,
  expressions: readonly Expression[],
  fieldsOf: FieldsOf,
): { readonly input: LogicalNode; readonly expressions: readonly Expression[] } {
  const wanted = new Map<string, Wanted>();
  for (const e of expressions) {
    mapPaths(e, (path, expression) => {
      wanted.set(pathKey(path), { path, expression });
      return expression;
    });
  }
  const keys = [...wanted.keys()];
  const { node, at } = expose(input, [...wanted.values()], fieldsOf);
  const place = (path: FieldPath, expression: Expression): Expression | null => {
    const index = at[keys.indexOf(pathKey(path))]!;
    return index < 0 ? null : column(index, expression.type);
  };
  return { input: node, expressions: expressions.map(e => mapPaths(e, place)) };
}

/** The node with more columns behind its own: `at` says where each field is, -1 for those it can't give. */
function expose(
  node: LogicalNode,
  wanted: readonly Wanted[],
  fieldsOf: FieldsOf,
): { readonly node: LogicalNode; readonly at: readonly number[] } {
  switch (node.kind) {
    case 'source':
      return exposeSource(node, wanted, fieldsOf(node));
    case 'filter': {
      const own = exposeIn(node.input, [node.condition], fieldsOf);
      const { node: input, at } = expose(own.input, wanted, fieldsOf);
      return { node: { ...node, input, condition: own.expressions[0]!, fields: input.fields }, at };
    }
    case 'project':
      return exposeProject(node, wanted, fieldsOf);
    default:
      return { node: pushFields(node, fieldsOf), at: wanted.map(() => -1) };
  }
}

function exposeSource(node: SourceNode, wanted: readonly Wanted[], fields: RowFields | null) {
  if (fields === null) return { node, at: wanted.map(() => -1) };
  const at = wanted.map(({ path, expression }) => fields.add(path, expression));
  const { columns } = fields.table;
  const more = columns.slice(node.fields.length).map(({ name, type }) => ({ name, type, time: null }));
  return { node: { ...node, fields: [...node.fields, ...more] }, at };
}

/** A field of a projected column is a field of what is projected. */
function exposeProject(
  node: LogicalNode & { kind: 'project' },
  wanted: readonly Wanted[],
  fieldsOf: FieldsOf,
): { readonly node: LogicalNode; readonly at: readonly number[] } {
  const inner = wanted.map(({ expression }) =>
    mapPaths(
      expression,
      () => null,
      index => node.expressions[index]!,
    ),
  );
  const isField = inner.map(e => fieldPath(e) !== null);
  const own = node.expressions.length;
  const all = exposeIn(node.input, [...node.expressions, ...inner.filter((_, i) => isField[i])], fieldsOf);
  let next = own;
  const at = isField.map(yes => (yes ? next++ : -1));
  const names = [
    ...node.fields.map(f => f.name),
    ...all.expressions.slice(own).map((_, i) => `$f${own + i}`),
  ];
  const made = project(all.input, all.expressions, names);
  return { node: { ...made, fields: [...node.fields, ...made.fields.slice(own)] } as LogicalNode, at };
}
