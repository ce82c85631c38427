import { assert, encodeUtf8Into } from '../../core/mod.ts';
import { putUuid } from './uuid.ts';

/** Records of at least so many bytes are passed on as they are; shorter ones are copied. */
const PASSED_BYTES_MIN = 1 << 10;
/** No message becomes larger: its length is an int32. */
const MESSAGE_BYTES_MAX = 0x7fff_ffff;
const STRING_BYTES_MAX = 0x7fff;

/** What may be written as bytes or records: one piece, or several that belong together. */
export type Chunks = Uint8Array | readonly Uint8Array[];

/** Memory that many small messages share: one allocation for each costs more than what is written into it. */
interface Slab {
  readonly data: Uint8Array;
  readonly view: DataView;
  used: number;
}

const SLAB_BYTES = 64 << 10;

function newSlab(bytesMin: number): Slab {
  const data = new Uint8Array(Math.max(SLAB_BYTES, bytesMin));
  return { data, view: new DataView(data.buffer), used: 0 };
}

let slab = newSlab(0);

/**
 * The primitives of Kafka's protocol, written one after another. `finish` gives the message as a list of
 * chunks: large records are in it as they were given, without a copy.
 */
export class Writer {
  #data: Uint8Array;
  #view: DataView;
  /** Where the current chunk begins in the data. */
  #start = 0;
  /** Where the next byte goes. */
  #at = 0;
  /** Where the memory ends. */
  #limit: number;
  readonly #done: Uint8Array[] = [];
  #doneBytes = 0;

  constructor(bytesExpected = 256) {
    if (slab.data.length - slab.used < bytesExpected) slab = newSlab(bytesExpected);
    this.#data = slab.data;
    this.#view = slab.view;
    this.#start = slab.used;
    this.#at = slab.used;
    slab.used += bytesExpected;
    this.#limit = slab.used;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#doneBytes + this.#at - this.#start;
  }

  /** Takes `length` bytes and returns where they begin. Only then the memory is known that they are in. */
  #take(length: number): number {
    if (this.#at + length > this.#limit) this.#grow(length);
    const at = this.#at;
    this.#at = at + length;
    return at;
  }

  #grow(length: number): void {
    const kept = this.#at - this.#start;
    assert(this.#doneBytes + kept + length <= MESSAGE_BYTES_MAX, 'a message has less than 2 GB');
    const data = new Uint8Array((kept + length) * 2);
    data.set(this.#data.subarray(this.#start, this.#at));
    this.#data = data;
    this.#view = new DataView(data.buffer);
    this.#start = 0;
    this.#at = kept;
    this.#limit = data.length;
  }

  bool(value: boolean): void {
    this.int8(value ? 1 : 0);
  }

  int8(value: number): void {
    const at = this.#take(1);
    this.#data[at] = value;
  }

  int16(value: number): void {
    const at = this.#take(2);
    this.#view.setInt16(at, value);
  }

  int32(value: number): void {
    const at = this.#take(4);
    this.#view.setInt32(at, value);
  }

  /** An offset, a time or a count: an exact integer. */
  int64(value: number): void {
    assert(Number.isSafeInteger(value), 'an offset, time or count is an exact integer');
    const at = this.#take(8);
    this.#view.setInt32(at, Math.floor(value / 0x1_0000_0000));
    this.#view.setUint32(at + 4, value % 0x1_0000_0000);
  }

  /** An id, all of its 64 bits. */
  bigint64(value: bigint): void {
    const at = this.#take(8);
    this.#view.setBigInt64(at, value);
  }

  float64(value: number): void {
    const at = this.#take(8);
    this.#view.setFloat64(at, value);
  }

  /** 1 to 5 bytes of 7 bits, the lowest first. */
  uvarint(value: number): void {
    let rest = value >>> 0;
    while (rest > 127) {
      this.int8((rest & 127) | 128);
      rest >>>= 7;
    }
    this.int8(rest);
  }

  /** A signed number, small ones of either sign in few bytes. */
  varint(value: number): void {
    this.uvarint((value << 1) ^ (value >> 31));
  }

  uuid(value: string): void {
    const at = this.#take(16);
    putUuid(value, this.#data, at);
  }

  string(value: string): void {
    this.nullableString(value);
  }

  nullableString(value: string | null): void {
    if (value === null) {
      this.int16(-1);
      return;
    }
    const at = this.#take(2 + value.length * 3);
    const length = encodeUtf8Into(value, this.#data, at + 2);
    assert(length <= STRING_BYTES_MAX, 'a string of the protocol has at most 32,767 bytes');
    this.#view.setInt16(at, length);
    this.#at = at + 2 + length;
  }

  compactString(value: string): void {
    this.compactNullableString(value);
  }

  compactNullableString(value: string | null): void {
    if (value === null) {
      this.uvarint(0);
      return;
    }
    // Room for the text where its length would take five bytes; it moves down to where its length ends.
    const at = this.#take(5 + value.length * 3);
    const length = encodeUtf8Into(value, this.#data, at + 5);
    this.#at = at;
    this.uvarint(length + 1);
    this.#data.copyWithin(this.#at, at + 5, at + 5 + length);
    this.#at += length;
  }

  bytes(value: Chunks): void {
    this.nullableBytes(value);
  }

  nullableBytes(value: Chunks | null): void {
    this.int32(value === null ? -1 : bytesIn(value));
    if (value !== null) this.raw(value);
  }

  compactBytes(value: Chunks): void {
    this.compactNullableBytes(value);
  }

  compactNullableBytes(value: Chunks | null): void {
    this.uvarint(value === null ? 0 : bytesIn(value) + 1);
    if (value !== null) this.raw(value);
  }

  /** Elements of an array that begins here; -1 is null. */
  arrayLength(count: number): void {
    this.int32(count);
  }

  compactArrayLength(count: number): void {
    this.uvarint(count + 1);
  }

  /** A tagged field whose value was written by a writer of its own. */
  taggedField(tag: number, value: Writer): void {
    this.uvarint(tag);
    this.uvarint(value.length);
    this.raw(value.finish());
  }

  /** Bytes as they are. Large ones are passed on: they must not change until the message is sent. */
  raw(value: Chunks): void {
    if (!(value instanceof Uint8Array)) {
      for (const chunk of value) this.raw(chunk);
      return;
    }
    if (value.length < PASSED_BYTES_MIN) {
      const at = this.#take(value.length);
      this.#data.set(value, at);
      return;
    }
    this.#endChunk();
    assert(this.#doneBytes + value.length <= MESSAGE_BYTES_MAX, 'a message has less than 2 GB');
    this.#done.push(value);
    this.#doneBytes += value.length;
  }

  /** The message in order. Nothing may be written afterwards. */
  finish(): Uint8Array[] {
    this.#endChunk();
    return this.#done;
  }

  /** The message in one piece. */
  finishWhole(): Uint8Array {
    return joined(this.finish());
  }

  #endChunk(): void {
    if (this.#at === this.#start) return;
    this.#done.push(this.#data.subarray(this.#start, this.#at));
    this.#doneBytes += this.#at - this.#start;
    this.#start = this.#at;
  }
}

/** How many bytes the chunks hold together. */
export function bytesIn(value: Chunks): number {
  if (value instanceof Uint8Array) return value.length;
  let bytes = 0;
  for (const chunk of value) bytes += chunk.length;
  return bytes;
}

/** The chunks in one piece; a single one is returned as it is. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const whole = new Uint8Array(bytesIn(chunks));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
