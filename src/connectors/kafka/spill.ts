import type { SealedFile, StagingFile, StagingFiles } from '../../contract/mod.ts';
import { MillraceError } from '../../core/mod.ts';
import {
  finishPacked,
  packedBatches,
  type TopicPartition,
  type TransactionalWriter,
  wholeBatchBytes,
} from '../../log/mod.ts';
import { HEADER_BYTES, type MemoryPool, partitionOf } from './staged.ts';

/** So many full chunks of an epoch are held before they go to files: what comes less often needs none. */
export const SPILLED_AT_CHUNKS = 8;
/** A file is not made larger, so that the log can take it as a segment. */
const FILE_BYTES_MAX = 256 << 20;
/** Smaller files are copied into the log: its segments should not become too many. */
const ADOPTED_BYTES_MIN = 32 << 20;
/** Read and appended at a time: enough for one flush of the log, and the cache holds it meanwhile. */
const READ_BYTES = 4 << 20;
/** In the place of a partition's number: what follows tells the files with the batches before these. */
const FILES = -1;

/** A file of finished batches of one partition, as the checkpoint knows it. */
export interface SpilledFile {
  readonly partition: number;
  readonly name: string;
  /** What the log adds to a file it has taken is not counted. */
  readonly sizeBytes: number;
}

interface OpenFile {
  readonly partition: number;
  readonly file: StagingFile;
  sizeBytes: number;
}

/**
 * The batches of an epoch that memory should not hold, back to back in files of one partition each; in the
 * checkpoint stands what files there are, before the pieces that came behind them.
 */
export class SpilledPieces {
  readonly #files: StagingFiles;
  readonly #pool: MemoryPool;
  /** Of a partition the last one is written. */
  #open: OpenFile[] = [];

  constructor(files: StagingFiles, pool: MemoryPool) {
    this.#files = files;
    this.#pool = pool;
  }

  /** Whether there are files with batches of the epoch. */
  get isBegun(): boolean {
    return this.#open.length > 0;
  }

  async add(pieces: readonly Uint8Array[]): Promise<void> {
    const byPartition = new Map<number, Uint8Array[]>();
    for (const piece of pieces) {
      const batches = piece.subarray(HEADER_BYTES);
      finishPacked(batches);
      const partition = partitionOf(piece);
      const known = byPartition.get(partition);
      if (known === undefined) byPartition.set(partition, [batches]);
      else known.push(batches);
    }
    for (const [partition, batches] of byPartition) {
      const target = await this.#fileOf(partition);
      await target.file.append(batches);
      target.sizeBytes += batches.reduce((sum, { length }) => sum + length, 0);
    }
    this.#pool.giveBack(pieces);
  }

  async #fileOf(partition: number): Promise<OpenFile> {
    const last = this.#open.findLast(open => open.partition === partition);
    if (last !== undefined && last.sizeBytes < FILE_BYTES_MAX) return last;
    const file = await this.#files.create(this.#open.length);
    const made = { partition, file, sizeBytes: 0 };
    this.#open.push(made);
    return made;
  }

  /** The piece that stands for what was added. Starts over. */
  async seal(epoch: number): Promise<Uint8Array> {
    const sealed: SpilledFile[] = [];
    for (const { partition, file, sizeBytes } of this.#open) {
      sealed.push({ partition, name: await file.seal(epoch), sizeBytes });
    }
    this.#open = [];
    const text = new TextEncoder().encode(JSON.stringify(sealed));
    const piece = new Uint8Array(HEADER_BYTES + text.length);
    const view = new DataView(piece.buffer);
    view.setInt32(0, FILES, true);
    view.setInt32(4, text.length, true);
    piece.set(text, HEADER_BYTES);
    return piece;
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map(({ file }) => file.close()));
    this.#open = [];
  }
}

/** The files that stand before staged pieces, and the pieces behind them. */
export function spilledBefore(pieces: readonly Uint8Array[]): {
  readonly files: readonly SpilledFile[];
  readonly rest: readonly Uint8Array[];
} {
  const [first, ...others] = pieces;
  if (first === undefined || first.length < HEADER_BYTES || partitionOf(first) !== FILES) {
    return { files: [], rest: pieces };
  }
  const end = HEADER_BYTES + new DataView(first.buffer, first.byteOffset, first.byteLength).getInt32(4, true);
  return {
    files: JSON.parse(new TextDecoder().decode(first.subarray(HEADER_BYTES, end))) as SpilledFile[],
    rest: end < first.length ? [first.subarray(end), ...others] : others,
  };
}

/**
 * Brings the batches of a file into the writer's transaction. A large one the log takes as it is, but only
 * when it is the first to ask: what an earlier try may have left is copied, with checksums made anew.
 */
export async function stageSpilled(
  writer: TransactionalWriter,
  topic: string,
  files: StagingFiles,
  { partition, name, sizeBytes }: SpilledFile,
  isFirstTry: boolean,
): Promise<void> {
  const at = { topic, partition };
  const file = await files.open(name);
  try {
    const mayAdopt = isFirstTry && sizeBytes >= ADOPTED_BYTES_MIN;
    if (mayAdopt && (await writer.adopt?.(at, file.path, sizeBytes))) return;
    await copySpilled(writer, at, file, sizeBytes);
  } finally {
    await file.close();
  }
}

async function copySpilled(
  writer: TransactionalWriter,
  at: TopicPartition,
  file: SealedFile,
  sizeBytes: number,
): Promise<void> {
  let memory = Buffer.allocUnsafeSlow(READ_BYTES);
  for (let position = 0; position < sizeBytes; ) {
    const wanted = Math.min(memory.length, sizeBytes - position);
    const read = memory.subarray(0, await file.read(position, memory.subarray(0, wanted)));
    const whole = read.subarray(0, wholeBatchBytes(read));
    if (whole.length === 0) {
      if (read.length < memory.length) {
        throw new MillraceError('FORMAT_INVALID', `${file.path} is cut off at byte ${position}`);
      }
      // One batch is larger than the memory.
      memory = Buffer.allocUnsafeSlow(memory.length * 2);
      continue;
    }
    await writer.stage([{ ...at, records: { packed: packedBatches(whole) } }]);
    position += whole.length;
  }
}
