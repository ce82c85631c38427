import { assert } from '../core/mod.ts';
import type { Insert, Statement, StatementSet } from '../sql/mod.ts';
import { deepFreeze, parseScript, sqlInvalid, sqlUnsupported } from '../sql/mod.ts';
import { bindQuery } from './bind/query.ts';
import type { Catalog } from './catalog.ts';
import { readsFields } from './connectors.ts';
import { Converter } from './convert.ts';
import { declareTable } from './declare-table.ts';
import { type StatementAnswer, textAnswer } from './describe.ts';
import { withExchanges } from './distribution.ts';
import { explain, explainNode } from './explain.ts';
import { bindingWith } from './functions/user-functions.ts';
import { type BoundInsert, bindCreatedInsert, bindInsert } from './insert.ts';
import type { LogicalNode, SourceNode } from './logical.ts';
import { Numbering } from './numbering.ts';
import { durationMs, type Options } from './options.ts';
import type { PhysicalNode, PhysicalPlan, SinkNode } from './physical.ts';
import { beforeSink, imagesOfSink } from './plan-sink.ts';
import { RowFields } from './row-fields.ts';
import { pushFields } from './rules/push-fields.ts';
import { pushFilters } from './rules/push-filters.ts';
import { buildSource, type SourceBlock } from './source.ts';
import { runStatement, type StatementContext } from './statements.ts';
import { bestKey } from './unique-keys.ts';
import { inferUpdateKinds, type UpdateImages } from './update-kinds.ts';

export type { Options } from './options.ts';

/** What a script comes to. */
export interface ScriptPlan {
  /** All INSERTs of the script, in order, as one job; no sinks when there is none. */
  readonly plan: PhysicalPlan;
  /** The options in force at the end. */
  readonly options: Options;
  /** Queries that stand for themselves. */
  readonly queries: readonly QueryPlan[];
  /** What SHOW, DESCRIBE, EXPLAIN and a bare SET have answered, in order. */
  readonly answers: readonly StatementAnswer[];
  /** Queries and answers in the order of the script. */
  readonly results: readonly (QueryPlan | StatementAnswer)[];
}

/** A SELECT, planned. */
export interface QueryPlan {
  readonly root: PhysicalNode;
  /** Columns of the result that identify a row; null when none are known to. */
  readonly key: readonly number[] | null;
  readonly options: Options;
}

/**
 * Plans a script: declarations go into `catalog`, SET into the options, INSERTs into one plan.
 * @param source the text, or statements parsed already
 * @param defaults options in force before the first statement
 * @throws MillraceError SQL_INVALID or SQL_UNSUPPORTED with the place
 */
export function planScript(
  source: string | readonly Statement[],
  catalog: Catalog,
  defaults: Options = {},
): ScriptPlan {
  const script = runScript(source, catalog, defaults);
  const { options, results } = script;
  const planned = results.map(result => ('columns' in result ? result : planOne(result, options)));
  return deepFreeze({
    plan: planInserts(script.inserts, options),
    options,
    queries: planned.filter(result => 'root' in result),
    answers: planned.filter(result => 'columns' in result),
    results: planned,
  });
}

/**
 * Plans a script whose last statement is the query: what stands before it declares and sets.
 * @throws MillraceError SQL_INVALID, SQL_UNSUPPORTED with the place
 */
export function planQuery(
  source: string | readonly Statement[],
  catalog: Catalog,
  defaults: Options = {},
): QueryPlan {
  const script = runScript(source, catalog, defaults);
  const [query, second] = script.results.filter(result => 'rows' in result && 'at' in result);
  const [insert] = script.inserts;
  if (insert !== undefined) throw sqlInvalid(insert.at, 'found INSERT, expected a SELECT');
  if (second !== undefined) throw sqlInvalid(second.at, 'found a second query, expected one');
  if (query === undefined) throw sqlInvalid({ line: 1, column: 1 }, 'found no query, expected a SELECT');
  return deepFreeze(planOne(query, script.options));
}

interface Script {
  readonly options: Options;
  readonly inserts: readonly BoundInsert[];
  readonly results: readonly (BoundQuery | StatementAnswer)[];
}

interface BoundQuery {
  readonly rows: LogicalNode;
  readonly at: Statement['at'];
}

/** Runs the statements in order; rows are bound where they stand, by the declarations made before them. */
function runScript(source: string | readonly Statement[], catalog: Catalog, defaults: Options): Script {
  const session = {
    resolve: catalog.functions.resolver(catalog),
    currentDatabase: () => catalog.current,
  };
  return bindingWith(session, () => runStatements(source, catalog, defaults));
}

function runStatements(source: string | readonly Statement[], catalog: Catalog, defaults: Options): Script {
  const context = { catalog, options: { ...defaults } };
  const inserts: BoundInsert[] = [];
  const results: (BoundQuery | StatementAnswer)[] = [];
  for (const statement of typeof source === 'string' ? parseScript(source) : source) {
    switch (statement.kind) {
      case 'insert':
        inserts.push(bindInsert(statement, catalog));
        break;
      case 'statementSet':
        inserts.push(...statement.inserts.map(insert => bindInsert(insert, catalog)));
        break;
      case 'select':
        results.push({ rows: bindQuery(statement.query, catalog), at: statement.at });
        break;
      case 'explain':
        results.push(explainStatement(statement, context));
        break;
      case 'createTable':
        inserts.push(...createTable(statement, catalog));
        break;
      default: {
        const answer = runStatement(statement, context);
        if (answer !== null) results.push(answer);
      }
    }
  }
  return { options: context.options, inserts, results };
}

