import { readUint32 } from './lsn.ts';

/** A message of the server within `bytes`: its type and body. */
export interface Frame {
  type: number;
  bytes: Uint8Array;
  from: number;
  end: number;
}

/** Cuts the server's byte stream into messages: type, Int32 length (itself included), body. Pure. */
export class Framer {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  readonly #frame: Frame = { type: 0, bytes: this.#bytes, from: 0, end: 0 };

  /** Add bytes. What is left of a message begun is joined with them; frames taken before stay valid. */
  push(chunk: Uint8Array): void {
    const rest = this.#bytes.length - this.#at;
    if (rest === 0) this.#bytes = chunk;
    else {
      const joined = Buffer.allocUnsafeSlow(rest + chunk.length);
      joined.set(this.#bytes.subarray(this.#at), 0);
      joined.set(chunk, rest);
      this.#bytes = joined;
    }
    this.#at = 0;
  }

  /** The next whole message, or null. The object is used again. */
  next(): Frame | null {
    const left = this.#bytes.length - this.#at;
    if (left < 5) return null;
    const length = readUint32(this.#bytes, this.#at + 1);
    if (left < length + 1) return null;
    const frame = this.#frame;
    frame.type = this.#bytes[this.#at]!;
    frame.bytes = this.#bytes;
    frame.from = this.#at + 5;
    this.#at += length + 1;
    frame.end = this.#at;
    return frame;
  }
}
