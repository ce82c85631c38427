import { MillraceError } from '../../../core/mod.ts';
import { addressOf, type ClusterLog, openClusterLog } from '../../../kafka/client/mod.ts';
import type { Log } from '../../../log/mod.ts';
import type { Settings } from '../../config/settings.ts';
import { registerGroups } from '../../http/groups.ts';
import { guardRules } from '../../http/guard.ts';
import { createHttp, type Http } from '../../http/server.ts';
import { registerTopics } from '../../http/topics.ts';
import { clusterOptions } from '../../parts/cluster-log.ts';
import { systemClock } from '../../system-clock.ts';
import { errorOf } from '../client.ts';
import type { CommandContext } from '../command.ts';
import type { LogConnection, LogRequest } from './log-client.ts';

/** How long a cluster may take to answer at all: somebody waits at a terminal. */
const REACH_MS_MAX = 10_000;

/** The same routes as a running Millrace has, over the log of `log.bootstrap`, without a port. */
export async function connectCluster(context: CommandContext, settings: Settings): Promise<LogConnection> {
  const wrong = settings['log.bootstrap'].find(text => addressOf(text) === undefined);
  if (wrong !== undefined) {
    const message = `--bootstrap ${wrong}: expected HOST:PORT, or several separated by commas.`;
    throw new MillraceError('CONFIG_INVALID', message);
  }
  const log = openClusterLog({ ...clusterOptions(settings), clock: systemClock });
  const http = await reached(context, log).catch(async error => {
    await log.close();
    throw error;
  });
  return {
    request: async (method, path, init = {}, options = {}) => {
      const ask = (): Promise<Response> => inject(http, method, path, init);
      const answer = await (options.evenIfStopped
        ? ask()
        : unlessAborted(options.signal ?? context.signal, ask));
      if (!answer.ok) throw await errorOf(answer);
      return answer;
    },
    close: async () => {
      await http.close();
      await log.close();
    },
  };
}

/** Refused or away is told before anything is asked. */
async function reached(context: CommandContext, log: ClusterLog): Promise<Http> {
  const waiting = (why: string): void => context.err(`waiting for the Kafka cluster: ${why}\n`);
  await unlessAborted(context.signal, () => log.reach(REACH_MS_MAX, waiting));
  return routesOf(log);
}

async function routesOf(log: Log): Promise<Http> {
  const rules = guardRules('127.0.0.1', [], '');
  const http = await createHttp({ rules, version: '', webFolder: null });
  registerTopics(
    http,
    () => log,
    systemClock,
    () => [],
  );
  registerGroups(http, () => log, systemClock);
  await http.ready();
  return http;
}

async function inject(http: Http, method: string, url: string, init: LogRequest): Promise<Response> {
  const { body, headers = {} } = init;
  const answer = await http.inject({
    ...{ method: method as 'GET', url, headers },
    ...(body !== undefined && { payload: body }),
  });
  const kept = Object.entries(answer.headers).filter(([, value]) => value !== undefined);
  const isEmpty = answer.statusCode === 204;
  return new Response(isEmpty ? null : answer.rawPayload, {
    status: answer.statusCode,
    headers: kept.map(([name, value]): [string, string] => [name, String(value)]),
  });
}

/** What is asked for, or the signal's reason where it aborts first. Nothing stays with the signal behind it. */
export function unlessAborted<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = (): void => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    ask()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}
