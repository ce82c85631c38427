import { decodeUtf8 } from '../../core/mod.ts';
import { malformed } from './malformed.ts';
import { uuidText } from './uuid.ts';

/**
 * Array elements in one message. An element takes many times its bytes once it is an object: without a bound
 * a frame of a hundred megabytes would become gigabytes.
 */
const ELEMENTS_MAX = 1 << 20;

/**
 * The primitives of Kafka's protocol, read one after another from `[at, end)` of a frame. Everything that lies
 * beyond the end, or is not allowed, is thrown as FORMAT_INVALID; nothing is allocated by a length a peer
 * claims before the bytes are there. `bytes` and `records` are views: they stay valid as long as the frame.
 */
export class Reader {
  readonly #data: Uint8Array;
  readonly #view: DataView;
  #elements = 0;
  /** Where the next byte is read. */
  at: number;
  end: number;

  constructor(data: Uint8Array, at = 0, end = data.length) {
    this.#data = data;
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.at = at;
    this.end = end;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.end - this.at;
  }

  /** Passes over `length` bytes and returns where they begin. */
  #take(length: number): number {
    const at = this.at;
    if (length > this.end - at) throw malformed(`${length} bytes at ${at} reach beyond the end ${this.end}`);
    this.at = at + length;
    return at;
  }

  bool(): boolean {
    return this.#data[this.#take(1)] !== 0;
  }

  int8(): number {
    return this.#view.getInt8(this.#take(1));
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  /**
   * An offset, a time or a count. What a number does not hold exactly is read as the largest (or smallest)
   * that it does: no offset and no time is there, so that whoever is asked for it refuses it by name.
   */
  int64(): number {
    const at = this.#take(8);
    const high = this.#view.getInt32(at);
    if (high >= 0x20_0000) return Number.MAX_SAFE_INTEGER;
    if (high < -0x20_0000) return Number.MIN_SAFE_INTEGER;
    return Math.max(high * 0x1_0000_0000 + this.#view.getUint32(at + 4), Number.MIN_SAFE_INTEGER);
  }

  /** An id, all of its 64 bits. */
  bigint64(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  /** 1 to 5 bytes of 7 bits, the lowest first. */
  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#data[this.#take(1)]!;
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
    throw malformed(`the number at ${this.at - 5} has more than 5 bytes`);
  }

  /** A signed number, small ones of either sign in few bytes. */
  varint(): number {
    const value = this.uvarint();
    return (value >>> 1) ^ -(value & 1);
  }

  uuid(): string {
    return uuidText(this.#data, this.#take(16));
  }

  string(): string {
    return this.nullableString() ?? this.missing();
  }

  nullableString(): string | null {
    return this.#text(this.int16());
  }

  compactString(): string {
    return this.compactNullableString() ?? this.missing();
  }

  compactNullableString(): string | null {
    return this.#text(this.uvarint() - 1);
  }

  /** A view. */
  bytes(): Uint8Array {
    return this.nullableBytes() ?? this.missing();
  }

  nullableBytes(): Uint8Array | null {
    return this.#slice(this.int32());
  }

  compactBytes(): Uint8Array {
    return this.compactNullableBytes() ?? this.missing();
  }

  compactNullableBytes(): Uint8Array | null {
    return this.#slice(this.uvarint() - 1);
  }

  /** Elements of the array that begins here, -1 for null; `elementBytesMin` is the least that one takes. */
  arrayLength(elementBytesMin: number): number {
    return this.#count(this.int32(), elementBytesMin);
  }

  compactArrayLength(elementBytesMin: number): number {
    return this.#count(this.uvarint() - 1, elementBytesMin);
  }

  /** Passes over `length` bytes. */
  skip(length: number): void {
    this.#take(length);
  }

  /** Narrows what may be read to the next `length` bytes; returns the end as it was, for `leave`. */
  enter(length: number): number {
    const { end } = this;
    if (length > end - this.at) throw malformed(`${length} bytes at ${this.at} reach beyond the end ${end}`);
    this.end = this.at + length;
    return end;
  }

  /** Ends what `enter` began: all of it must have been read. */
  leave(end: number): void {
    if (this.at !== this.end) throw malformed(`a tagged field ends at ${this.at} instead of ${this.end}`);
    this.end = end;
  }

  /** Passes over tagged fields of which none is known. */
  skipTaggedFields(): void {
    for (let n = this.uvarint(); n > 0; n--) {
      this.uvarint();
      this.skip(this.uvarint());
    }
  }

  #text(length: number): string | null {
    if (length < 0) return this.#none(length);
    return decodeUtf8(this.#data, this.#take(length), length);
  }

  #slice(length: number): Uint8Array | null {
    if (length < 0) return this.#none(length);
    const at = this.#take(length);
    return this.#data.subarray(at, at + length);
  }

  #none(length: number): null {
    if (length !== -1) throw malformed(`a length before ${this.at} is ${length}`);
    return null;
  }

  /** Refuses a null where the version has none. */
  missing(): never {
    throw malformed(`the field before ${this.at} is null where a value is demanded`);
  }

  #count(count: number, elementBytesMin: number): number {
    if (count < -1) throw malformed(`an array before ${this.at} has ${count} elements`);
    if (count * elementBytesMin > this.end - this.at) {
      throw malformed(`the ${count} elements of the array at ${this.at} reach beyond the end ${this.end}`);
    }
    this.#elements += count;
    if (this.#elements > ELEMENTS_MAX) throw malformed(`a message has more than ${ELEMENTS_MAX} elements`);
    return count;
  }
}
