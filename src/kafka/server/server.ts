import { randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import { type Clock, messageOf } from '../../core/mod.ts';
import type { LogBroker } from '../../log/mod.ts';
import { type Listener, newClient } from './client.ts';
import { Connection } from './connection.ts';
import type { Server } from './context.ts';
import { dispatcher } from './dispatch.ts';
import { ReadMemory } from './fetch/read-memory.ts';
import { FetchSessions } from './fetch/sessions.ts';
import { HANDLERS } from './handlers.ts';
import { type ListenerOptions, type Listening, listen, type TlsFiles } from './listen.ts';
import { HELD_BYTES_FREE, SharedMemory } from './memory.ts';
import { Metrics } from './metrics.ts';
import { RequestMemory } from './request-memory.ts';
import { Credentials, type StoredCredential } from './security/credentials.ts';
import { DEFAULT_KAFKA_SETTINGS, type KafkaSettings } from './settings.ts';

/** What a server needs; settings left out are the defaults. */
export interface KafkaServerOptions {
  readonly broker: LogBroker;
  readonly clock: Clock;
  readonly settings?: Partial<KafkaSettings>;
  readonly listeners: readonly ListenerOptions[];
  /** Certificate and key in PEM, where a listener has TLS. */
  readonly tls?: TlsFiles;
  /** One line for the log of the program. */
  readonly say: (line: string) => void;
}

/** A broker's front on TCP. */
export interface KafkaServer {
  /** Where it listens, in the order of the options, with the ports that were free. */
  readonly listeners: readonly (Listener & { readonly host: string; readonly port: number })[];
  readonly credentials: Credentials;
  stats(): KafkaServerStats;
  /** Takes no more connections and ends those there are. */
  close(): Promise<void>;
}

export interface KafkaServerStats {
  readonly metrics: Metrics;
  readonly connections: number;
  readonly fetchSessions: number;
  /** Requests and answers held in memory. */
  readonly memoryBytes: number;
}

const CREDENTIALS_TABLE = '__users';
const STRANGER_BYTES_MAX = 512 << 10;
const STRANGER_MS_MAX = 30_000;
const TICK_MS = 1_000;
const SESSION_ID_MAX = 2 ** 31 - 1;

/** Serves the log to clients of Kafka. Where one listener can't be had none is. */
export async function openKafkaServer(options: KafkaServerOptions): Promise<KafkaServer> {
  const table = await options.broker.openTable<StoredCredential>(CREDENTIALS_TABLE);
  const front = new Front(options, new Credentials(table));
  try {
    await front.listen(options.listeners, options.tls);
  } catch (error) {
    await front.close();
    throw error;
  }
  return front;
}

class Front implements KafkaServer {
  readonly listeners: Listening[] = [];
  readonly credentials: Credentials;
  readonly #clock: Clock;
  readonly #say: (line: string) => void;
  readonly #settings: KafkaSettings;
  readonly #memory: SharedMemory;
  readonly #metrics = new Metrics();
  readonly #sessions: FetchSessions;
  readonly #readMemory = new ReadMemory();
  readonly #requestMemory = new RequestMemory();
  readonly #connections = new Set<Connection>();
  readonly #perHost = new Map<string, number>();
  readonly #closing = new AbortController();
  readonly #surroundings: ConstructorParameters<typeof Connection>[3];

  constructor({ broker, clock, say, settings }: KafkaServerOptions, credentials: Credentials) {
    this.#settings = { ...DEFAULT_KAFKA_SETTINGS, ...settings };
    this.credentials = credentials;
    this.#clock = clock;
    this.#say = line => {
      this.#metrics.connectionsEnded++;
      say(line);
    };
    this.#memory = new SharedMemory(this.#settings.memoryBytesMax);
    this.#sessions = new FetchSessions(this.#settings.fetchSessionsMax, () => randomInt(1, SESSION_ID_MAX));
    const server: Server = {
      ...{ handlers: HANDLERS, broker, clock, credentials, say },
      ...{ settings: this.#settings, sessions: this.#sessions, metrics: this.#metrics },
      readMemory: this.#readMemory,
      listeners: this.listeners,
      hold: bytes => this.#memory.change(bytes),
      answerBytesMax: () => (this.#memory.isShort ? HELD_BYTES_FREE : this.#settings.fetchBytesMax),
    };
    this.#surroundings = {
      ...{ clock, memory: this.#memory, requestMemory: this.#requestMemory, handler: dispatcher(server) },
      ...{ requestBytesMax: this.#settings.requestBytesMax, strangerBytesMax: STRANGER_BYTES_MAX },
      say: this.#say,
      closed: connection => this.#forget(connection),
    };
  }

  async listen(listeners: readonly ListenerOptions[], tls: TlsFiles | undefined): Promise<void> {
    for (const listener of listeners) {
      const events = {
        connected: (socket: Socket, at: Listener) => this.#connected(socket, at),
        failed: (host: string, why: string) => this.#say(`${host} (${listener.name}): ${why}`),
      };
      const listening = await listen(listener, tls, events, this.#settings.connectionsMax);
      this.listeners.push(listening);
    }
    void this.#keepHouse();
  }

  #connected(socket: Socket, listener: Listener): void {
    const host = socket.remoteAddress ?? '';
    const ofHost = this.#perHost.get(host) ?? 0;
    const { connectionsMax, connectionsPerIpMax } = this.#settings;
    this.#metrics.connectionsOpened++;
    if (this.#connections.size >= connectionsMax || ofHost >= connectionsPerIpMax) {
      this.#metrics.connectionsRefused++;
      this.#say(`${host} (${listener.name}): refused: there are ${this.#connections.size} connections`);
      socket.destroy();
      return;
    }
    this.#perHost.set(host, ofHost + 1);
    const stop = new AbortController();
    const client = newClient(listener, host, stop.signal, this.#clock.monotonicMs());
    this.#connections.add(new Connection(socket, client, stop, this.#surroundings));
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection);
    const { clientHost } = connection.client;
    const left = (this.#perHost.get(clientHost) ?? 1) - 1;
    if (left > 0) this.#perHost.set(clientHost, left);
    else this.#perHost.delete(clientHost);
  }

  /** Every second: memory that stays short, connections that nobody uses, strangers who tell nothing. */
  async #keepHouse(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#clock.sleep(TICK_MS, signal).catch(() => undefined);
      const nowMs = this.#clock.monotonicMs();
      for (const connection of this.#connections) {
        const { isKnown, sinceMs } = connection.client;
        if (nowMs - connection.lastActiveMs > this.#settings.idleMsMax) connection.close(null);
        else if (!isKnown && nowMs - sinceMs > STRANGER_MS_MAX) connection.close('no login came');
      }
      this.#memory.tick(nowMs, this.#connections);
      this.#readMemory.tick();
      this.#requestMemory.tick();
    }
  }

  stats(): KafkaServerStats {
    return {
      metrics: this.#metrics,
      connections: this.#connections.size,
      fetchSessions: this.#sessions.count,
      memoryBytes: this.#memory.bytes,
    };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const closed = this.listeners.map(listening => listening.close());
    for (const connection of [...this.#connections]) connection.close(null);
    await Promise.all(closed).catch(error => this.#say(`closing: ${messageOf(error)}`));
  }
}
