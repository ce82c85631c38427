import type { LiveHub } from '../../live/mod.ts';
import type { Status } from '../status.ts';
import type { Http } from './server.ts';

/** `/api/status`, and the live views by name. */
export function registerStatus(http: Http, status: () => Status, hub: LiveHub): void {
  const schema = { summary: 'Parts, processes, memory, rates, lag, jobs and live views', tags: ['platform'] };
  http.get('/api/status', { schema }, () => status());
  const views = { summary: 'The live views', tags: ['live'] };
  http.get('/api/views', { schema: views }, () =>
    hub.views().map(({ spec, stats }) => ({ ...spec, ...stats() })),
  );
  const view = { summary: 'A live view as a snapshot frame', tags: ['live'] };
  http.get<{ Params: { view: string } }>('/api/views/:view', { schema: view }, ({ params }, reply) => {
    const found = hub.view(params.view);
    if (found) return reply.send(found.snapshot());
    const message = `no view ${params.view}; there are ${hub
      .views()
      .map(other => other.spec.name)
      .join(', ')}.`;
    return reply.code(404).send({ error: { code: 'NOT_FOUND', message, retry: false } });
  });
}
