import type { Socket } from 'node:net';
import pg from 'pg';
import { MillraceError, messageOf } from '../../core/mod.ts';
import type { CaptureConfig } from './config.ts';
import { Framer } from './frames.ts';

/** Texts of values are fixed by these, whatever the server's or role's defaults are. */
const SESSION_OPTIONS =
  '-c datestyle=ISO -c intervalstyle=postgres -c timezone=UTC -c extra_float_digits=1 -c bytea_output=hex ' +
  '-c lc_monetary=C -c statement_timeout=0 -c idle_in_transaction_session_timeout=0';

const CONNECT_TIMEOUT_MS = 10_000;

/** Open a session; `replication` opens it to the WAL sender, which takes plain SQL too. */
export async function connectTo(config: CaptureConfig, replication: boolean): Promise<pg.Client> {
  const client = new pg.Client({
    host: config.host,
    port: config.port,
    user: config.user,
    password: config.password,
    database: config.database,
    ssl: config.ssl,
    application_name: `millrace capture ${config.slot}`,
    client_encoding: 'UTF8',
    options: SESSION_OPTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ...(replication ? { replication: 'database' } : {}),
  });
  // A broken idle session is noticed by its next query; without a listener it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    client.end().catch(() => undefined);
    throw unavailable(config, error);
  }
  return client;
}

/**
 * POSTGRES_UNAVAILABLE with the address; PostgreSQL's own text says the rest and never holds the password.
 */
export function unavailable(config: CaptureConfig, error: unknown): MillraceError {
  return new MillraceError(
    'POSTGRES_UNAVAILABLE',
    `PostgreSQL at ${config.host}:${config.port}, database ${config.database}: ${messageOf(error)}`,
    { cause: error },
  );
}

/**
 * A session whose socket we read ourselves, after `pg` has logged in: COPY and replication come as millions
 * of small
 * messages, which `pg` would make an object and an event each. Queries on the client are over from then on.
 */
export class RawSession {
  readonly #client: pg.Client;
  readonly #socket: Socket;
  readonly #config: CaptureConfig;
  #failure: Error | null = null;
  #wake: (() => void) | null = null;
  readonly #chunks: Buffer[] = [];
  #queuedBytes = 0;
  #ended = false;

  constructor(client: pg.Client, config: CaptureConfig) {
    this.#client = client;
    this.#config = config;
    this.#socket = client.connection.stream as Socket;
    this.#socket.removeAllListeners('data');
    this.#socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    this.#socket.on('error', error => this.#end(error));
    this.#socket.on('close', () => this.#end(new Error('the connection was closed')));
  }

  query(sql: string): void {
    const text = Buffer.from(`${sql}\0`);
    this.send(0x51, text);
  }

  /** One message of ours. */
  send(type: number, body: Uint8Array): void {
    const frame = Buffer.allocUnsafe(5 + body.length);
    frame[0] = type;
    frame.writeUInt32BE(4 + body.length, 1);
    frame.set(body, 5);
    if (!this.#ended) this.#socket.write(frame);
  }

  /** Chunks as they come from the socket, until the connection ends: then POSTGRES_UNAVAILABLE. */
  async *frames(): AsyncGenerator<Framer> {
    const framer = new Framer();
    for (;;) {
      while (this.#chunks.length > 0) {
        const chunk = this.#chunks.shift()!;
        this.#queuedBytes -= chunk.length;
        if (this.#queuedBytes < QUEUE_BYTES_LOW && this.#socket.isPaused()) this.#socket.resume();
        framer.push(chunk);
        yield framer;
      }
      if (this.#ended) throw unavailable(this.#config, this.#failure);
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  /** End at once, for a stop or after a failure. */
  close(): void {
    this.#end(new Error('the capture was stopped'));
    this.#socket.destroy();
    this.#client.end().catch(() => undefined);
  }

  #onData(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#queuedBytes += chunk.length;
    if (this.#queuedBytes > QUEUE_BYTES_HIGH) this.#socket.pause();
    this.#wakeUp();
  }

  #end(error: Error): void {
    this.#failure ??= error;
    this.#ended = true;
    this.#wakeUp();
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}

/** Bytes that wait between socket and reader: above the one the socket pauses, below the other it goes on. */
const QUEUE_BYTES_HIGH = 4 << 20;
const QUEUE_BYTES_LOW = 1 << 20;

/** The message of an ErrorResponse: fields of a type byte and a text, ended by a zero. */
export function serverError(bytes: Uint8Array, from: number, end: number): Error & { code?: string } {
  const fields = new Map<string, string>();
  for (const field of Buffer.from(bytes.subarray(from, end)).toString('utf8').split('\0')) {
    if (field !== '') fields.set(field[0]!, field.slice(1));
  }
  return Object.assign(new Error(fields.get('M') ?? 'unknown error'), { code: fields.get('C') ?? '' });
}
