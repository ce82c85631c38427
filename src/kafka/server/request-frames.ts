import { MillraceError } from '../../core/mod.ts';
import { frameLength } from '../protocol/frames.ts';
import { REUSED_BYTES_MIN, type RequestMemory } from './request-memory.ts';

const LENGTH_BYTES = 4;
/** A request that is not whole takes at most so many times the memory of what has come of it. */
const AHEAD = 4;
/**
 * Bytes of one read. The sender may go on after each: with larger ones it stands still meanwhile, and what is
 * under way no longer fits the processor's cache.
 */
const READ_BYTES_MAX = 64 << 10;

/** Where sockets read to that have no large request half read; what is in it is copied out at once. */
const landing = new Uint8Array(READ_BYTES_MAX);

/**
 * Cuts what a client sends into requests: `length (int32) request`. A length that is merely claimed takes no
 * memory. Behind a length beyond the maximum, or a negative one, nothing is taken any more.
 */
export class RequestFrames {
  readonly #frameBytesMax: number;
  readonly #memory: RequestMemory;
  readonly #length = new Uint8Array(LENGTH_BYTES);
  #lengthBytes = 0;
  /** Length of the request that is being read; -1 while it is not known. */
  #awaited = -1;
  #target: Uint8Array | null = null;
  #filled = 0;
  #whole: Uint8Array[] = [];
  #failure: MillraceError | null = null;

  constructor(frameBytesMax: number, memory: RequestMemory) {
    this.#frameBytesMax = frameBytesMax;
    this.#memory = memory;
  }

  /** Where the next bytes are to be read to. */
  room(): Uint8Array {
    const end = this.#target === null ? 0 : Math.min(this.#target.length, this.#awaited);
    const readTo = this.#filled + READ_BYTES_MAX;
    // The rest of a request is read together with what follows.
    return readTo <= end ? this.#target!.subarray(this.#filled, readTo) : landing;
  }

  /** Bytes have come: into `room`, or anywhere; then they may be overwritten when this returns. */
  received(bytes: Uint8Array): void {
    const target = this.#target;
    if (target !== null && bytes.buffer === target.buffer) {
      this.#advance(bytes.length);
      return;
    }
    for (let at = 0; at < bytes.length && this.#failure === null; ) {
      if (this.#awaited < 0) at = this.#readLength(bytes, at);
      else at = this.#copy(bytes, at);
    }
  }

  /** The next whole request without its length, undefined until more bytes are there. */
  next(): Uint8Array | undefined {
    return this.#whole.shift();
  }

  /** FORMAT_INVALID: why nothing comes behind the requests that can be taken; else null. */
  get failure(): MillraceError | null {
    return this.#failure;
  }

  #readLength(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length && this.#lengthBytes < LENGTH_BYTES) {
      this.#length[this.#lengthBytes++] = bytes[at++]!;
    }
    if (this.#lengthBytes < LENGTH_BYTES) return at;
    this.#lengthBytes = 0;
    try {
      this.#awaited = frameLength(this.#length, this.#frameBytesMax);
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      this.#failure = error;
      return at;
    }
    this.#advance(0);
    return at;
  }

  #copy(bytes: Uint8Array, from: number): number {
    const count = Math.min(bytes.length - from, this.#awaited - this.#filled);
    this.#makeRoom(this.#filled + count);
    this.#target!.set(bytes.subarray(from, from + count), this.#filled);
    this.#advance(count);
    return from + count;
  }

  #makeRoom(bytes: number): void {
    const old = this.#target;
    if (old !== null && old.length >= bytes) return;
    const wanted = Math.min(this.#awaited, bytes * AHEAD);
    const isReused = this.#awaited >= REUSED_BYTES_MIN;
    this.#target = isReused ? this.#memory.take(wanted) : new Uint8Array(wanted);
    if (old === null) return;
    this.#target.set(old.subarray(0, this.#filled));
    this.#memory.give(old);
  }

  #advance(bytes: number): void {
    this.#filled += bytes;
    if (this.#filled < this.#awaited) return;
    this.#whole.push((this.#target ?? this.#length).subarray(0, this.#awaited));
    this.#target = null;
    this.#filled = 0;
    this.#awaited = -1;
  }
}
