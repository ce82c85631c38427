import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Routes } from '../app/mod.ts';
import { importModule, type Route } from '../app/mod.ts';
import { MillraceError } from '../core/mod.ts';
import { serveLiveSocket } from '../live/mod.ts';
import type { Log } from '../log/mod.ts';
import { registerAppRoutes } from './http/app-routes.ts';
import { registerGroups } from './http/groups.ts';
import { guardRules, isLoopback } from './http/guard.ts';
import { registerHealth } from './http/health.ts';
import { registerJobs } from './http/jobs.ts';
import { registerMetrics } from './http/metrics.ts';
import { choosePort } from './http/port.ts';
import { createHttp, type Http, refusalOf } from './http/server.ts';
import { registerStatus } from './http/status.ts';
import { registerTopics } from './http/topics.ts';
import { startOfDayMs } from './local-day.ts';
import { need, type Services } from './services.ts';
import { readStatus, type Status } from './status.ts';
import { validate } from './validate/validate.ts';

/** The installation's folder: the parent of src/ or dist/. */
export const installation = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const version = (JSON.parse(readFileSync(join(installation, 'package.json'), 'utf8')) as { version: string })
  .version;

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

/** Starts HTTP and the live socket. It answers from here on; /readyz says when everything works. */
export async function startHttp(services: Services, port: number, startedMs: number): Promise<string> {
  const { settings } = services.config;
  const { 'http.host': host, 'http.token': token } = settings;
  const rules = guardRules(host, settings['http.allowed-hosts'], token);
  const http = await createHttp({ rules, version, webFolder: join(installation, 'web', 'dist') });
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
  registerHealth(http, services.parts, services.app ? () => askDatabase(services) : null);
  registerStatus(http, status, services.hub);
  registerMetrics(http, status, () => services.kafka?.stats() ?? null);
  const log = (): Log => need<Log>(services.log, 'the log');
  registerTopics(http, log, services.clock, () => services.kafka?.listeners ?? []);
  registerGroups(http, log);
  if (services.app) {
    registerJobEndpoints(http, services);
    await registerRoutes(http, services);
  }
  await http.listen({ host, port });
  const socket = serveLiveSocket({
    ...{ server: http.server, hub: services.hub, clock: services.clock },
    decide: request => {
      const refused = refusalOf(request, rules);
      return refused === null ? 'accept' : refused.status === 401 ? 'bad-token' : refused;
    },
  });
  services.stack.push('HTTP', async () => {
    await socket.close();
    await http.close();
  });
  return `http://${host.includes(':') ? `[${host}]` : host}:${(http.server.address() as AddressInfo).port}`;
}

async function askDatabase(services: Services): Promise<void> {
  await need(services.database, 'the database').query('SELECT 1');
}

function registerJobEndpoints(http: Http, services: Services): void {
  const jobs = () => need(services.jobs, 'the engine');
  registerJobs(http, {
    list: () => services.jobs?.list() ?? [],
    create: (name, sql) => jobs().create(name, sql),
    remove: name => jobs().remove(name),
    savepoint: (name, stop) => jobs().savepoint(name, stop),
    query: (sql, signal) => jobs().query(sql, signal),
    validate: (app, signal) => validate(services, app, signal),
  });
}

async function registerRoutes(http: Http, services: Services): Promise<void> {
  const app = services.app!;
  const routes: Route[] = [];
  for (const file of app.routes) {
    const module = (await importModule(file, join(services.dataDir.path, 'cache'))) as { default?: Routes };
    if (module.default) routes.push(...module.default.routes);
  }
  registerAppRoutes(http, app.manifest.title, routes, {
    nowMs: () => services.clock.nowMs(),
    startOfTodayMs: () => startOfDayMs(services.clock.nowMs(), app.manifest.time_zone),
    view: name => {
      const view = services.hub.view(name);
      if (view) return view.rows();
      throw new MillraceError('NOT_FOUND', `no live view ${name} (yet).`);
    },
    query: (sql, values) => need(services.database, 'the database').query(sql, values),
  });
}
