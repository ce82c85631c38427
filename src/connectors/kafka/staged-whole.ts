import { MillraceError } from '../../core/mod.ts';
import type { NewRecord, RecordHeader, TransactionPart } from '../../log/mod.ts';
import type { Staging } from './staged.ts';

const HEADER_BYTES = 24;

/**
 * The records of an epoch with headers and times of their own, as bytes for the checkpoint. Each: partition,
 * lengths of key and value (-1: null) and count of headers as 32-bit little-endian, the time as a double
 * (NaN: none); then key, value, and of each header two lengths, its key and its value.
 */
export class StagedWholeRecords implements Staging {
  #bytes = Buffer.alloc(1 << 16);
  #used = 0;

  add(
    partition: number,
    key: Uint8Array | null,
    source: Uint8Array,
    start: number,
    end: number,
    timestampMs: number | null = null,
    headers: readonly RecordHeader[] = [],
  ): void {
    const value = start < 0 ? null : source.subarray(start, end);
    const named = headers.map(h => ({ key: Buffer.from(h.key), value: h.value }));
    const ofHeaders = named.reduce((sum, h) => sum + 8 + h.key.length + (h.value?.length ?? 0), 0);
    this.#reserve(HEADER_BYTES + (key?.length ?? 0) + (value?.length ?? 0) + ofHeaders);
    this.#int(partition);
    this.#int(key?.length ?? -1);
    this.#int(value?.length ?? -1);
    this.#int(named.length);
    this.#used = this.#bytes.writeDoubleLE(timestampMs ?? Number.NaN, this.#used);
    this.#put(key);
    this.#put(value);
    for (const h of named) {
      this.#int(h.key.length);
      this.#int(h.value?.length ?? -1);
      this.#put(h.key);
      this.#put(h.value);
    }
  }

  target(): null {
    return null;
  }

  get byteLength(): number {
    return this.#used;
  }

  take(): readonly Uint8Array[] | null {
    if (this.#used === 0) return null;
    const taken = Uint8Array.from(this.#bytes.subarray(0, this.#used));
    this.#used = 0;
    return [taken];
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#bytes.length) return;
    const grown = Buffer.alloc((this.#used + bytes) * 2);
    this.#bytes.copy(grown, 0, 0, this.#used);
    this.#bytes = grown;
  }

  #int(value: number): void {
    this.#used = this.#bytes.writeInt32LE(value, this.#used);
  }

  #put(bytes: Uint8Array | null): void {
    if (bytes === null) return;
    this.#bytes.set(bytes, this.#used);
    this.#used += bytes.length;
  }
}

/** The parts of one transaction from the pieces of `StagedWholeRecords`: views into them. */
export function wholePartsOf(topic: string, pieces: readonly Uint8Array[]): TransactionPart[] {
  const byPartition = new Map<number, NewRecord[]>();
  for (const piece of pieces) collectRecords(piece, byPartition);
  return [...byPartition].map(([partition, records]) => ({ topic, partition, records }));
}

function collectRecords(staged: Uint8Array, byPartition: Map<number, NewRecord[]>): void {
  const view = new DataView(staged.buffer, staged.byteOffset, staged.byteLength);
  let p = 0;
  const int = (): number => {
    p += 4;
    return view.getInt32(p - 4, true);
  };
  const bytes = (length: number): Uint8Array | null => {
    if (length < 0) return null;
    p += length;
    if (p > staged.length) throw new MillraceError('FORMAT_INVALID', 'staged records are cut off');
    return staged.subarray(p - length, p);
  };
  while (p < staged.length) {
    if (p + HEADER_BYTES > staged.length) {
      throw new MillraceError('FORMAT_INVALID', 'staged records are cut off');
    }
    const [partition, keyLength, valueLength, count] = [int(), int(), int(), int()];
    const timestampMs = view.getFloat64(p, true);
    p += 8;
    const key = bytes(keyLength!);
    const value = bytes(valueLength!);
    const headers = Array.from({ length: count! }, (): RecordHeader => {
      const [nameLength, length] = [int(), int()];
      return { key: Buffer.from(bytes(nameLength!)!).toString(), value: bytes(length!) };
    });
    const record = { key, value, headers, ...(Number.isNaN(timestampMs) ? {} : { timestampMs }) };
    const records = byPartition.get(partition!) ?? [];
    if (records.push(record) === 1) byPartition.set(partition!, records);
  }
}
