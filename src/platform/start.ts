import { join } from 'node:path';
import { findApp, loadApp } from '../app/mod.ts';
import { openLiveHub } from '../live/mod.ts';
import type { Config } from './config/resolve.ts';
import { openDataDir } from './data-dir.ts';
import { openAppDatabase } from './database.ts';
import { chooseBinding, installation, startHttp } from './http-part.ts';
import { startJobs } from './jobs/manager.ts';
import { startCapturePart } from './parts/capture.ts';
import { addLivePart, startViews } from './parts/live.ts';
import { startLog } from './parts/log.ts';
import { startPostgres } from './parts/postgres.ts';
import { createTopics } from './parts/topics.ts';
import { openTraffic } from './parts/traffic.ts';
import { createParts } from './parts.ts';
import type { Services } from './services.ts';
import { createStack } from './stack.ts';
import { systemClock } from './system-clock.ts';

export interface StartOptions {
  readonly config: Config;
  /** Name or folder; null: just the log. */
  readonly app: string | null;
  readonly generator: boolean;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** A running platform. */
export interface Platform {
  readonly url: string;
  /** Resolves with the error when the platform can't go on. */
  readonly failed: Promise<Error>;
  stop(): Promise<void>;
}

/**
 * Starts everything in order: data directory, log and PostgreSQL, HTTP, the application's database, topics,
 * capture, jobs,
 * live views, traffic with its past; then it is ready. What was started is stopped again when a step fails.
 */
export async function startPlatform(options: StartOptions): Promise<Platform> {
  const { config, say } = options;
  const clock = systemClock;
  const startedMs = clock.nowMs();
  const app = options.app === null ? null : loadApp(findApp(options.app, join(installation, 'apps')));
  const dataDir = openDataDir(config.settings.data);
  const stack = createStack(say);
  stack.push('data directory', () => dataDir.release());
  const hub = openLiveHub({
    clock,
    epoch: startedMs.toString(36),
    bytesMax: config.settings['live.bytes-max'],
  });
  const services: Services = {
    ...{ config, clock, dataDir, app, hub, stack, say, parts: createParts() },
    ...{ log: null, kafka: null, postgres: null, database: null, capture: null, jobs: null },
  };
  try {
    const url = await Promise.race([startParts(services, options, startedMs), interruption(options.signal)]);
    return { url, failed: new Promise(() => undefined), stop: () => stack.unwind() };
  } catch (error) {
    await stack.unwind();
    throw error;
  }
}

async function startParts(services: Services, options: StartOptions, startedMs: number): Promise<string> {
  const { app, clock, dataDir, parts, say, config } = services;
  const publish = (url: string): void =>
    dataDir.publish({
      ...{ pid: process.pid, url, app: app?.manifest.name ?? '', startedMs },
      ...{ token: config.settings['http.token'], databaseUrl: services.database?.url() ?? null },
    });
  const port = await chooseBinding(services);
  await bothOrNeither(startLog(services), app === null ? null : startPostgres(services));
  options.signal.throwIfAborted();
  if (app) {
    services.database = await openAppDatabase(services.postgres!, app);
    services.stack.push('database', () => services.database!.close());
  }
  const url = await startHttp(services, port, startedMs);
  publish(url);
  addLivePart(services);
  if (app) await startApp(services, options);
  parts.ready = true;
  const seconds = ((clock.nowMs() - startedMs) / 1000).toFixed(1);
  say(`${app?.manifest.title ?? 'the log'} is ready at ${url} after ${seconds} s`);
  return url;
}

/** What an application needs, in order. An interruption is met between the steps. */
async function startApp(services: Services, { generator, signal }: StartOptions): Promise<void> {
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

/** Waits for both also when one fails: what the other has started by then is stopped with the rest. */
async function bothOrNeither(...starts: readonly (Promise<void> | null)[]): Promise<void> {
  const failed = (await Promise.allSettled(starts)).find(start => start.status === 'rejected');
  if (failed) throw failed.reason;
}

function interruption(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
