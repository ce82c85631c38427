import type { Field } from '../../core/mod.ts';
import type { Select, SelectItem, SqlExpression } from '../../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../../sql/mod.ts';
import { allOf, literal } from '../build-expression.ts';
import type { Expression, SourcePosition } from '../expression.ts';
import { filter, type LogicalNode, project } from '../logical.ts';
import { settleJoinTimes } from '../rules/join-times.ts';
import { Scope } from '../scope.ts';
import { simple } from '../types/kinds.ts';
import { bindAggregateSelect } from './aggregate.ts';
import { ExpressionBinder } from './expression.ts';
import { hasAggregate, hasOver } from './find.ts';
import { bindFrom, type QueryContext } from './from.ts';
import { checkLookupHints, isLookupHint } from './lookup-hint.ts';
import { OverCalls } from './over.ts';
import type { Relation } from './relation.ts';
import { ScalarQueries } from './scalar.ts';
import { distinct } from './set-operation.ts';
import { checkStateTtlHints, isStateTtlHint } from './state-ttl.ts';
import { conjunctsOfSyntax, joinSubquery, subqueryTest } from './subquery.ts';

/** A column of a select list, `*` expanded. */
export interface NamedItem {
  readonly name: string;
  readonly node: SqlExpression;
}

/** Binds SELECT … FROM … WHERE … GROUP BY … HAVING. */
export function bindSelect(select: Select, context: QueryContext): LogicalNode {
  refuseClauses(select);
  const { hints } = select;
  const source = select.from === null ? oneRow() : bindFrom(select.from, { ...context, hints });
  const from = { node: source.node, scope: new Scope(source.scope.columns, context.outer) };
  const kept = select.where === null ? from : filtered(from, select.where, context);
  const input = { node: settleJoinTimes(kept.node), scope: kept.scope };
  const items = expandStars(select.items, input);
  const isAggregate =
    select.groupBy !== null || select.having !== null || items.some(item => hasAggregate(item.node));
  const node = isAggregate
    ? bindAggregateSelect(select, items, input, context)
    : bindPlain(items, input, select.windows, context);
  return select.distinct ? distinct(node) : node;
}

function refuseClauses(select: Select): void {
  checkLookupHints(select.hints, select.from);
  checkStateTtlHints(select.hints, select.from);
  const hint = select.hints.find(h => !isLookupHint(h) && !isStateTtlHint(h));
  if (hint !== undefined) throw sqlUnsupported(hint.at, `the hint ${hint.name}`);
  if (select.qualify !== null) throw sqlUnsupported(select.qualify.at, 'QUALIFY');
}

/** What SELECT without FROM reads: one row without meaning. */
function oneRow(): Relation {
  const node: LogicalNode = {
    kind: 'values',
    rows: [[literal(0, simple('INT', false))]],
    fields: [{ name: 'ZERO', type: simple('INT', false), time: null }],
  };
  return { node, scope: new Scope([]) };
}

/** The rows that WHERE keeps: what it asks of queries becomes semi and anti joins, the rest a filter. */
function filtered(from: Relation, where: SqlExpression, context: QueryContext): Relation {
  if (hasAggregate(where)) throw sqlInvalid(where.at, 'Aggregate expression is illegal in WHERE clause');
  const scalars = new ScalarQueries(context, from.scope);
  if (hasOver(where)) {
    throw sqlInvalid(where.at, 'Windowed aggregate expression is illegal in WHERE clause');
  }
  const binder = new ExpressionBinder(from.scope, node => scalars.intercept(node));
  const conjuncts = conjunctsOfSyntax(where);
  const tests = conjuncts.flatMap(node => subqueryTest(node) ?? []);
  const plain = tests.length === 0 ? [where] : conjuncts.filter(node => subqueryTest(node) === null);
  const condition = allOf(plain.map(node => binder.bindCondition(node, 'WHERE')));
  const joined = scalars.build(from.node, condition === null ? [] : [condition]);
  const kept = joined.expressions.reduce<LogicalNode>((node, c) => filter(node, c), joined.node);
  const start: Relation = { node: kept, scope: from.scope };
  return tests.reduce((relation, test) => joinSubquery(relation, test, context), start);
}

function expandStars(items: readonly SelectItem[], input: Relation): readonly NamedItem[] {
  const expanded: NamedItem[] = [];
  for (const { expression, alias } of items) {
    if (expression.kind !== 'star') {
      expanded.push({ name: alias?.name ?? defaultName(expression, expanded.length), node: expression });
      continue;
    }
    const fields = rowFields(expression.qualifier, input.scope, expression.at);
    if (fields !== null) {
      for (const { name } of fields) {
        const parts = [...expression.qualifier, name];
        expanded.push({ name, node: { kind: 'column', parts, at: expression.at } });
      }
      continue;
    }
    const columns = input.scope.star(expression.qualifier.at(-1), expression.at);
    if (columns.length === 0) throw sqlInvalid(expression.at, 'SELECT * requires a FROM clause');
    for (const found of columns) {
      const parts = found.qualifier === null ? [found.name] : [found.qualifier, found.name];
      expanded.push({ name: found.name, node: { kind: 'column', parts, at: expression.at } });
    }
  }
  return unique(expanded);
}

/** The fields that `column.*` stands for; null where the name is a table's, or there is none. */
function rowFields(qualifier: readonly string[], scope: Scope, at: SourcePosition): readonly Field[] | null {
  const isTable = scope.columns.some(c => c.qualifier === qualifier.at(-1));
  if (qualifier.length === 0 || isTable || !scope.knows(qualifier)) return null;
  const row = new ExpressionBinder(scope).bind({ kind: 'column', parts: qualifier, at });
  return row.type.kind === 'ROW' ? row.type.fields : null;
}

function defaultName(expression: SqlExpression, index: number): string {
  if (expression.kind === 'column') return expression.parts.at(-1)!;
  if (expression.kind === 'field') return expression.name;
  return `EXPR$${index}`;
}

/** Names made unique as Flink does: a second `id` is `id0`. */
function unique(items: readonly NamedItem[]): readonly NamedItem[] {
  const taken = new Set<string>();
  return items.map(item => {
    const name = uniqueName(item.name, taken);
    taken.add(name);
    return { ...item, name };
  });
}

/** `name`, or with the first number behind it that is free. */
export function uniqueName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  for (let i = 0; ; i++) if (!taken.has(`${name}${i}`)) return `${name}${i}`;
}

function bindPlain(
  items: readonly NamedItem[],
  input: Relation,
  windows: Select['windows'],
  context: QueryContext,
): LogicalNode {
  const plain = new ExpressionBinder(input.scope);
  const over = new OverCalls(windows, node => plain.bind(node));
  const scalars = new ScalarQueries(context, input.scope);
  const binder = new ExpressionBinder(input.scope, node => over.intercept(node) ?? scalars.intercept(node));
  const bound = items.map(item => binder.bind(item.node));
  const joined = scalars.build(input.node, bound);
  const { node, items: expressions } = over.build(joined.node, joined.expressions);
  const names = items.map(item => item.name);
  return isIdentity(expressions, names, node) ? node : project(node, expressions, names);
}

function isIdentity(
  expressions: readonly Expression[],
  names: readonly string[],
  node: LogicalNode,
): boolean {
  return (
    expressions.length === node.fields.length &&
    expressions.every((e, i) => e.kind === 'column' && e.index === i && names[i] === node.fields[i]!.name)
  );
}
