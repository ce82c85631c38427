import { MillraceError } from '../../core/mod.ts';
import type { RecordTarget } from '../../formats/mod.ts';
import {
  PACKER_CHUNK_BYTES,
  packedBatches,
  type RecordHeader,
  RecordPacker,
  type TransactionPart,
} from '../../log/mod.ts';

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
  /** Where records without key, time and headers of their own are written in place; null for nowhere. */
  target(partition: number): RecordTarget | null;
  /** Memory of what was added. */
  readonly byteLength: number;
  /** What was added, in pieces, the caller's to keep; null when nothing was. Starts over. */
  take(): readonly Uint8Array[] | null;
}

/**
 * The records of an epoch as pieces of bytes, for the checkpoint. Each piece: the partition's number and the
 * length of what follows as 32-bit little-endian, then batches as the log stores them.
 */
export class StagedRecords implements Staging {
  readonly #packers: RecordPacker[] = [];
  readonly #pool: MemoryPool;

  constructor(pool: MemoryPool) {
    this.#pool = pool;
  }

  target(partition: number): RecordTarget {
    return this.#packer(partition);
  }

  add(partition: number, key: Uint8Array | null, source: Uint8Array, start: number, end: number): void {
    this.#packer(partition).add(key, source, start, end);
  }

  #packer(partition: number): RecordPacker {
    while (this.#packers.length <= partition) {
      this.#packers.push(new RecordPacker(HEADER_BYTES, bytes => this.#pool.take(bytes)));
    }
    return this.#packers[partition]!;
  }

  get byteLength(): number {
    return this.#packers.reduce((sum, packer) => sum + packer.byteLength, 0);
  }

  take(): readonly Uint8Array[] | null {
    const pieces = this.#pieces(packer => packer.handOver());
    return pieces.length === 0 ? null : pieces;
  }

  /** How many pieces are full. */
  get fullPieces(): number {
    return this.#packers.reduce((sum, packer) => sum + packer.fullChunks, 0);
  }

  /** The full pieces, the caller's to keep; they come before all others. */
  takeFull(): readonly Uint8Array[] {
    return this.#pieces(packer => packer.takeFull());
  }

  #pieces(chunksOf: (packer: RecordPacker) => readonly Uint8Array[]): readonly Uint8Array[] {
    return this.#packers.flatMap((packer, partition) => {
      const chunks = chunksOf(packer);
      for (const chunk of chunks) writeHeader(chunk, partition, chunk.length - HEADER_BYTES);
      return chunks;
    });
  }
}

/** The partition's number of a piece. */
export function partitionOf(piece: Uint8Array): number {
  return new DataView(piece.buffer, piece.byteOffset, piece.byteLength).getInt32(0, true);
}

/** What stands before a piece's batches. */
export const HEADER_BYTES = 8;

function writeHeader(piece: Uint8Array, partition: number, length: number): void {
  const view = new DataView(piece.buffer, piece.byteOffset, HEADER_BYTES);
  view.setInt32(0, partition, true);
  view.setInt32(4, length, true);
}

/**
 * Memory of records that are appended, for those of later epochs: fresh memory costs more than what is
 * written to it.
 */
export class MemoryPool {
  static readonly KEPT_MAX = 32;
  readonly #lent = new WeakSet<ArrayBufferLike>();
  #free: ArrayBuffer[] = [];

  take(bytes: number): Uint8Array<ArrayBuffer> {
    if (bytes > PACKER_CHUNK_BYTES) return new Uint8Array(bytes);
    const buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(PACKER_CHUNK_BYTES).buffer;
    this.#lent.add(buffer);
    return new Uint8Array(buffer);
  }

  /** Nobody uses the pieces any more. Memory that is not the pool's is left alone. */
  giveBack(pieces: readonly Uint8Array[]): void {
    for (const { buffer } of pieces) {
      if (!this.#lent.delete(buffer) || !(buffer instanceof ArrayBuffer)) continue;
      // What went to another thread is here no more.
      const isHere = buffer.byteLength === PACKER_CHUNK_BYTES;
      if (isHere && this.#free.length < MemoryPool.KEPT_MAX) this.#free.push(buffer);
    }
  }
}

/** The parts of one transaction from staged pieces, whole or joined. Views into them. */
export function partsOf(topic: string, pieces: readonly Uint8Array[]): TransactionPart[] {
  const packed = new Map<number, Uint8Array[]>();
  for (const bytes of pieces) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let p = 0; p < bytes.length; ) {
      const length = p + HEADER_BYTES <= bytes.length ? view.getInt32(p + 4, true) : -1;
      const end = p + HEADER_BYTES + length;
      if (length < 0 || end > bytes.length) {
        throw new MillraceError('FORMAT_INVALID', 'staged records are cut off');
      }
      const partition = view.getInt32(p, true);
      const batches = packed.get(partition) ?? [];
      packed.set(partition, batches);
      for (const batch of packedBatches(bytes.subarray(p + HEADER_BYTES, end))) batches.push(batch);
      p = end;
    }
  }
  return [...packed].map(([partition, batches]) => ({ topic, partition, records: { packed: batches } }));
}
