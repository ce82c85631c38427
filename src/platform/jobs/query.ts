import { type Batch, forEachRow, isAccumulate, MillraceError } from '../../core/mod.ts';
import { startQuery } from '../../engine/mod.ts';
import { jsonRow } from '../../live/mod.ts';
import type { FunctionLibrary, QueryPlan } from '../../plan/mod.ts';
import type { QueryAnswer, ScriptAnswer } from '../http/jobs.ts';
import type { Services } from '../services.ts';
import type { TableFactories } from '../tables.ts';
import { boundedScript } from './plans.ts';

const ROWS_MAX = 10_000;
const TIMEOUT_MS = 60_000;

/** Rows of a result, counted: a changelog's -U and -D take one away again. */
type Rows = Map<string, { readonly cells: readonly unknown[]; count: number }>;

/** What a script may use. */
export interface QueryContext {
  readonly tables: TableFactories;
  readonly library: FunctionLibrary;
}

/** Runs a script; its SELECTs one after the other. */
export async function runScript(
  services: Services,
  { tables, library }: QueryContext,
  sql: string,
  gone: AbortSignal,
): Promise<ScriptAnswer> {
  const scripts = [...(services.app?.views ?? []), ...(services.app?.jobs ?? [])];
  const results: QueryAnswer[] = [];
  for (const step of boundedScript(sql, scripts, library)) {
    if ('root' in step) results.push(await runQuery(services, tables, step, gone));
    else results.push({ columns: step.columns.map(({ name }) => name), rows: step.rows });
  }
  return { ...(results.at(-1) ?? OK), results };
}

/** What Flink answers to a statement that gives no rows. */
const OK: QueryAnswer = { columns: ['result'], rows: [['OK']] };

/** Runs one SELECT over what the topics hold now and answers its rows. */
async function runQuery(
  services: Services,
  tables: TableFactories,
  { root, options }: QueryPlan,
  gone: AbortSignal,
): Promise<QueryAnswer> {
  const rows: Rows = new Map();
  const query = startQuery({
    name: 'query',
    ...{
      root,
      options,
      clock: services.clock,
      source: tables.source,
      function: tables.function,
      lookup: tables.lookup,
    },
    logger: { info: () => undefined, warn: () => undefined },
    onStart: () => rows.clear(),
    onChanges: batch => collect(rows, batch),
  });
  const signal = AbortSignal.any([gone, AbortSignal.timeout(TIMEOUT_MS)]);
  const aborted = new Promise<'ABORTED'>(resolve =>
    signal.addEventListener('abort', () => resolve('ABORTED')),
  );
  const end = await Promise.race([query.whenEnded, aborted]);
  const { exception } = query.status();
  await query.stop();
  if (end === 'ABORTED')
    throw new MillraceError('TIMEOUT', `the query did not end within ${TIMEOUT_MS / 1000} s.`);
  if (end !== 'FINISHED') throw new MillraceError('SQL_INVALID', exception ?? `the query ended ${end}.`);
  const all = [...rows.values()].flatMap(({ cells, count }) => Array.from({ length: count }, () => cells));
  if (all.length > ROWS_MAX) {
    throw new MillraceError(
      'SQL_UNSUPPORTED',
      `${all.length} rows; at most ${ROWS_MAX} are answered. Aggregate or filter.`,
    );
  }
  return { columns: root.schema.fields.map(field => field.name), rows: all };
}

function collect(rows: Rows, batch: Batch): void {
  forEachRow(batch, index => {
    const cells = Object.values(jsonRow(batch, index));
    const key = JSON.stringify(cells);
    const step = batch.rowKinds === null || isAccumulate(batch.rowKinds[index]!) ? 1 : -1;
    const held = rows.get(key) ?? { cells, count: 0 };
    held.count += step;
    if (held.count === 0) rows.delete(key);
    else rows.set(key, held);
  });
}
