import { openLiveHub } from '../live/mod.ts';
import type { Config } from './config/resolve.ts';
import { openDataDir } from './data-dir.ts';
import { chooseBinding, startHttp } from './http-part.ts';
import { startLog } from './parts/log.ts';
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
  // What an application needs is loaded for one only: the log alone is small.
  const starter = options.app === null ? null : await import('./start-app.ts');
  const app = starter === null ? null : starter.loadNamedApp(options.app!);
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
    const url = await Promise.race([
      startParts(services, starter, options, startedMs),
      interruption(options.signal),
    ]);
    return { url, failed: new Promise(() => undefined), stop: () => stack.unwind() };
  } catch (error) {
    await stack.unwind();
    throw error;
  }
}

async function startParts(
  services: Services,
  starter: typeof import('./start-app.ts') | null,
  options: StartOptions,
  startedMs: number,
): Promise<string> {
  const { app, clock, dataDir, parts, say, config } = services;
  const publish = (url: string): void =>
    dataDir.publish({
      ...{ pid: process.pid, url, app: app?.manifest.name ?? '', startedMs },
      ...{ token: config.settings['http.token'], databaseUrl: services.database?.url() ?? null },
    });
  const port = await chooseBinding(services);
  await bothOrNeither(startLog(services), starter === null ? null : starter.startPostgres(services));
  options.signal.throwIfAborted();
  await starter?.openDatabase(services);
  const url = await startHttp(services, port, startedMs);
  publish(url);
  await starter?.startApp(services, options);
  parts.ready = true;
  const seconds = ((clock.nowMs() - startedMs) / 1000).toFixed(1);
  say(`${app?.manifest.title ?? 'the log'} is ready at ${url} after ${seconds} s`);
  return url;
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
