import type { Server } from 'node:http';
import { join } from 'node:path';
import type { Routes } from '../app/mod.ts';
import { importModule, type Route } from '../app/mod.ts';
import { MillraceError } from '../core/mod.ts';
import { serveLiveSocket } from '../live/mod.ts';
import type { Log } from '../log/mod.ts';
import { registerAppRoutes } from './http/app-routes.ts';
import { registerGroups } from './http/groups.ts';
import type { GuardRules } from './http/guard.ts';
import { refusalOf } from './http/guard-request.ts';
import { registerHealth } from './http/health.ts';
import { registerJobs } from './http/jobs.ts';
import type { LazyRoutes } from './http/lazy-server.ts';
import { registerMetrics } from './http/metrics.ts';
import { createHttp, type Http } from './http/server.ts';
import { registerStatus } from './http/status.ts';
import { registerTopics } from './http/topics.ts';
import { installation, version } from './installation.ts';
import { startOfDayMs } from './local-day.ts';
import { addLivePart } from './parts/live-status.ts';
import { need, type Services } from './services.ts';
import type { Status } from './status.ts';
import { validate } from './validate/validate.ts';

/**
 * Everything that HTTP serves beside the few answers of `http/lazy-server.ts`: the API, the console, the
 * socket.
 */
export async function openRoutes(
  services: Services,
  server: Server,
  rules: GuardRules,
  status: () => Status,
): Promise<LazyRoutes> {
  const http = await createHttp({ rules, version, webFolder: join(installation, 'web', 'dist') });
  registerHealth(http, services.parts, services.app ? () => askDatabase(services) : null);
  registerStatus(http, status, services.hub);
  registerMetrics(http, status, () => services.kafka?.stats() ?? null);
  const log = (): Log => need<Log>(services.log, 'the log');
  registerTopics(http, log, services.clock, () => services.kafka?.listeners ?? []);
  registerGroups(http, log, services.clock);
  if (services.app) {
    registerJobEndpoints(http, services);
    await registerRoutes(http, services);
  }
  await http.ready();
  addLivePart(services);
  const socket = serveLiveSocket({
    ...{ server, hub: services.hub, clock: services.clock },
    decide: request => {
      const refused = refusalOf(request, rules);
      return refused === null ? 'accept' : refused.status === 401 ? 'bad-token' : refused;
    },
  });
  return {
    route: (request, response) => http.routing(request, response),
    close: async () => {
      await socket.close();
      await http.close();
    },
  };
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
