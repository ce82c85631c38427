import type { Socket } from 'node:net';
import { type Clock, messageOf } from '../../core/mod.ts';
import { bytesIn } from '../protocol/writer.ts';
import type { Client } from './client.ts';
import { HELD_BYTES_FREE, type MemoryHolder, type SharedMemory } from './memory.ts';
import { RequestFrames } from './request-frames.ts';
import type { RequestMemory } from './request-memory.ts';
import { readInto, type SocketReader } from './socket-reading.ts';

/** What goes back to a client, whole. */
export interface Answer {
  readonly chunks: readonly Uint8Array[];
  /** Why the connection ends with this answer, for the log; left out: it goes on. */
  readonly last?: string;
  /** Called once when the answer is gone: true where all of it was sent. */
  readonly gone?: (isSent: boolean) => void;
}

/** Who makes answers of requests. */
export interface RequestHandler {
  /**
   * True for a request that may begin while others like it are under way: their order is the log's concern.
   * Nobody keeps bytes of such a request when its answer is made.
   */
  overlaps(frame: Uint8Array): boolean;
  /** Null where the client expects no answer. What it throws ends the connection. */
  handle(frame: Uint8Array, client: Client): Answer | null | Promise<Answer | null>;
}

/** What connections of a server share. */
export interface ConnectionSurroundings {
  readonly clock: Clock;
  readonly memory: SharedMemory;
  readonly requestMemory: RequestMemory;
  readonly handler: RequestHandler;
  readonly requestBytesMax: number;
  /** Requests of those who have not told who they are yet are no larger. */
  readonly strangerBytesMax: number;
  /** One line for the log. */
  say(line: string): void;
  closed(connection: Connection): void;
}

const RUNNING_MAX = 64;
const WAITING_MAX = 64;
/** Bytes of whole requests that one connection may have here unanswered before no more are read. */
const REQUEST_BYTES_MAX = 8 << 20;

/** The length before each request. */
const LENGTH_BYTES = 4;
/** What happens to connections every day. */
const ORDINARY_ERRORS = ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE'];

interface Slot {
  readonly frame: Uint8Array;
  readonly overlaps: boolean;
  /** Undefined while it is being made. */
  answer: Answer | null | undefined;
}

/**
 * One client's connection. Requests are answered in their order. Most are handled one after the other, as
 * Kafka does; produce requests overlap, so that those of one client share a flush.
 */
export class Connection implements MemoryHolder, SocketReader {
  readonly client: Client;
  readonly #socket: Socket;
  readonly #shared: ConnectionSurroundings;
  readonly #stop: AbortController;
  readonly #frames: RequestFrames;
  #waiting: Uint8Array[] = [];
  /** Requests under way, and answers that others have to go before. */
  readonly #slots: Slot[] = [];
  #requestBytes = 0;
  #unsentBytes = 0;
  #heldBytes = 0;
  #lastActiveMs: number;
  #corked = false;
  #pumping = false;
  #paused = false;
  #ended = false;

