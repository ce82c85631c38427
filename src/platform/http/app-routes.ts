import type { z } from 'zod';
import type { Route, RouteContext } from '../../app/mod.ts';
import type { Http } from './server.ts';

/** The application's own endpoints. */
export function registerAppRoutes(
  http: Http,
  app: string,
  routes: readonly Route[],
  context: RouteContext,
): void {
  for (const route of routes) {
    const schema = {
      summary: route.summary,
      tags: [app],
      querystring: route.query,
      response: { 200: route.response },
    };
    http.get(route.path, { schema }, async (request, reply) =>
      reply.send((await route.handle(request.query as z.infer<typeof route.query>, context)) as never),
    );
  }
}
