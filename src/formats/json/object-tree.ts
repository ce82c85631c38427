import { BATCH_ROWS_MAX } from '../../core/batch.ts';
import type { DataType, Schema } from '../../core/types.ts';
import { type Builder, createBuilder, type NestedBuilder } from '../builders.ts';

/** A column without fields of its own, being filled from the record. */
export interface ColumnCode {
  /** Its path, for messages: `bid.price`. */
  readonly name: string;
  readonly type: DataType;
  readonly builder: Builder;
}

/** A key of an object that someone asked for: a column, or an object whose keys are asked for. */
export type ObjectKey =
  | { readonly name: string; readonly column: number; readonly node: null }
  | { readonly name: string; readonly column: -1; readonly node: ObjectNode };

/** An object of the record: the record itself, or one inside it. */
export interface ObjectNode {
  /** Index in the tree's `nodes`; the record is 0. */
  readonly id: number;
  readonly name: string;
  readonly keys: ObjectKey[];
  /** The ROW column made of it; null when only fields of it are columns. */
  row: { readonly builder: NestedBuilder; readonly type: DataType } | null;
}

/**
 * Which values of a record go where: rows are taken apart, so that each value is written straight into its
 * own column.
 */
export interface ObjectTree {
  readonly columns: readonly ColumnCode[];
  readonly nodes: readonly ObjectNode[];
  /** The builders of the schema's fields, in its order. */
  readonly fields: readonly Builder[];
}

/** The tree for a schema; a field with a path is that value inside the record. */
export function objectTree(schema: Schema): ObjectTree {
  const columns: ColumnCode[] = [];
  const nodes: ObjectNode[] = [];
  const open = (name: string): ObjectNode => {
    const node: ObjectNode = { id: nodes.length, name, keys: [], row: null };
    nodes.push(node);
    return node;
  };
  const inside = (parent: ObjectNode, name: string): ObjectNode => {
    const known = parent.keys.find(key => key.name === name && key.node !== null)?.node;
    if (known !== undefined && known !== null) return known;
    const node = open(dotted(parent, name));
    parent.keys.push({ name, column: -1, node });
    return node;
  };
  const place = (parent: ObjectNode, name: string, type: DataType, builder: Builder): void => {
    if (type.kind !== 'ROW' || !('children' in builder)) {
      parent.keys.push({ name, column: columns.length, node: null });
      columns.push({ name: dotted(parent, name), type, builder });
      return;
    }
    const node = inside(parent, name);
    node.row = { builder, type };
    type.fields.forEach((field, i) => {
      place(node, field.name, field.type, builder.children[i]!);
    });
  };
  const root = open('');
  const fields = schema.fields.map(({ name, type, path }) => {
    const builder = createBuilder(type, BATCH_ROWS_MAX);
    const [last = name, ...outer] = [...(path ?? [name])].reverse();
    place(outer.reverse().reduce(inside, root), last, type, builder);
    return builder;
  });
  return { columns, nodes, fields };
}

const dotted = (parent: ObjectNode, name: string) => (parent.name === '' ? name : `${parent.name}.${name}`);

/** The columns below an object, at any depth. */
export function columnsBelow(node: ObjectNode): readonly number[] {
  return node.keys.flatMap(key => (key.node === null ? [key.column] : columnsBelow(key.node)));
}

/** An object and all objects below it. */
export function nodesBelow(node: ObjectNode): readonly ObjectNode[] {
  return [node, ...node.keys.flatMap(key => (key.node === null ? [] : nodesBelow(key.node)))];
}
