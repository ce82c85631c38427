import { viewDeclaration } from '../../app/mod.ts';
import { messageOf } from '../../core/mod.ts';
import { type QueryHandle, type SplitPosition, startQuery } from '../../engine/mod.ts';
import { changesOf, type PartStatus, type PositionVector } from '../../live/mod.ts';
import { viewQuery } from '../jobs/plans.ts';

import { need, type Services } from '../services.ts';

/** How long readiness waits for the views to read what the topics hold. */
const SETTLE_MS_MAX = 5000;

/** Starts the application's live views and waits, within a bound, until they show what the topics hold. */
export async function startViews(services: Services): Promise<void> {
  const queries = services.app!.views.map(file => startView(services, file));
  services.stack.push('view queries', async () => {
    await Promise.all(queries.map(query => query.stop()));
  });
  const patience = AbortSignal.timeout(SETTLE_MS_MAX);
  await Promise.allSettled(queries.map(query => query.settle(patience)));
}

function startView(services: Services, file: { name: string; path: string; text: string }): QueryHandle {
  const { clock, hub, parts, say } = services;
  const { root, options } = viewQuery(file.path, file.text, need(services.jobs, 'the engine').library);
  const spec = viewDeclaration(file, options);
  const view = hub.addView(spec, () => positionOf(query.status().splits));
  const query: QueryHandle = startQuery({
    name: `view/${spec.name}`,
    ...{ root, options, clock },
    source: need(services.jobs, 'the engine').tables.source,
    lookup: need(services.jobs, 'the engine').tables.lookup,
    function: need(services.jobs, 'the engine').tables.function,
    logger: { info: () => undefined, warn: say },
    onStart: () => {
      view.beginRebuild();
      void settled().then(() => view.endRebuild());
    },
    onChanges: batch => hub.apply(view, changesOf(batch)),
  });
  // The handle exists once `startQuery` has returned; a rebuild that fails is followed by the next one.
  const settled = async (): Promise<void> => {
    await Promise.resolve();
    await query
      .settle(new AbortController().signal)
      .catch(error => say(`view ${spec.name}: ${messageOf(error)}`));
  };
  parts.add({ name: `view ${spec.name}`, status: () => viewPart(spec.name, query) });
  return query;
}

/** Of the topics read: `topic/partition` → next offset. */
function positionOf(splits: readonly SplitPosition[]): PositionVector {
  const offsets = splits.flatMap(({ table, split, position }) => {
    const offset = (position as { readonly offset?: unknown } | null)?.offset;
    return typeof offset === 'number' ? [[`${table.options['topic']}/${split}`, offset] as const] : [];
  });
  // Where two tables read one topic, what both have read.
  const least = new Map<string, number>();
  for (const [name, offset] of offsets) least.set(name, Math.min(offset, least.get(name) ?? offset));
  return Object.fromEntries(least);
}

function viewPart(name: string, query: QueryHandle): PartStatus {
  const { state, exception, lag } = query.status();
  const works = state === 'RUNNING' || state === 'CREATED';
  return {
    part: `view ${name}`,
    state: works ? 'ok' : state === 'RESTARTING' ? 'degraded' : 'failed',
    detail: works ? 'up to date' : (exception ?? state.toLowerCase()),
    ...{ ratePerS: null, lag },
  };
}
