import { MillraceError } from '../../../core/mod.ts';
import { addressOf, openClusterLog } from '../../../kafka/client/mod.ts';
import type { Log } from '../../../log/mod.ts';
import { registerGroups } from '../../http/groups.ts';
import { guardRules } from '../../http/guard.ts';
import { createHttp, type Http } from '../../http/server.ts';
import { registerTopics } from '../../http/topics.ts';
import { systemClock } from '../../system-clock.ts';
import { connect, errorOf } from '../client.ts';
import type { FlagSpec } from '../command.ts';
import { type CommandContext, flagOf } from '../command.ts';

/** The flag of all commands about topics and groups. */
export const BOOTSTRAP: FlagSpec = {
  name: 'bootstrap',
  value: 'HOST:PORT[,…]',
  short: 'b',
  help: 'a Kafka cluster, instead of the Millrace that runs on the data directory',
};

export interface AskOptions {
  /** Asks also behind Ctrl-C, for what has to be finished. */
  readonly evenIfStopped?: boolean;
}

/** A log by its HTTP interface: that of a running Millrace, or of a Kafka cluster served for this command alone. */
export interface LogClient {
  json<T>(method: string, path: string, body?: unknown, options?: AskOptions): Promise<T>;
  request(method: string, path: string, init?: LogRequest, options?: AskOptions): Promise<Response>;
  close(): Promise<void>;
}

export interface LogRequest {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** Connects to what the command line names. */
export async function connectLog(context: CommandContext): Promise<LogClient> {
  const bootstrap = flagOf(context, 'bootstrap');
  const { request, close } = bootstrap === undefined ? running(context) : await cluster(context, bootstrap);
  return {
    request,
    close,
    json: async <T>(method: string, path: string, body?: unknown, options?: AskOptions): Promise<T> => {
      const init = body === undefined ? {} : { body: JSON.stringify(body), headers: JSON_TYPE };
      const text = await (await request(method, path, init, options)).text();
      return (text === '' ? undefined : JSON.parse(text)) as T;
    },
  };
}

type Connection = Omit<LogClient, 'json'>;

function running(context: CommandContext): Connection {
  const client = connect(context);
  return {
    request: (method, path, init = {}, options = {}) =>
      client.request(method, path, { ...init, ...(options.evenIfStopped && { signal: null }) }),
    close: async () => undefined,
  };
}

/** The same routes as a running Millrace has, over a log on a cluster, without a port. */
async function cluster(context: CommandContext, bootstrap: string): Promise<Connection> {
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
  registerTopics(http, () => log, systemClock);
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
