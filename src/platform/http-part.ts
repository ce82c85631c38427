import type { AddressInfo } from 'node:net';
import { MillraceError } from '../core/mod.ts';
import { guardRules, isLoopback } from './http/guard.ts';
import { createLazyServer } from './http/lazy-server.ts';
import { choosePort } from './http/port.ts';
import { version } from './installation.ts';
import type { Services } from './services.ts';
import { readStatus, type Status } from './status.ts';

/** Decides where to listen, before anything is started: CONFIG_INVALID and PORT_TAKEN with the remedy. */
export async function chooseBinding({ config }: Services): Promise<number> {
  const { 'http.host': host, 'http.token': token, 'http.port': port } = config.settings;
  if (!isLoopback(host) && token === '') {
    throw new MillraceError(
      'CONFIG_INVALID',
      `http.host = ${host} would let anybody in: set http.token (MILLRACE_HTTP_TOKEN) to a secret, ` +
        'or leave http.host at 127.0.0.1.',
    );
  }
  return choosePort(host, port, config.explicit.has('http.port'));
}

/**
 * Starts HTTP and the live socket. It answers from here on; /readyz says when everything works. With an
 * application all of it is loaded at once; the log alone takes a fraction of the memory, so the rest waits
 * until somebody asks for more than whether it lives.
 */
export async function startHttp(services: Services, port: number, startedMs: number): Promise<string> {
  const { settings } = services.config;
  const { 'http.host': host, 'http.token': token } = settings;
  const rules = guardRules(host, settings['http.allowed-hosts'], token);
  const status = (): Status =>
    readStatus(
      {
        ...{ version, app: services.app?.manifest.name ?? null, startedMs },
        ...{ parts: services.parts, hub: services.hub },
        log: () => services.log,
        jobs: () => services.jobs?.list() ?? [],
        state: () => services.jobs?.state() ?? null,
        postgresPid: () => services.postgres?.pid() ?? null,
      },
      services.clock.nowMs(),
    );
  const http = createLazyServer({
    ...{ rules, status, parts: services.parts },
    load: async server => {
      const { openRoutes } = await import('./http-routes.ts');
      return openRoutes(services, server, rules, status);
    },
  });
  if (services.app !== null) await http.load();
  await http.listen({ host, port });
  services.stack.push('HTTP', () => http.close());
  return `http://${host.includes(':') ? `[${host}]` : host}:${(http.server.address() as AddressInfo).port}`;
}
