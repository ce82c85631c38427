/** What is asked of each record of a client's batch. */
export interface RecordRules {
  /** Records need keys: the topic is compacted. */
  readonly needKeys: boolean;
  /** The times that records may have; those of -1 have none. */
  readonly timestampMin: number;
  readonly timestampMax: number;
}

/** What is wrong with a record. */
export type RecordFault = 'malformed' | 'key' | 'timestamp';

/** What a walk over the records found. */
export interface CheckedRecords {
  readonly maxTimestamp: number;
  /** The first few, by the number of the record; `malformed` ends the walk. */
  readonly faults: readonly { readonly index: number; readonly fault: RecordFault }[];
}

/** As many faulty records are named. */
const FAULTS_MAX = 10;
const NO_TIMESTAMP = -1;

/**
 * Walks the records, which fill `bytes` from `start` to the end, without making anything of them: lengths,
 * offsets one by one from 0, headers, and what the rules ask.
 */
export function checkRecords(
  bytes: Uint8Array,
  start: number,
  count: number,
  baseTimestamp: number,
  rules: RecordRules,
): CheckedRecords {
  const walk = new RecordWalk(bytes, start);
  const faults: { index: number; fault: RecordFault }[] = [];
  const add = (index: number, fault: RecordFault): void => {
    if (faults.length < FAULTS_MAX) faults.push({ index, fault });
  };
  const { needKeys, timestampMin, timestampMax } = rules;
  let maxTimestamp = NO_TIMESTAMP;
  for (let i = 0; i < count; i++) {
    if (!walk.next(i)) {
      faults.push({ index: i, fault: 'malformed' });
      return { maxTimestamp, faults };
    }
    if (needKeys && walk.keyLength < 0) add(i, 'key');
    const timestamp = baseTimestamp + walk.timestampDelta;
    if (timestamp > maxTimestamp) maxTimestamp = timestamp;
    if ((timestamp < timestampMin || timestamp > timestampMax) && timestamp !== NO_TIMESTAMP) {
      add(i, 'timestamp');
    }
  }
  if (!walk.isAtEnd) faults.push({ index: count - 1, fault: 'malformed' });
  return { maxTimestamp, faults };
}

/** Steps over records in bytes that nobody has vouched for. */
class RecordWalk {
  readonly #bytes: Uint8Array;
  #at: number;
  keyLength = -1;
  timestampDelta = 0;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#at = start;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Goes over the next record; false where it is not well-formed or not the one with this offset. */
  next(offsetDelta: number): boolean {
    const length = this.#varint();
    const end = this.#at + length;
    if (!(length >= 0 && end <= this.#bytes.length)) return false;
    // Attributes of a record are not used.
    this.#at++;
    this.timestampDelta = this.#varint();
    if (Number.isNaN(this.timestampDelta) || this.#varint() !== offsetDelta) return false;
    this.keyLength = this.#varint();
    if (!this.#skip(this.keyLength, end)) return false;
    if (!this.#skip(this.#varint(), end)) return false;
    const headers = this.#varint();
    if (!(headers >= 0 && headers <= end - this.#at)) return false;
    for (let i = 0; i < headers; i++) {
      const keyLength = this.#varint();
      if (!(keyLength >= 0) || !this.#skip(keyLength, end)) return false;
      if (!this.#skip(this.#varint(), end)) return false;
    }
    return this.#at === end;
  }

  /** Over a key or value, of length -1 where it is null. */
  #skip(length: number, end: number): boolean {
    if (!(length >= -1)) return false;
    if (length > 0) this.#at += length;
    return this.#at <= end;
  }

  /** NaN where the bytes end or the number is too long: no comparison holds then. */
  #varint(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.#at++];
    if (byte === undefined) return Number.NaN;
    if (byte < 128) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & 127;
    byte = bytes[this.#at++];
    if (byte === undefined) return Number.NaN;
    value |= (byte & 127) << 7;
    return byte < 128 ? (value >>> 1) ^ -(value & 1) : this.#longVarint(value);
  }

  #longVarint(low: number): number {
    let value = low;
    let scale = 16384;
    for (let i = 2; i < 10; i++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) return Number.NaN;
      value += (byte & 127) * scale;
      scale *= 128;
      if (byte < 128) return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
    }
    return Number.NaN;
  }
}
