import { join } from 'node:path';
import { type App, findApp, loadApp } from '../app/mod.ts';
import { openAppDatabase } from './database.ts';
import { installation } from './installation.ts';
import { startJobs } from './jobs/manager.ts';
import { startCapturePart } from './parts/capture.ts';
import { startViews } from './parts/live.ts';
import { createTopics } from './parts/topics.ts';
import { openTraffic } from './parts/traffic.ts';
import { need, type Services } from './services.ts';
import type { StartOptions } from './start.ts';

export { startPostgres } from './parts/postgres.ts';

/** Loads an application by its name under `apps/` or its folder. */
export function loadNamedApp(name: string): App {
  return loadApp(findApp(name, join(installation, 'apps')));
}

/** The application's database, on the PostgreSQL that is started. */
export async function openDatabase(services: Services): Promise<void> {
  const database = await openAppDatabase(need(services.postgres, 'PostgreSQL'), services.app!);
  services.database = database;
  services.stack.push('database', () => database.close());
}

/** What an application needs, in order. An interruption is met between the steps. */
export async function startApp(services: Services, { generator, signal }: StartOptions): Promise<void> {
  const traffic = await openTraffic(services);
  signal.throwIfAborted();
  await createTopics(services);
  services.capture = await startCapturePart(services);
  await services.capture.whenStreaming();
  signal.throwIfAborted();
  services.jobs = await startJobs(services);
  signal.throwIfAborted();
  await startViews(services);
  signal.throwIfAborted();
  if (generator) await traffic?.start();
}