/** Declares a table; with AS it is filled as well. */
function createTable(
  statement: Statement & { kind: 'createTable' },
  catalog: Catalog,
): readonly BoundInsert[] {
  const { query } = statement;
  if (query !== null && statement.ifNotExists && catalog.get(catalog.pathOf(statement.name))) return [];
  const rows = query === null ? null : bindQuery(query, catalog);
  const entry = declareTable(statement, catalog);
  return rows === null ? [] : [bindCreatedInsert(entry, rows, statement.at)];
}

const EXPLAINED = ['CHANGELOG_MODE'];

/** EXPLAIN: the physical plan, as a text under Flink's heading. */
function explainStatement(
  { details, statement, at }: Statement & { kind: 'explain' },
  { catalog, options }: StatementContext,
): StatementAnswer {
  const unknown = details.find(detail => !EXPLAINED.includes(detail));
  if (unknown !== undefined) throw sqlUnsupported(at, `EXPLAIN ${unknown}`);
  const withModes = details.includes('CHANGELOG_MODE');
  const plan =
    statement.kind === 'select'
      ? explainNode(
          planOne({ rows: bindQuery(statement.query, catalog), at }, options, 'after').root,
          withModes,
        )
      : explain(planInserts(boundInserts(statement, catalog), options), withModes);
  return textAnswer(['result'], [[`== Optimized Physical Plan ==\n${plan}`]]);
}

function boundInserts(statement: Insert | StatementSet, catalog: Catalog): readonly BoundInsert[] {
  const inserts = statement.kind === 'insert' ? [statement] : statement.inserts;
  return inserts.map(insert => bindInsert(insert, catalog));
}

/** `asks` is what the reader of the result asks: EXPLAIN shows the plan that does with the least, as Flink's does. */
function planOne(query: BoundQuery, options: Options, asks: UpdateImages = 'both'): QueryPlan {
  const [physical] = convertTogether([pushFilters(query.rows)], options);
  const [root] = settled([{ node: physical!, asks }]).roots;
  return { root: root!, key: bestKey(root!, []), options };
}

function planInserts(bound: readonly BoundInsert[], options: Options): PhysicalPlan {
  const converted = convertTogether(
    bound.map(b => pushFilters(b.rows)),
    options,
  );
  const inputs = withExchanges(bound.map((insert, i) => beforeSink(insert, converted[i]!, options)));
  const asking = bound.map(({ table }, i) => ({ node: inputs[i]!, asks: imagesOfSink(table, inputs[i]!) }));
  const { roots, size } = settled(asking);
  const sinks = bound.map(({ table }, i): SinkNode => {
    const input = roots[i]!;
    return { kind: 'sink', id: size + i, table, input, upsertKey: bestKey(input, table.primaryKey) };
  });
  return { sinks, options };
}

/** The plans with their updates settled, their equal parts shared, their nodes numbered. */
function settled(asking: readonly { readonly node: PhysicalNode; readonly asks: UpdateImages }[]) {
  const first = new Numbering();
  const numbered = asking.map(({ node, asks }) => ({ node: first.number(node), asks }));
  const last = new Numbering();
  const roots = inferUpdateKinds(numbered).map(root => last.number(root));
  return { roots, size: last.size };
}

/**
 * Converts the plans of one job in two passes: the first learns which columns of each table anyone needs, so
 * that the second reads each table once, with all of them.
 */
function convertTogether(roots: readonly LogicalNode[], options: Options): readonly PhysicalNode[] {
  const idle = options['table.exec.source.idle-timeout'];
  const reading = {
    idleMs: idle === undefined || durationMs(idle) === 0 ? null : durationMs(idle),
    duplicates: options['table.exec.source.cdc-events-duplicate']?.toLowerCase() === 'true',
  };
  const needs = new Map<string, Set<number>>();
  const keyOf = ({ table, options: own }: SourceNode) => JSON.stringify([table.database, table.name, own]);
  const found = new Map<string, RowFields>();
  const fieldsOf = (source: SourceNode): RowFields | null => {
    if (!readsFields(source.options)) return null;
    const fields = found.get(keyOf(source)) ?? new RowFields(source.table);
    found.set(keyOf(source), fields);
    return fields;
  };
  const pushed = roots.map(root => pushFields(root, fieldsOf));
  const whole = (source: SourceNode) => ({ ...source, table: fieldsOf(source)?.table ?? source.table });
  const learning = new Converter((source, needed) => {
    const key = keyOf(source);
    const known = needs.get(key) ?? new Set();
    for (const index of needed) known.add(index);
    needs.set(key, known);
    const all = whole(source);
    return buildSource(all, new Set(all.table.columns.keys()), reading);
  });
  for (const root of pushed) learning.convertAll(root);
  const blocks = new Map<string, SourceBlock>();
  const building = new Converter(source => {
    const key = keyOf(source);
    const needed = needs.get(key);
    assert(needed !== undefined, 'the first pass has met every source');
    const block = blocks.get(key) ?? buildSource(whole(source), needed, reading);
    blocks.set(key, block);
    return block;
  });
  return withExchanges(pushed.map(root => building.convertAll(root)));
}
