import { connect } from '../client.ts';
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

/**
 * A log by its HTTP interface: that of a running Millrace, or of a Kafka cluster served for this command
 * alone.
 */
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
  const { request, close } = bootstrap === undefined ? running(context) : await ofCluster(context, bootstrap);
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

/** How requests get to a log. */
export type LogConnection = Omit<LogClient, 'json'>;

async function ofCluster(context: CommandContext, bootstrap: string): Promise<LogConnection> {
  // Other commands do without it, and it is large.
  const { connectCluster } = await import('./cluster-connection.ts');
  return connectCluster(context, bootstrap);
}

function running(context: CommandContext): LogConnection {
  const client = connect(context);
  return {
    request: (method, path, init = {}, options = {}) =>
      client.request(method, path, { ...init, ...(options.evenIfStopped && { signal: null }) }),
    close: async () => undefined,
  };
}
