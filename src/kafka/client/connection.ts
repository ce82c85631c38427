import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { messageOf } from '../../core/mod.ts';
import {
  API_VERSIONS,
  type Api,
  decodeResponse,
  encodeRequest,
  type NewRequest,
  type ReadResponse,
} from '../messages/mod.ts';
import {
  errorCode,
  Frames,
  framed,
  Reader,
  readResponseHeader,
  Writer,
  writeRequestHeader,
} from '../protocol/mod.ts';
import { BrokerGone, check } from './failures.ts';
import { authenticate } from './sasl.ts';
import type { Address, ClusterOptions } from './settings.ts';

/** No answer of a broker is larger; what we ask for is far smaller. */
const FRAME_BYTES_MAX = 1 << 28;
const CLIENT_ID = 'millrace';

export interface RequestOptions {
  /** The highest version we speak of this API, where it is not the highest that we can encode. */
  readonly versionMax?: number;
  /** How much longer than `requestTimeoutMs` the broker may wait before it answers. */
  readonly waitsMs?: number;
}

interface Asked {
  readonly api: Api;
  readonly version: number;
  readonly correlationId: number;
  readonly dueMs: number;
  readonly resolve: (response: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type VersionRange = readonly [number, number];

/**
 * One connection to a broker, authenticated and with versions agreed on. Requests may follow each other
 * before they are answered; the broker answers them in order. Whatever goes wrong closes it and fails all
 * that waits with `BrokerGone`.
 */
export class Connection {
  readonly #options: ClusterOptions;
  readonly #socket: Socket;
  readonly #place: string;
  readonly #onLost: (why: string) => void;
  readonly #frames = new Frames(FRAME_BYTES_MAX);
  readonly #asked: Asked[] = [];
  readonly #closing = new AbortController();
  #versions: ReadonlyMap<number, VersionRange> = new Map([[API_VERSIONS.key, [0, API_VERSIONS.versions[1]]]]);
  #nextId = 0;
  #gone: BrokerGone | null = null;
  #isWatching = false;

  private constructor(options: ClusterOptions, socket: Socket, place: string, onLost: (why: string) => void) {
    this.#options = options;
    this.#socket = socket;
    this.#place = place;
    this.#onLost = onLost;
    socket.setNoDelay(true);
    socket.on('data', chunk => this.#receive(chunk));
    socket.on('error', error => this.#end(messageOf(error)));
    socket.on('close', () => this.#end('the broker closed the connection'));
  }

  /**
   * Connects, agrees on versions and says who we are. `onLost` hears why a connection ended while something
   * was under way: brokers close those that are idle.
   */
  static async open(
    address: Address,
    options: ClusterOptions,
    onLost: (why: string) => void,
  ): Promise<Connection> {
    const place = `${address.host}:${address.port}`;
    const socket = await connected(address, options);
    const connection = new Connection(options, socket, place, onLost);
    try {
      await connection.#agreeOnVersions();
      if (options.credentials !== null) await authenticate(connection, options.credentials, place);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  get isOpen(): boolean {
    return this.#gone === null;
  }

  /** Requests that wait for their answers. */
  get waiting(): number {
    return this.#asked.length;
  }

  /** True where the broker speaks this API. */
  speaks(api: Api): boolean {
    return this.#versions.has(api.key);
  }

  /** Asks the broker. Rejects with `BrokerGone` where no answer came: it may have done what was asked. */
  request<A extends Api>(
    api: A,
    request: NewRequest<A>,
    options: RequestOptions = {},
  ): Promise<ReadResponse<A>> {
    if (this.#gone !== null) return Promise.reject(this.#gone);
    return new Promise((resolve, reject) => {
      const version = this.#versionOf(api, options.versionMax);
      const correlationId = this.#nextId++;
      const writer = new Writer();
      writeRequestHeader(writer, api, { apiVersion: version, correlationId, clientId: CLIENT_ID });
      encodeRequest(api, version, request, writer);
      const waitsMs = this.#options.requestTimeoutMs + (options.waitsMs ?? 0);
      const dueMs = this.#options.clock.monotonicMs() + waitsMs;
      const answered = resolve as (response: unknown) => void;
      this.#asked.push({ api, version, correlationId, dueMs, resolve: answered, reject });
      this.#socket.cork();
      for (const chunk of framed(writer.finish())) this.#socket.write(chunk);
      this.#socket.uncork();
      if (!this.#isWatching) void this.#watch();
    });
  }

  close(): void {
    this.#end('the connection was closed here', true);
  }

  #versionOf(api: Api, versionMax = api.versions[1]): number {
    const range = this.#versions.get(api.key);
    const version = Math.min(versionMax, range?.[1] ?? -1);
    if (range !== undefined && version >= Math.max(range[0], api.versions[0])) return version;
    const theirs = range === undefined ? 'does not speak it' : `speaks versions ${range.join(' to ')}`;
    throw new BrokerGone(
      `the broker ${this.#place} is too old or too new: of ${api.name} we speak versions ` +
        `${api.versions[0]} to ${versionMax}, it ${theirs}`,
    );
  }

  /** Old brokers answer an unknown version of the question with what they speak, in version 0. */
  async #agreeOnVersions(): Promise<void> {
    const question = { clientSoftwareName: 'millrace', clientSoftwareVersion: '1' };
    let answer = await this.request(API_VERSIONS, question);
    if (answer.errorCode === errorCode('UNSUPPORTED_VERSION')) {
      answer = await this.request(API_VERSIONS, question, { versionMax: 0 });
    }
    check(answer.errorCode);
    this.#versions = new Map(answer.apiKeys.map(key => [key.apiKey, [key.minVersion, key.maxVersion]]));
  }

  #receive(chunk: Uint8Array): void {
    try {
      this.#frames.push(chunk);
      for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) {
        this.#answer(frame);
      }
    } catch (error) {
      this.#end(`its answer could not be read: ${messageOf(error)}`);
    }
  }

  #answer(frame: Uint8Array): void {
    const asked = this.#asked.shift();
    if (asked === undefined) throw new BrokerGone('an answer came to no question');
    try {
      const reader = new Reader(frame);
      const version = versionOfAnswer(asked.api, asked.version, frame);
      const correlationId = readResponseHeader(reader, asked.api, version);
      if (correlationId !== asked.correlationId) throw new BrokerGone('an answer came out of turn');
      asked.resolve(decodeResponse(asked.api, version, reader));
    } catch (error) {
      asked.reject(error instanceof BrokerGone ? error : this.#lost(messageOf(error)));
      throw error;
    }
  }

  /** Answers come in order, so that the oldest question is the one that is late. */
  async #watch(): Promise<void> {
    this.#isWatching = true;
    const { clock } = this.#options;
    try {
      while (this.#asked.length > 0) {
        const leftMs = this.#asked[0]!.dueMs - clock.monotonicMs();
        if (leftMs <= 0) return this.#end('no answer came in time');
        await clock.sleep(Math.min(leftMs, 1000), this.#closing.signal);
      }
    } catch {
      // closed
    } finally {
      this.#isWatching = false;
    }
  }

  #lost(why: string): BrokerGone {
    return new BrokerGone(`the broker ${this.#place} is lost: ${why}`);
  }

  #end(why: string, isOurs = false): void {
    if (this.#gone !== null) return;
    this.#gone = this.#lost(why);
    if (!isOurs && this.#asked.length > 0) this.#onLost(this.#gone.message);
    this.#closing.abort();
    this.#socket.destroy();
    for (const asked of this.#asked.splice(0)) asked.reject(this.#gone);
  }
}

/** A broker that does not know our version of ApiVersions answers in version 0, with the error in it. */
function versionOfAnswer(api: Api, version: number, frame: Uint8Array): number {
  if (api.key !== API_VERSIONS.key || frame.length < 6) return version;
  const error = new DataView(frame.buffer, frame.byteOffset).getInt16(4);
  return error === errorCode('UNSUPPORTED_VERSION') ? 0 : version;
}

/** A socket that is connected, and through with TLS where that is asked for. */
async function connected(address: Address, options: ClusterOptions): Promise<Socket> {
  const isTls = options.security.endsWith('SSL');
  const place = `${address.host}:${address.port}`;
  const socket = isTls
    ? connectTls(tlsOptionsOf(address, options))
    : connectTcp({ ...address, noDelay: true, keepAlive: true });
  const late = new AbortController();
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once(isTls ? 'secureConnect' : 'connect', resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('the broker closed the connection')));
      const timeoutMs = options.requestTimeoutMs;
      options.clock.sleep(timeoutMs, late.signal).then(
        () => reject(new Error(`no connection within ${timeoutMs} ms`)),
        () => undefined,
      );
    });
  } catch (error) {
    socket.destroy();
    throw new BrokerGone(`the broker ${place} cannot be reached: ${messageOf(error)}${hintOf(error)}`);
  } finally {
    late.abort();
  }
  socket.removeAllListeners('error').removeAllListeners('close');
  return socket;
}

function tlsOptionsOf({ host, port }: Address, { tls }: ClusterOptions): ConnectionOptions {
  return {
    host,
    port,
    ...(isIP(host) === 0 && { servername: host }),
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.certificate !== undefined && { cert: tls.certificate, key: tls.key }),
    ...(!tls.checksHostName && { checkServerIdentity: () => undefined }),
  };
}

/** What to set where the error of TLS does not say it. */
function hintOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (
    code === 'DEPTH_ZERO_SELF_SIGNED_CERT' ||
    code.includes('SELF_SIGNED') ||
    code.startsWith('UNABLE_TO_')
  ) {
    return '; log.ssl-ca-file names the file of the authority that signed its certificate';
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return '; log.ssl-check-host = false where certificates do not carry host names';
  }
  if (code.startsWith('ERR_SSL')) return '; does it speak TLS on this port? (log.security-protocol)';
  return '';
}
