import type { Clock } from '../../core/mod.ts';
import type { LogBroker } from '../../log/mod.ts';
import type { Client, Listener } from './client.ts';
import type { ReadMemory } from './fetch/read-memory.ts';
import type { FetchSessions } from './fetch/sessions.ts';
import type { ApiHandler } from './handler.ts';
import type { Metrics } from './metrics.ts';
import type { Credentials } from './security/credentials.ts';
import type { KafkaSettings } from './settings.ts';

/** This broker among all brokers: the only one. */
export const NODE_ID = 1;
/** There is one leader and it never changes. */
export const LEADER_EPOCH = 0;

/** What the handlers of a server share. */
export interface Server {
  /** Every API that is served, by its key. */
  readonly handlers: ReadonlyMap<number, ApiHandler>;
  readonly broker: LogBroker;
  readonly clock: Clock;
  readonly settings: KafkaSettings;
  readonly sessions: FetchSessions;
  readonly readMemory: ReadMemory;
  readonly credentials: Credentials;
  readonly metrics: Metrics;
  readonly listeners: readonly Listener[];
  /** Bytes that one answer may read from the log now: less while memory is short. */
  answerBytesMax(): number;
  /** Bytes more, or fewer, that are held for answers which are not made yet. */
  hold(bytes: number): void;
  /** One line for the log of the program. */
  say(line: string): void;
}

/** What a handler knows beside the request. */
export interface RequestContext {
  readonly broker: LogBroker;
  readonly connection: Client;
  /** Aborts when the connection ends. */
  readonly signal: AbortSignal;
  readonly apiVersion: number;
  readonly server: Server;
  /** To be called when the answer has gone to the client, or can't go any more. */
  gone: ((isSent: boolean) => void) | null;
}
