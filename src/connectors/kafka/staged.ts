import { assert, MillraceError } from '../../core/mod.ts';
import { packedBatches, type RecordHeader, RecordPacker, type TransactionPart } from '../../log/mod.ts';

/** Where the records of an epoch are kept until it is committed. */
export interface Staging {
  /** Append a record with the value `source[start, end)`, null where `start` is -1; all is copied. */
  add(
    partition: number,
    key: Uint8Array | null,
    source: Uint8Array,
    start: number,
    end: number,
    timestampMs?: number | null,
    headers?: readonly RecordHeader[],
  ): void;
  /** What was added, the caller's to keep; null when nothing was. Starts over. */
  take(): Uint8Array | null;
  /** What was added, by partition: views, borrowed until `clear`. */
  parts(topic: string): TransactionPart[];
  clear(): void;
}

/**
 * The records of an epoch as bytes, for the checkpoint: for each partition its number and the length of its
 * packed batches as 32-bit little-endian, then the batches as the log stores them.
 */
export class StagedRecords implements Staging {
  readonly #packers: RecordPacker[] = [];
  readonly #pool: MemoryPool;

  constructor(pool = new MemoryPool()) {
    this.#pool = pool;
  }

  /** Append a record with the value `source[start, end)`, null where `start` is -1; all is copied. */
  add(partition: number, key: Uint8Array | null, source: Uint8Array, start: number, end: number): void {
    while (this.#packers.length <= partition) this.#packers.push(new RecordPacker(HEADER_BYTES));
    this.#packers[partition]!.add(key, source, start, end);
  }

  /** What was added, the caller's to keep; null when nothing was. Starts over. */
  take(): Uint8Array | null {
    const filled = this.#filled();
    if (filled.length === 0) return null;
    return filled.length === 1 ? this.#handOver(filled[0]!.partition) : this.#join(filled);
  }

  #handOver(partition: number): Uint8Array {
    const taken = this.#packers[partition]!.handOver(this.#pool.take());
    assert(taken !== null, 'the partition has records');
    writeHeader(taken, 0, partition, taken.length - HEADER_BYTES);
    this.#pool.lend(taken);
    return taken;
  }

  #join(filled: readonly Filled[]): Uint8Array {
    const size = filled.reduce((sum, { packed }) => sum + HEADER_BYTES + packed.length, 0);
    const taken = new Uint8Array(size);
    let p = 0;
    for (const { partition, packed } of filled) {
      writeHeader(taken, p, partition, packed.length);
      taken.set(packed, p + HEADER_BYTES);
      p += HEADER_BYTES + packed.length;
    }
    this.clear();
    return taken;
  }

  /** What was added, by partition: views, borrowed until `clear`. */
  parts(topic: string): TransactionPart[] {
    return this.#filled().map(({ partition, packed }) => ({
      topic,
      partition,
      records: { packed: packedBatches(packed) },
    }));
  }

  clear(): void {
    for (const packer of this.#packers) packer.clear();
  }

  #filled(): Filled[] {
    return this.#packers.flatMap((packer, partition) => {
      const packed = packer.peek();
      return packed === null ? [] : [{ partition, packed }];
    });
  }
}

interface Filled {
  readonly partition: number;
  readonly packed: Uint8Array;
}

const HEADER_BYTES = 8;

function writeHeader(bytes: Uint8Array, p: number, partition: number, length: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setInt32(p, partition, true);
  view.setInt32(p + 4, length, true);
}

/**
 * Memory of staged records that are committed, for those of later epochs: fresh memory costs more than what
 * is written to it.
 */
export class MemoryPool {
  static readonly KEPT_MAX = 2;
  static readonly KEPT_BYTES_MAX = 256 << 20;
  readonly #lent = new WeakSet<ArrayBufferLike>();
  #free: Uint8Array<ArrayBuffer>[] = [];

  take(): Uint8Array<ArrayBuffer> {
    return this.#free.pop() ?? new Uint8Array(0);
  }

  lend(bytes: Uint8Array<ArrayBuffer>): void {
    this.#lent.add(bytes.buffer);
  }

  /** Nobody uses the bytes any more. Memory that was not lent is left alone. */
  giveBack(bytes: Uint8Array): void {
    const { buffer } = bytes;
    if (!this.#lent.delete(buffer) || !(buffer instanceof ArrayBuffer)) return;
    if (this.#free.length === MemoryPool.KEPT_MAX || buffer.byteLength > MemoryPool.KEPT_BYTES_MAX) return;
    this.#free.push(new Uint8Array(buffer));
  }
}

/** The parts of one transaction from staged bytes. Views into `staged`. */
export function partsOf(topic: string, staged: Uint8Array): TransactionPart[] {
  const view = new DataView(staged.buffer, staged.byteOffset, staged.byteLength);
  const parts: TransactionPart[] = [];
  for (let p = 0; p < staged.length; ) {
    const end = p + HEADER_BYTES <= staged.length ? p + HEADER_BYTES + view.getInt32(p + 4, true) : Infinity;
    if (!(end <= staged.length)) throw new MillraceError('FORMAT_INVALID', 'staged records are cut off');
    const packed = packedBatches(staged.subarray(p + HEADER_BYTES, end));
    parts.push({ topic, partition: view.getInt32(p, true), records: { packed } });
    p = end;
  }
  return parts;
}
