import type { IncomingMessage } from 'node:http';
import { type GuardRules, type Refusal, refusal } from './guard.ts';

/** The guard's answer for a raw request. */
export function refusalOf(request: IncomingMessage, rules: GuardRules): Refusal | null {
  const { headers } = request;
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  return refusal(
    {
      method: request.method ?? 'GET',
      host: headers.host,
      origin: headers.origin,
      contentType: headers['content-type'],
      hasBody: headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0,
      token: headers.authorization?.replace(/^Bearer /, '') ?? query.get('token') ?? undefined,
      isUpgrade: headers.upgrade !== undefined,
    },
    rules,
  );
}

/** Liveness and the console's own files need no token: they tell nothing. */
export function isOpen(url: string, refused: Refusal): boolean {
  return refused.status === 401 && (url === '/healthz' || !/^\/(api|docs|metrics|readyz|ws)\b/.test(url));
}
