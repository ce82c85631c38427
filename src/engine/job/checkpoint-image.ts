import { MillraceError } from '../../core/mod.ts';

/** What a job has counted since its incarnation began. */
export interface JobTotals {
  readonly rowsIn: number;
  readonly lateRows: number;
  readonly rejectedRecords: number;
}

/** Everything one checkpoint holds: where sources stand, what operators know, what sinks have staged. */
export interface CheckpointImage {
  readonly epoch: number;
  readonly incarnation: string;
  /** Fingerprint of the plan whose state this is. */
  readonly plan: string;
  /** By scan node id, then split id. */
  readonly positions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Highest watermark that left each node; operators keep their own in their state. */
  readonly watermarks: Readonly<Record<string, number>>;
  readonly totals: JobTotals;
  /** Bounded input was read to its end and all output committed: nothing is left to do. */
  readonly finished: boolean;
  /** By node id. */
  readonly operators: ReadonlyMap<string, Uint8Array>;
  /** By sink id. Empty staged output is absent. */
  readonly staged: ReadonlyMap<string, Uint8Array>;
}

/** Where checkpoints are kept. A stored one is whole or absent. */
export interface CheckpointStorage {
  /** Durable when it resolves. */
  store(epoch: number, bytes: readonly Uint8Array[]): Promise<void>;
  /** The newest stored checkpoint, null when there is none. */
  latest(): Promise<Uint8Array | null>;
  discardBelow(epoch: number): Promise<void>;
}

const MAGIC = 0x4d4c4331; // "MLC1"

/**
 * An image as bytes: magic, length of the header, header as JSON, then the operators' and sinks' bytes in
 * its order.
 */
export function encodeImage(image: CheckpointImage): Uint8Array[] {
  const { operators, staged, ...plain } = image;
  const header = new TextEncoder().encode(
    JSON.stringify({ ...plain, operators: lengths(operators), staged: lengths(staged) }),
  );
  const prefix = new Uint8Array(8);
  const view = new DataView(prefix.buffer);
  view.setUint32(0, MAGIC);
  view.setUint32(4, header.length);
  return [prefix, header, ...operators.values(), ...staged.values()];
}

/** The image of the bytes; CHECKPOINT_FAILED when they are not one. */
export function decodeImage(bytes: Uint8Array): CheckpointImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8 || view.getUint32(0) !== MAGIC) {
    throw new MillraceError('CHECKPOINT_FAILED', 'The stored checkpoint is not one of this version.');
  }
  let at = 8 + view.getUint32(4);
  const { operators, staged, ...plain } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, at)));
  const take = (list: readonly [string, number][]): Map<string, Uint8Array> =>
    new Map(list.map(([id, length]) => [id, bytes.subarray(at, (at += length))]));
  const image: CheckpointImage = { ...plain, operators: take(operators), staged: take(staged) };
  if (at === bytes.length) return image;
  throw new MillraceError('CHECKPOINT_FAILED', `The stored checkpoint has ${bytes.length} bytes, not ${at}.`);
}

const lengths = (parts: ReadonlyMap<string, Uint8Array>): [string, number][] =>
  [...parts].map(([id, part]) => [id, part.length]);