  constructor(accepted: Socket, client: Client, stop: AbortController, shared: ConnectionSurroundings) {
    this.client = client;
    this.#stop = stop;
    this.#shared = shared;
    this.#frames = new RequestFrames(shared.requestBytesMax, shared.requestMemory);
    this.#lastActiveMs = shared.clock.monotonicMs();
    this.#socket = readInto(accepted, this);
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true);
    socket.on('drain', () => this.#pump());
    socket.on('error', (error: NodeJS.ErrnoException) =>
      this.#end(ORDINARY_ERRORS.includes(error.code ?? '') ? null : messageOf(error)),
    );
    socket.on('close', () => this.#end(null));
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get isStuck(): boolean {
    return this.#slots.length === 0 && this.#waiting.length === 0
      ? this.#heldBytes > 0
      : this.#unsentBytes > 0;
  }

  /** When bytes last came or went, monotonic; a request under way counts as activity. */
  get lastActiveMs(): number {
    return this.#slots.length > 0 ? this.#shared.clock.monotonicMs() : this.#lastActiveMs;
  }

  resume(): void {
    this.#pump();
  }

  shed(why: string): void {
    this.#end(why);
  }

  /** Ends the connection; a reason makes a line in the log. */
  close(why: string | null): void {
    this.#end(why);
  }

  room(): Uint8Array {
    return this.#frames.room();
  }

  received(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#lastActiveMs = this.#shared.clock.monotonicMs();
    this.#hold(bytes.length);
    this.#frames.received(bytes);
    this.#pump();
  }

  #hold(bytes: number): void {
    this.#heldBytes += bytes;
    this.#shared.memory.change(bytes);
  }

  /** Cuts frames, starts what may start, and decides whether to read on. */
  #pump(): void {
    if (this.#pumping || this.#ended) return;
    this.#pumping = true;
    try {
      this.#cutFrames();
      while (this.#mayStart()) {
        this.#start(this.#waiting.shift()!);
        if (this.#waiting.length === 0) this.#cutFrames();
      }
    } catch (error) {
      this.#end(messageOf(error));
    } finally {
      this.#pumping = false;
    }
    this.#endWhereBroken();
    if (!this.#ended) this.#decideReading();
  }

  /** Ends what sent no request, when the requests before it are answered. */
  #endWhereBroken(): void {
    const { failure } = this.#frames;
    const isIdle = this.#waiting.length === 0 && this.#slots.length === 0 && this.#unsentBytes === 0;
    if (failure !== null && isIdle) this.#end(messageOf(failure));
  }

  #cutFrames(): void {
    while (this.#waiting.length < WAITING_MAX) {
      const frame = this.#frames.next();
      if (frame === undefined) break;
      this.#waiting.push(frame);
      this.#requestBytes += frame.length;
    }
    const { strangerBytesMax } = this.#shared;
    if (this.client.isKnown || this.#heldBytes <= strangerBytesMax) return;
    this.#end(`more than ${strangerBytesMax} bytes before it has told who it is`);
  }

  #mayStart(): boolean {
    const next = this.#waiting[0];
    if (this.#ended || next === undefined || this.#socket.writableNeedDrain) return false;
    if (this.#slots.length === 0) return true;
    if (this.#slots.length >= RUNNING_MAX || !this.#slots.at(-1)!.overlaps) return false;
    return this.#shared.handler.overlaps(next);
  }

  #start(frame: Uint8Array): void {
    const { handler } = this.#shared;
    const slot: Slot = { frame, overlaps: handler.overlaps(frame), answer: undefined };
    this.#slots.push(slot);
    const answer = handler.handle(frame, this.client);
    if (!(answer instanceof Promise)) {
      this.#answer(slot, answer);
      return;
    }
    answer.then(
      made => {
        this.#answer(slot, made);
        this.#pump();
      },
      (error: unknown) => this.#end(messageOf(error)),
    );
  }

  #answer(slot: Slot, answer: Answer | null): void {
    if (this.#ended) {
      answer?.gone?.(false);
      return;
    }
    slot.answer = answer;
    while (this.#slots.length > 0 && this.#slots[0]!.answer !== undefined) {
      const { frame, overlaps, answer: first } = this.#slots.shift()!;
      this.#requestBytes -= frame.length;
      this.#hold(-frame.length - LENGTH_BYTES);
      if (overlaps) this.#shared.requestMemory.give(frame);
      if (first) this.#send(first);
    }
  }

  #send(answer: Answer): void {
    const bytes = bytesIn(answer.chunks);
    this.#unsentBytes += bytes;
    this.#hold(bytes);
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => this.#uncork());
    }
    const last = answer.chunks.length - 1;
    for (let i = 0; i < last; i++) this.#socket.write(answer.chunks[i]!);
    this.#socket.write(answer.chunks[last]!, error => {
      answer.gone?.(!error);
      if (!error) this.#sent(bytes, answer.last);
    });
  }

  #uncork(): void {
    this.#corked = false;
    this.#socket.uncork();
  }

  #sent(bytes: number, last: string | undefined): void {
    if (this.#ended) return;
    this.#lastActiveMs = this.#shared.clock.monotonicMs();
    this.#unsentBytes -= bytes;
    this.#hold(-bytes);
    if (last !== undefined) {
      this.#end(last);
      return;
    }
    this.#endWhereBroken();
    // What it held may have been why it reads no more.
    if (this.#paused && !this.#ended) this.#decideReading();
  }

  #decideReading(): void {
    const { memory } = this.#shared;
    const isBroken = this.#frames.failure !== null;
    const full = isBroken || this.#waiting.length >= WAITING_MAX || this.#requestBytes >= REQUEST_BYTES_MAX;
    const short = memory.mustWait(this);
    // Behind what is answered alone, e.g. a Fetch that waits, no large request is taken in.
    const isAlone = this.#slots.at(-1)?.overlaps === false;
    const muted = isAlone && this.#heldBytes - this.#unsentBytes > HELD_BYTES_FREE;
    if (short) memory.wait(this);
    if (full || short || muted) {
      this.#paused = true;
      this.#socket.pause();
    } else if (this.#paused) {
      this.#paused = false;
      this.#socket.resume();
    }
  }

  #end(why: string | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#shared.memory.forget(this);
    this.#hold(-this.#heldBytes);
    this.#waiting = [];
    for (const { answer } of this.#slots) answer?.gone?.(false);
    this.#stop.abort();
    // Answers that are made already go out.
    if (this.#corked) this.#uncork();
    this.#socket.destroy();
    if (why !== null)
      this.#shared.say(`${this.client.clientHost} (${this.client.listener.name}): closed: ${why}`);
    this.#shared.closed(this);
  }
}
