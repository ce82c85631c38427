import { MillraceError } from '../../core/mod.ts';
import type { NewRecord, TransactionPart } from '../../log/mod.ts';

/**
 * The records of an epoch as bytes, for the checkpoint. Each record: partition, key length, value length as
 * 32-bit little-endian (-1: null), then key and value.
 */
export class StagedRecords {
  #bytes = Buffer.alloc(1 << 16);
  #used = 0;

  /** Append a record; key and value are copied. */
  add(partition: number, key: Uint8Array | null, value: Uint8Array | null): void {
    const size = HEADER_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
    if (this.#used + size > this.#bytes.length) {
      const grown = Buffer.alloc((this.#used + size) * 2);
      this.#bytes.copy(grown, 0, 0, this.#used);
      this.#bytes = grown;
    }
    let p = this.#bytes.writeInt32LE(partition, this.#used);
    p = this.#bytes.writeInt32LE(key === null ? -1 : key.length, p);
    p = this.#bytes.writeInt32LE(value === null ? -1 : value.length, p);
    if (key !== null) this.#bytes.set(key, p);
    if (value !== null) this.#bytes.set(value, p + (key?.length ?? 0));
    this.#used += size;
  }

  /** A copy of what was added, or null when nothing was; starts over. */
  take(): Uint8Array | null {
    if (this.#used === 0) return null;
    const taken = Uint8Array.from(this.#bytes.subarray(0, this.#used));
    this.#used = 0;
    return taken;
  }
}

const HEADER_BYTES = 12;

/**
 * The parts of one transaction from staged bytes: records by partition, in their order. Views into
 * `staged`.
 */
export function partsOf(topic: string, staged: Uint8Array): TransactionPart[] {
  const view = new DataView(staged.buffer, staged.byteOffset, staged.byteLength);
  const byPartition = new Map<number, NewRecord[]>();
  for (let p = 0; p < staged.length; ) {
    if (p + HEADER_BYTES > staged.length)
      throw new MillraceError('FORMAT_INVALID', 'staged records are cut off');
    const partition = view.getInt32(p, true);
    const keyLength = view.getInt32(p + 4, true);
    const valueLength = view.getInt32(p + 8, true);
    const keyAt = p + HEADER_BYTES;
    const valueAt = keyAt + Math.max(0, keyLength);
    const record = {
      key: keyLength < 0 ? null : staged.subarray(keyAt, valueAt),
      value: valueLength < 0 ? null : staged.subarray(valueAt, valueAt + valueLength),
    };
    const records = byPartition.get(partition) ?? [];
    if (records.push(record) === 1) byPartition.set(partition, records);
    p = valueAt + Math.max(0, valueLength);
  }
  return [...byPartition].map(([partition, records]) => ({ topic, partition, records }));
}
