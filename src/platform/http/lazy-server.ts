import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { messageOf } from '../../core/mod.ts';
import type { Parts } from '../parts.ts';
import type { Status } from '../status.ts';
import type { GuardRules } from './guard.ts';
import { isOpen, refusalOf } from './guard-request.ts';
import { HEALTH_PATHS, readinessOf } from './readiness.ts';

/** The rest of what is served, once it is loaded. It listens to the server's upgrades itself. */
export interface LazyRoutes {
  route(request: IncomingMessage, response: ServerResponse): void;
  close(): Promise<void>;
}

export interface LazyServerOptions {
  readonly rules: GuardRules;
  readonly parts: Parts;
  readonly status: () => Status;
  readonly load: (server: Server) => Promise<LazyRoutes>;
}

/** An HTTP server whose routes are loaded when somebody asks for them. */
export interface LazyServer {
  readonly server: Server;
  load(): Promise<LazyRoutes>;
  listen(at: { readonly host: string; readonly port: number }): Promise<void>;
  close(): Promise<void>;
}

/**
 * Answers by itself whether the process lives and works, and `/api/status`; anything else loads the routes,
 * which from then on answer everything.
 */
export function createLazyServer(options: LazyServerOptions): LazyServer {
  const server = createServer();
  let loading: Promise<LazyRoutes> | null = null;
  let routes: LazyRoutes | null = null;
  const load = (): Promise<LazyRoutes> => {
    loading ??= options.load(server).then(loaded => {
      server.removeListener('upgrade', upgrade);
      routes = loaded;
      return loaded;
    });
    return loading;
  };
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    load().then(
      () => server.emit('upgrade', request, socket, head),
      () => socket.destroy(),
    );
  };
  server.on('upgrade', upgrade);
  server.on('request', (request, response) => {
    if (routes !== null) return routes.route(request, response);
    const small = smallAnswer(request, options);
    if (small !== null) return send(response, small.status, small.body);
    load().then(
      loaded => loaded.route(request, response),
      error => send(response, 500, { error: { code: 'INTERNAL', message: messageOf(error), retry: false } }),
    );
  });
  return {
    ...{ server, load },
    listen: at =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(at, () => {
          server.removeListener('error', reject);
          resolve();
        });
      }),
    close: async () => {
      const closed = new Promise(resolve => server.close(resolve));
      if (loading !== null) await (await loading).close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** What can be said without the routes; null where they have to be asked, also where the guard objects. */
function smallAnswer(
  request: IncomingMessage,
  { rules, parts, status }: LazyServerOptions,
): { readonly status: number; readonly body: unknown } | null {
  if (request.method !== 'GET') return null;
  const path = (request.url ?? '/').split('?')[0]!;
  const refused = refusalOf(request, rules);
  if (refused !== null && !isOpen(path, refused)) return null;
  if (HEALTH_PATHS.includes(path)) return { status: 200, body: { status: 'ok' } };
  if (path === '/api/status') return { status: 200, body: status() };
  if (path !== '/readyz') return null;
  const readiness = readinessOf(parts);
  return { status: readiness.status === 'ok' ? 200 : 503, body: readiness };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
