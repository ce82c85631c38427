import { assert } from '../core/mod.ts';
import type { Insert, Query, Statement } from '../sql/mod.ts';
import { deepFreeze, parseScript, sqlInvalid, sqlUnsupported } from '../sql/mod.ts';
import { bindQuery } from './bind/query.ts';
import { Catalog } from './catalog.ts';
import { checkSinkChanges } from './changelog.ts';
import { Converter } from './convert.ts';
import { declareTable } from './declare-table.ts';
import { withExchanges } from './distribution.ts';
import { bindInsert } from './insert.ts';
import type { LogicalNode } from './logical.ts';
import { Numbering } from './numbering.ts';
import { checkOption, durationMs } from './options.ts';
import type { PhysicalNode, PhysicalPlan, SinkNode } from './physical.ts';
import { pushFilters } from './rules/push-filters.ts';
import { buildSource, type SourceBlock } from './source.ts';
import { bestKey } from './unique-keys.ts';

export type Options = Readonly<Record<string, string>>;

/** What a script comes to. */
export interface ScriptPlan {
  /** All INSERTs of the script, in order, as one job; no sinks when there is none. */
  readonly plan: PhysicalPlan;
  /** The options in force at the end. */
  readonly options: Options;
  /** Queries that stand for themselves. */
  readonly queries: readonly QueryPlan[];
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
  const { options } = script;
  return deepFreeze({
    plan: planInserts(script.inserts, catalog, options),
    options,
    queries: script.queries.map(query => planOne(query, catalog, options)),
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
  const [query, second] = script.queries;
  const [insert] = script.inserts;
  if (insert !== undefined) throw sqlInvalid(insert.at, 'found INSERT, expected a SELECT');
  if (second !== undefined) throw sqlInvalid(second.at, 'found a second query, expected one');
  if (query === undefined) throw sqlInvalid({ line: 1, column: 1 }, 'found no query, expected a SELECT');
  return deepFreeze(planOne(query, catalog, script.options));
}

interface Script {
  readonly options: Options;
  readonly inserts: readonly Insert[];
  readonly queries: readonly Query[];
}

function runScript(source: string | readonly Statement[], catalog: Catalog, defaults: Options): Script {
  const options: Record<string, string> = { ...defaults };
  const inserts: Insert[] = [];
  const queries: Query[] = [];
  for (const statement of typeof source === 'string' ? parseScript(source) : source) {
    switch (statement.kind) {
      case 'insert':
        inserts.push(statement);
        break;
      case 'statementSet':
        inserts.push(...statement.inserts);
        break;
      case 'select':
        queries.push(statement.query);
        break;
      default:
        applyStatement(statement, catalog, options);
    }
  }
  return { options, inserts, queries };
}

/** Runs a statement that changes the catalog or the options. */
function applyStatement(statement: Statement, catalog: Catalog, options: Record<string, string>): void {
  switch (statement.kind) {
    case 'createTable':
      declareTable(statement, catalog);
      return;
    case 'createView': {
      const name = Catalog.nameOf(statement.name);
      const columns = statement.columns.map(c => c.name);
      const view = deepFreeze({ kind: 'view' as const, name, columns, query: statement.query });
      const fields = bindQuery(statement.query, catalog).fields.length;
      if (columns.length > 0 && columns.length !== fields) {
        throw sqlInvalid(
          statement.at,
          `the view '${name}' names ${columns.length} columns, its query has ${fields}`,
        );
      }
      catalog.add(view, statement.ifNotExists, statement.name.at);
      return;
    }
    case 'drop':
      if (statement.what !== 'TABLE' && statement.what !== 'VIEW') {
        throw sqlUnsupported(statement.at, `DROP ${statement.what}`);
      }
      catalog.drop(statement);
      return;
    case 'set':
      setOption(statement, options);
      return;
    case 'reset':
      resetOption(statement, options);
      return;
    case 'use':
      Catalog.nameOf({ parts: [...(statement.catalog ? [] : statement.name.parts), ''], at: statement.at });
      return;
    default:
      throw sqlUnsupported(statement.at, statementName(statement));
  }
}

function statementName(statement: Statement): string {
  switch (statement.kind) {
    case 'alter':
      return `ALTER ${statement.what}`;
    case 'createFunction':
      return 'CREATE FUNCTION';
    case 'createNamespace':
      return `CREATE ${statement.what}`;
    default:
      return `${statement.kind.toUpperCase()} in a script`;
  }
}

function setOption(statement: Statement & { kind: 'set' }, options: Record<string, string>): void {
  if (statement.option === null) return;
  checkOption(statement.option.key, statement.option.value, statement.at);
  options[statement.option.key] = statement.option.value;
}

function resetOption(statement: Statement & { kind: 'reset' }, options: Record<string, string>): void {
  if (statement.key !== null) checkOption(statement.key, null, statement.at);
  for (const key of Object.keys(options))
    if (statement.key === null || statement.key === key) delete options[key];
}

function planOne(query: Query, catalog: Catalog, options: Options): QueryPlan {
  const logical = pushFilters(bindQuery(query, catalog));
  const [physical] = convertTogether([logical], options);
  const root = new Numbering().number(physical!);
  return { root, key: bestKey(root, []), options };
}

function planInserts(inserts: readonly Insert[], catalog: Catalog, options: Options): PhysicalPlan {
  const bound = inserts.map(insert => bindInsert(insert, catalog));
  const roots = convertTogether(
    bound.map(b => pushFilters(b.rows)),
    options,
  );
  const numbering = new Numbering();
  const inputs = roots.map(root => numbering.number(root));
  const sinks = bound.map(({ table, at }, i): SinkNode => {
    const input = inputs[i]!;
    checkSinkChanges(table, input, at);
    return {
      kind: 'sink',
      id: numbering.size + i,
      table,
      input,
      upsertKey: bestKey(input, table.primaryKey),
    };
  });
  return { sinks, options };
}

/**
 * Converts the plans of one job in two passes: the first learns which columns of each table anyone needs, so
 * that the second reads each table once, with all of them.
 */
function convertTogether(roots: readonly LogicalNode[], options: Options): readonly PhysicalNode[] {
  const idle = options['table.exec.source.idle-timeout'];
  const idleMs = idle === undefined || durationMs(idle) === 0 ? null : durationMs(idle);
  const needs = new Map<string, Set<number>>();
  const keyOf = (name: string, own: Options) => JSON.stringify([name, own]);
  const learning = new Converter((source, needed) => {
    const key = keyOf(source.table.name, source.options);
    const known = needs.get(key) ?? new Set();
    for (const index of needed) known.add(index);
    needs.set(key, known);
    return buildSource(source, new Set(source.fields.map((_, i) => i)), idleMs);
  });
  for (const root of roots) learning.convertAll(root);
  const blocks = new Map<string, SourceBlock>();
  const building = new Converter(source => {
    const key = keyOf(source.table.name, source.options);
    const needed = needs.get(key);
    assert(needed !== undefined, 'the first pass has met every source');
    const block = blocks.get(key) ?? buildSource(source, needed, idleMs);
    blocks.set(key, block);
    return block;
  });
  return withExchanges(roots.map(root => building.convertAll(root)));
}
