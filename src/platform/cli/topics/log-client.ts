import { connect } from '../client.ts';
import type { CommandContext, FlagSpec } from '../command.ts';
import { clusterSettings } from './cluster-settings.ts';

/** The flags of all commands about topics and groups. */
export const CLUSTER_FLAGS: readonly FlagSpec[] = [
  {
    name: 'bootstrap',
    value: 'HOST:PORT[,…]',
    short: 'b',
    help: 'a Kafka cluster, instead of the Millrace that runs on the data directory',
  },
  {
    name: 'command-config',
    value: 'FILE',
    short: 'F',
    help: "how to reach it, as Kafka's tools and kcat have it; without one log.security-protocol, log.sasl-… say it",
  },
  {
    name: 'command-property',
    value: 'NAME=VALUE',
    short: 'X',
    many: true,
    help: 'one more property of that kind; no password, which others would see',
  },
];

export interface AskOptions {
  /** Asks also behind Ctrl-C, for what has to be finished. */
  readonly evenIfStopped?: boolean;
  /** Gives the request up, instead of Ctrl-C alone. */
  readonly signal?: AbortSignal;
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
  const isCluster = CLUSTER_FLAGS.some(({ name }) => context.flags.has(name));
  const { request, close } = isCluster ? await ofCluster(context) : running(context);
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

async function ofCluster(context: CommandContext): Promise<LogConnection> {
  // Other commands do without it, and it is large.
  const { connectCluster } = await import('./cluster-connection.ts');
  return connectCluster(context, clusterSettings(context));
}

function running(context: CommandContext): LogConnection {
  const client = connect(context);
  return {
    request: (method, path, init = {}, options = {}) =>
      client.request(method, path, {
        ...init,
        ...(options.signal !== undefined && { signal: options.signal }),
        ...(options.evenIfStopped && { signal: null }),
      }),
    close: async () => undefined,
  };
}
