import type { LogicalNode } from '../logical.ts';
import { Scope, type ScopeColumn } from '../scope.ts';

/** A bound table reference: the node, and the names its columns answer to. */
export interface Relation {
  readonly node: LogicalNode;
  readonly scope: Scope;
}

/** All columns of a node under one qualifier. */
export function relation(node: LogicalNode, qualifier: string | null): Relation {
  const columns = node.fields.map(
    (field, index): ScopeColumn => ({
      qualifier,
      name: field.name,
      index,
      type: field.type,
      hidden: false,
    }),
  );
  return { node, scope: new Scope(columns) };
}
