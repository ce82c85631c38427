import { malformed } from './malformed.ts';
import { joined, Writer } from './writer.ts';

const LENGTH_BYTES = 4;

/**
 * Cuts what a socket delivers into messages: `length (int32) message`. It holds the bytes of at most one
 * message that is not whole yet, and only bytes that have arrived: a length that is merely claimed takes no
 * memory. A length beyond the maximum, or a negative one, is thrown as FORMAT_INVALID.
 */
export class Frames {
  readonly #frameBytesMax: number;
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  /** Bytes of the message that is being awaited; -1 while its length is not known. */
  #awaited = -1;

  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax;
  }

  /** Bytes held for messages that were not taken yet. */
  get bufferedBytes(): number {
    return this.#buffered;
  }

  /** Takes over a piece as the socket delivered it; it must not be changed afterwards. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
  }

  /** The next whole message without its length, undefined until more bytes are there. */
  next(): Uint8Array | undefined {
    if (this.#awaited < 0) {
      if (this.#buffered < LENGTH_BYTES) return undefined;
      this.#awaited = frameLength(this.#cut(LENGTH_BYTES), this.#frameBytesMax);
    }
    if (this.#buffered < this.#awaited) return undefined;
    const frame = this.#cut(this.#awaited);
    this.#awaited = -1;
    return frame;
  }

  /** Takes `length` buffered bytes off: a view where they lie in one piece, else a copy. */
  #cut(length: number): Uint8Array {
    this.#buffered -= length;
    const first = this.#chunks[0];
    if (first !== undefined && first.length > length) {
      this.#chunks[0] = first.subarray(length);
      return first.subarray(0, length);
    }
    const parts: Uint8Array[] = [];
    let missing = length;
    let taken = 0;
    while (missing > 0) {
      const chunk = this.#chunks[taken]!;
      if (chunk.length > missing) {
        parts.push(chunk.subarray(0, missing));
        this.#chunks[taken] = chunk.subarray(missing);
        missing = 0;
      } else {
        parts.push(chunk);
        missing -= chunk.length;
        taken++;
      }
    }
    this.#chunks.splice(0, taken);
    return joined(parts);
  }
}

/** The length before a message; one that is negative or beyond the maximum is thrown as FORMAT_INVALID. */
export function frameLength(bytes: Uint8Array, frameBytesMax: number): number {
  const length = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getInt32(0);
  if (length >= 0 && length <= frameBytesMax) return length;
  throw malformed(`a message of ${length} bytes; at most ${frameBytesMax} are taken${guess(bytes)}`);
}

/** What else may have knocked, by the first bytes it sent. */
function guess(bytes: Uint8Array): string {
  const text = String.fromCharCode(...bytes);
  if (/^(GET |POST|PUT |HEAD|OPTI|DELE)/.test(text)) return ': this looks like HTTP';
  if (bytes[0] === 0x16 && bytes[1] === 0x03) return ': this looks like TLS';
  return '';
}

/** A message with its length before it, ready to be sent. */
export function framed(message: readonly Uint8Array[]): Uint8Array[] {
  const writer = new Writer(LENGTH_BYTES);
  writer.int32(message.reduce((bytes, chunk) => bytes + chunk.length, 0));
  return [...writer.finish(), ...message];
}
