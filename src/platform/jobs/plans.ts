import type { AppFile } from '../../app/mod.ts';
import { MillraceError } from '../../core/mod.ts';
import {
  Catalog,
  durationMs,
  type FunctionLibrary,
  type Options,
  type PhysicalPlan,
  planQuery,
  planScript,
  type QueryPlan,
  type StatementAnswer,
} from '../../plan/mod.ts';
import { parseScript, type Statement } from '../../sql/mod.ts';
import type { Settings } from '../config/settings.ts';

type CreateTable = Extract<Statement, { kind: 'createTable' }>;

const INTERVAL = 'execution.checkpointing.interval';
const TOPIC_CONNECTORS = ['kafka', 'upsert-kafka'];

/** What scripts are planned with, beside their text. */
export interface PlanContext {
  readonly settings: Settings;
  readonly library: FunctionLibrary;
}

/** Plans a job's script. What is wrong in it is refused with the file, line and column. */
export function jobPlan(path: string, sql: string, { settings, library }: PlanContext): PhysicalPlan {
  return located(path, () => {
    const defaults = { [INTERVAL]: `${settings['checkpoint.interval-ms']} ms` };
    const { plan, results } = planScript(sql, Catalog.withFunctions(library), defaults);
    if (results.length > 0) {
      throw new MillraceError(
        'SQL_INVALID',
        'a job writes to tables: ask SELECT, SHOW, DESCRIBE and EXPLAIN by `millrace sql`.',
      );
    }
    if (plan.sinks.length === 0)
      throw new MillraceError('SQL_INVALID', 'found no INSERT INTO: a job must write somewhere.');
    return { ...plan, options: inMilliseconds(plan.options) };
  });
}

/** The engine takes the interval in plain milliseconds. */
function inMilliseconds(options: Options): Options {
  const interval = options[INTERVAL];
  return interval === undefined ? options : { ...options, [INTERVAL]: String(durationMs(interval)) };
}

/** Plans the query of a live view. */
export function viewQuery(path: string, sql: string, library: FunctionLibrary): QueryPlan {
  return located(path, () => planQuery(sql, Catalog.withFunctions(library)));
}

/**
 * Plans a question: its SELECTs read what the topics hold now and end; SHOW, DESCRIBE and EXPLAIN answer at
 * once. Tables that the application's scripts declare over topics, and their functions, are known by name,
 * unless the question declares its own.
 */
export function boundedScript(
  sql: string,
  scripts: readonly AppFile[],
  library: FunctionLibrary,
): readonly (QueryPlan | StatementAnswer)[] {
  const own = parseScript(sql);
  const declared = new Set(
    own.flatMap(statement => (statement.kind === 'createTable' ? [nameOf(statement)] : [])),
  );
  const known = appTables(scripts).filter(table => !declared.has(nameOf(table)));
  const catalog = Catalog.withFunctions(library);
  const { plan, results } = planScript([...appFunctions(scripts), ...known, ...own].map(bounded), catalog);
  if (plan.sinks.length === 0) return results;
  throw new MillraceError(
    'SQL_INVALID',
    'found INSERT: what writes to tables is a job; give it to POST /api/jobs.',
  );
}

function appFunctions(scripts: readonly AppFile[]): readonly Statement[] {
  const all = scripts.flatMap(({ text }) => parseScript(text));
  return all.flatMap(statement =>
    statement.kind === 'createFunction' ? [{ ...statement, ifNotExists: true }] : [],
  );
}

/** One table per name; where scripts differ, the one with the most columns. */
function appTables(scripts: readonly AppFile[]): readonly CreateTable[] {
  const tables = new Map<string, CreateTable>();
  for (const statement of scripts.flatMap(({ text }) => parseScript(text))) {
    if (statement.kind !== 'createTable' || !isTopic(statement)) continue;
    const before = tables.get(nameOf(statement));
    if (!before || before.columns.length < statement.columns.length) tables.set(nameOf(statement), statement);
  }
  return [...tables.values()];
}

function bounded(statement: Statement): Statement {
  if (statement.kind !== 'createTable' || !isTopic(statement)) return statement;
  return { ...statement, options: { ...statement.options, 'scan.bounded.mode': 'latest-offset' } };
}

function isTopic({ options }: CreateTable): boolean {
  return TOPIC_CONNECTORS.includes(options['connector'] ?? '');
}

function nameOf({ name }: CreateTable): string {
  return name.parts.at(-1)!;
}

/** Names the file in errors of its statements. */
function located<T>(path: string, plan: () => T): T {
  try {
    return plan();
  } catch (error) {
    if (!(error instanceof MillraceError) || error.domain !== 'user') throw error;
    const { position } = error;
    const message = error.message.startsWith(path) ? error.message : `${path}: ${error.message}`;
    throw new MillraceError(error.code, message, { cause: error, ...(position && { position }) });
  }
}
