import { z } from 'zod';
import type { Parts } from '../parts.ts';
import { HEALTH_PATHS, readinessOf } from './readiness.ts';
import type { Http } from './server.ts';

export const partSchema = z.object({
  part: z.string(),
  state: z.enum(['ok', 'degraded', 'failed', 'starting', 'stopped']),
  detail: z.string(),
  ratePerS: z.number().nullable(),
  lag: z.number().nullable(),
});

const alive = z.object({ status: z.literal('ok') });
const readiness = z.object({ status: z.enum(['ok', 'unavailable']), parts: z.array(partSchema) });

/** `/healthz`, `/readyz`, and the names the reference system has for them. */
export function registerHealth(http: Http, parts: Parts, askDatabase: (() => Promise<void>) | null): void {
  for (const url of HEALTH_PATHS) {
    const schema = { summary: 'Whether the process answers', tags: ['health'], response: { 200: alive } };
    http.get(url, { schema }, () => ({ status: 'ok' as const }));
  }
  const schema = {
    summary: 'Whether every part works',
    tags: ['health'],
    response: { 200: readiness, 503: readiness },
  };
  http.get('/readyz', { schema }, async (_request, reply) => {
    const readiness = readinessOf(parts);
    return reply.code(readiness.status === 'ok' ? 200 : 503).send(readiness);
  });
  if (!askDatabase) return;
  const database = z.object({ status: z.enum(['ok', 'unavailable']), detail: z.string() });
  const databaseSchema = {
    summary: 'Whether the database answers a query',
    tags: ['health'],
    response: { 200: database, 503: database },
  };
  http.get('/health/ready', { schema: databaseSchema }, async (_request, reply) => {
    try {
      await askDatabase();
      return { status: 'ok' as const, detail: 'the database answers' };
    } catch (error) {
      return reply.code(503).send({ status: 'unavailable', detail: String(error) });
    }
  });
}
