import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { decodeResponse, encodeRequest } from '../../src/kafka/messages/codec.ts';
import type { Api, Fields, Read, Write } from '../../src/kafka/messages/mod.ts';
import {
  Frames,
  framed,
  Reader,
  readResponseHeader,
  Writer,
  writeRequestHeader,
} from '../../src/kafka/protocol/mod.ts';

const FRAME_BYTES_MAX = 64 << 20;
/** What ends a wait for bytes. */
const MORE = ['readable', 'end', 'close'];

/** A request in its frame, as a client sends it. */
export function requestFrame<Q extends Fields>(
  api: Api<Q, Fields>,
  apiVersion: number,
  request: Write<Q>,
  correlationId = 1,
): Uint8Array {
  const writer = new Writer();
  writeRequestHeader(writer, api, { apiVersion, correlationId, clientId: 'test' });
  encodeRequest(api, apiVersion, request, writer);
  return Buffer.concat(framed(writer.finish()));
}

/** A bare connection to a broker: what is sent is exactly what a test says, one request after another. */
export class Wire implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #frames = new Frames(FRAME_BYTES_MAX);
  #correlationId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    // A broker that closes while something is under way is what tests ask for; they see the end.
    socket.on('error', () => {});
  }

  static async open(port: number, host = '127.0.0.1'): Promise<Wire> {
    const socket = connect(port, host);
    await once(socket, 'connect');
    return new Wire(socket);
  }

  /** Sends a request and reads its response. */
  async ask<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    version: number,
    request: Write<Q>,
  ): Promise<Read<S>> {
    this.send(requestFrame(api, version, request, ++this.#correlationId));
    const frame = await this.receive();
    if (frame === null) throw new Error(`the broker closed the connection instead of answering ${api.name}`);
    const reader = new Reader(frame);
    const answered = readResponseHeader(reader, api, version);
    if (answered !== this.#correlationId)
      throw new Error(`${answered} is answered, not ${this.#correlationId}`);
    return decodeResponse(api, version, reader);
  }

  /** Sends bytes as they are. */
  send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** The next frame; null when the broker has closed the connection, 'late' when none came in time. */
  async receive(): Promise<Uint8Array | null>;
  async receive(patienceMs: number): Promise<Uint8Array | null | 'late'>;
  async receive(patienceMs?: number): Promise<Uint8Array | null | 'late'> {
    const untilMs = patienceMs === undefined ? undefined : performance.now() + patienceMs;
    for (;;) {
      const frame = this.#frames.next();
      if (frame !== undefined) return frame;
      const chunk = this.#socket.read() as Buffer | null;
      if (chunk !== null) {
        this.#frames.push(chunk);
        continue;
      }
      if (this.#socket.readableEnded || this.#socket.destroyed) return null;
      const leftMs = untilMs === undefined ? undefined : untilMs - performance.now();
      if (leftMs !== undefined && leftMs <= 0) return 'late';
      await this.#more(leftMs);
    }
  }

  /** Resolves when there is something to read, nothing more will come, or it is late. */
  #more(leftMs: number | undefined): Promise<void> {
    const socket = this.#socket;
    return new Promise(resolve => {
      const done = () => {
        for (const event of MORE) socket.removeListener(event, done);
        clearTimeout(late);
        resolve();
      };
      const late = leftMs === undefined ? undefined : setTimeout(done, leftMs);
      for (const event of MORE) socket.once(event, done);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.destroyed) return;
    this.#socket.destroy();
    await once(this.#socket, 'close');
  }
}
