import type { SealedFile, StagingFile, StagingFiles } from '../../contract/mod.ts';
import { MillraceError } from '../../core/mod.ts';
import type { TransactionalWriter } from '../../log/mod.ts';
import { HEADER_BYTES, type MemoryPool, partsOf } from './staged.ts';

/** So many full chunks of an epoch are held before they go to a file: what comes less often needs none. */
export const SPILLED_AT_CHUNKS = 8;
/** Read and appended at a time: enough for one flush of the log, and the cache holds it meanwhile. */
const READ_BYTES = 4 << 20;
/** In the place of a partition's number: what follows is the name of a file with the pieces before these. */
const FILE = -1;

/**
 * The pieces of an epoch that memory should not hold (see `StagedRecords`), back to back in a file; in the
 * checkpoint stands its name, before the pieces that came behind them.
 */
export class SpilledPieces {
  readonly #files: StagingFiles;
  readonly #pool: MemoryPool;
  #file: StagingFile | null = null;

  constructor(files: StagingFiles, pool: MemoryPool) {
    this.#files = files;
    this.#pool = pool;
  }

  async add(pieces: readonly Uint8Array[]): Promise<void> {
    this.#file ??= await this.#files.create();
    await this.#file.append(pieces);
    this.#pool.giveBack(pieces);
  }

  /** The piece that stands for what was added, null when nothing was. Starts over. */
  async seal(epoch: number): Promise<Uint8Array | null> {
    if (this.#file === null) return null;
    const name = new TextEncoder().encode(await this.#file.seal(epoch));
    this.#file = null;
    const piece = new Uint8Array(HEADER_BYTES + name.length);
    const view = new DataView(piece.buffer);
    view.setInt32(0, FILE, true);
    view.setInt32(4, name.length, true);
    piece.set(name, HEADER_BYTES);
    return piece;
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
  }
}

/** The file that stands before staged pieces, null for none, and the pieces behind it. */
export function spilledBefore(pieces: readonly Uint8Array[]): {
  readonly name: string | null;
  readonly rest: readonly Uint8Array[];
} {
  const [first, ...others] = pieces;
  if (first === undefined || first.length < HEADER_BYTES) return { name: null, rest: pieces };
  const view = new DataView(first.buffer, first.byteOffset, first.byteLength);
  if (view.getInt32(0, true) !== FILE) return { name: null, rest: pieces };
  const end = HEADER_BYTES + view.getInt32(4, true);
  return {
    name: new TextDecoder().decode(first.subarray(HEADER_BYTES, end)),
    rest: end < first.length ? [first.subarray(end), ...others] : others,
  };
}

/** Appends the pieces of a file to the writer's transaction, a few at a time. */
export async function stageSpilled(
  writer: TransactionalWriter,
  topic: string,
  files: StagingFiles,
  name: string,
): Promise<void> {
  const file = await files.open(name);
  try {
    let memory = Buffer.allocUnsafeSlow(READ_BYTES);
    for (let position = 0; position < file.sizeBytes; ) {
      const wanted = Math.max(HEADER_BYTES, await pieceBytes(file, position));
      if (wanted > memory.length) memory = Buffer.allocUnsafeSlow(wanted);
      const read = memory.subarray(0, await file.read(position, memory));
      const whole = read.subarray(0, wholePieces(read));
      if (whole.length === 0)
        throw new MillraceError('FORMAT_INVALID', `${name} is cut off at byte ${position}`);
      await writer.stage(partsOf(topic, [whole]));
      position += whole.length;
    }
  } finally {
    await file.close();
  }
}

/** Bytes of the piece that begins at `position`. */
async function pieceBytes(file: SealedFile, position: number): Promise<number> {
  const head = new Uint8Array(HEADER_BYTES);
  await file.read(position, head);
  return HEADER_BYTES + new DataView(head.buffer).getInt32(4, true);
}

/** How many of the bytes are whole pieces. */
function wholePieces(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = 0;
  while (end + HEADER_BYTES <= bytes.length) {
    const next = end + HEADER_BYTES + view.getInt32(end + 4, true);
    if (next <= end || next > bytes.length) break;
    end = next;
  }
  return end;
}
