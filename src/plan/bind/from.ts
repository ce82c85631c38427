import type { CommonTable, Hint, Position, Query, TableAlias, TableReference } from '../../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../../sql/mod.ts';
import { column } from '../build-expression.ts';
import { type Catalog, type CatalogColumn, fullName, type TableEntry, type ViewEntry } from '../catalog.ts';
import { type LogicalField, type LogicalNode, project, timeOf } from '../logical.ts';
import type { Scope } from '../scope.ts';
import { bindJoin } from './join.ts';
import { type Relation, relation } from './relation.ts';
import { bindUnnest } from './unnest.ts';
import { bindWindowFunction } from './window.ts';

/** Common tables by name, each with the names it may itself see. */
export type CommonTables = ReadonlyMap<
  string,
  { readonly table: CommonTable; readonly context: QueryContext }
>;

/** What a query is bound against. */
export interface QueryContext {
  readonly catalog: Catalog;
  readonly common: CommonTables;
  /** Views being expanded, to refuse a view of itself. */
  readonly views: readonly string[];
  /** What the query around a subquery can see; null outside of subqueries. */
  readonly outer: Scope | null;
  /** Hints of the SELECT whose FROM is being bound. */
  readonly hints: readonly Hint[];
  readonly bindQuery: (query: Query, context: QueryContext) => LogicalNode;
}

/** Binds what stands in FROM. */
export function bindFrom(reference: TableReference, context: QueryContext): Relation {
  switch (reference.kind) {
    case 'table': {
      if (reference.asOf !== null)
        throw sqlUnsupported(reference.at, 'FOR SYSTEM_TIME AS OF other than on the right side of a join');
      const name = reference.name.parts.at(-1)!;
      return aliased(bindTable(reference, context), reference.alias, name);
    }
    case 'derived':
      if (reference.lateral) throw sqlUnsupported(reference.at, 'LATERAL');
      return aliased(context.bindQuery(reference.query, context), reference.alias, null);
    case 'tableFunction':
      if (reference.lateral) throw tableFunctionUnsupported(reference);
      return aliased(bindWindowFunction(reference.call, context), reference.alias, null);
    case 'unnest':
      return bindUnnest(reference, context);
    case 'join':
      return bindJoin(reference, context);
  }
}

function tableFunctionUnsupported({ call, at }: TableReference & { kind: 'tableFunction' }): Error {
  return sqlUnsupported(at, `the table function ${call.name.parts.join('.')} in LATERAL TABLE`);
}

function aliased(node: LogicalNode, alias: TableAlias | null, name: string | null): Relation {
  if (alias === null) return relation(node, name);
  if (alias.columns.length === 0) return relation(node, alias.name.name);
  return relation(
    renamed(
      node,
      alias.columns.map(c => c.name),
      alias.name.at,
    ),
    alias.name.name,
  );
}

/** The node with its columns renamed. */
export function renamed(node: LogicalNode, names: readonly string[], at: Position): LogicalNode {
  if (names.length !== node.fields.length) {
    throw sqlInvalid(
      at,
      `List of column aliases must have same degree as table; table has ${node.fields.length} columns ` +
        `(${node.fields.map(f => `'${f.name}'`).join(', ')}), whereas alias list has ${names.length} columns`,
    );
  }
  return project(
    node,
    node.fields.map((field, i) => column(i, field.type)),
    names,
  );
}

function bindTable(reference: TableReference & { kind: 'table' }, context: QueryContext): LogicalNode {
  const options = hintOptions(reference);
  const [first] = reference.name.parts;
  const common = reference.name.parts.length === 1 ? context.common.get(first!) : undefined;
  if (common !== undefined) {
    const node = context.bindQuery(common.table.query, common.context);
    const names = common.table.columns.map(c => c.name);
    return names.length === 0 ? node : renamed(node, names, common.table.name.at);
  }
  const entry = context.catalog.lookup(reference.name);
  if (entry.kind === 'view') return bindView(entry, context, reference.at);
  return sourceNode(entry, options);
}

function bindView(view: ViewEntry, context: QueryContext, at: Position): LogicalNode {
  const name = fullName(view);
  if (context.views.includes(name)) throw sqlInvalid(at, `the view '${view.name}' reads itself`);
  const catalog = context.catalog.from(view.home);
  const inner = { ...context, catalog, common: new Map(), views: [...context.views, name], outer: null };
  const node = context.bindQuery(view.query, inner);
  return view.columns.length === 0 ? node : renamed(node, view.columns, at);
}

function hintOptions(reference: TableReference & { kind: 'table' }): Readonly<Record<string, string>> {
  let options: Readonly<Record<string, string>> = {};
  for (const hint of reference.hints) {
    if (hint.name.toUpperCase() !== 'OPTIONS') throw sqlUnsupported(hint.at, `the hint ${hint.name}`);
    options = { ...options, ...hint.options };
  }
  return options;
}

/** A table as a logical node. */
export function sourceNode(table: TableEntry, hints: Readonly<Record<string, string>> = {}): LogicalNode {
  const fields = table.columns.map(
    (c, i): LogicalField => ({
      name: c.name,
      type: c.type,
      time: table.watermark?.rowtime === i ? 'rowtime' : computedTime(c),
    }),
  );
  return { kind: 'source', table, options: { ...table.options, ...hints }, fields };
}

const computedTime = (c: CatalogColumn) => (c.kind === 'computed' ? timeOf(c.expression, []) : null);
