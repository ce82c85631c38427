import { MillraceError } from '../../../core/mod.ts';
import { addressOf, openClusterLog } from '../../../kafka/client/mod.ts';
import type { Log } from '../../../log/mod.ts';
import { registerGroups } from '../../http/groups.ts';
import { guardRules } from '../../http/guard.ts';
import { createHttp, type Http } from '../../http/server.ts';
import { registerTopics } from '../../http/topics.ts';
import { systemClock } from '../../system-clock.ts';
import { errorOf } from '../client.ts';
import type { CommandContext } from '../command.ts';
import type { LogConnection, LogRequest } from './log-client.ts';

/** The same routes as a running Millrace has, over a log on a cluster, without a port. */
export async function connectCluster(context: CommandContext, bootstrap: string): Promise<LogConnection> {
  const brokers = bootstrap.split(',').map(text => text.trim());
  const wrong = brokers.find(text => addressOf(text) === undefined);
  if (wrong !== undefined) {
    const message = `--bootstrap ${wrong}: expected HOST:PORT, or several separated by commas.`;
    throw new MillraceError('CONFIG_INVALID', message);
  }
  const log = openClusterLog({ bootstrap: brokers, clock: systemClock });
  const http = await routesOf(log).catch(async error => {
    await log.close();
    throw error;
  });
  return {
    request: async (method, path, init = {}, options = {}) => {
      if (!options.evenIfStopped) context.signal.throwIfAborted();
      const answer = await (options.evenIfStopped
        ? inject(http, method, path, init)
        : Promise.race([inject(http, method, path, init), aborted(context.signal)]));
      if (!answer.ok) throw await errorOf(answer);
      return answer;
    },
    close: async () => {
      await http.close();
      await log.close();
    },
  };
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
  registerGroups(http, () => log);
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

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
