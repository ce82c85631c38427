import { type Staged, stagedPieces } from '../../contract/mod.ts';
import { MillraceError } from '../../core/mod.ts';
import type { SavedState } from '../../state/mod.ts';

/** What a job has counted since its incarnation began. */
export interface JobTotals {
  readonly rowsIn: number;
  readonly lateRows: number;
  readonly rejectedRecords: number;
}

/** What one task holds at a barrier. */
export interface TaskImage {
  /** By scan node id, then split id. */
  readonly positions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Highest watermark that left each node; operators keep their own in their state. */
  readonly watermarks: Readonly<Record<string, number>>;
  /** Counted by the task since the attempt began. */
  readonly counts: JobTotals;
  /** How long rows stood still while the state was copied. */
  readonly stallMs: number;
  /** By node id. */
  readonly operators: ReadonlyMap<string, SavedState>;
  /** By sink name. Empty staged output is absent. */
  readonly staged: ReadonlyMap<string, Staged>;
}

/** Everything one checkpoint holds: where sources stand, what operators know, what sinks have staged. */
export interface CheckpointImage {
  readonly epoch: number;
  readonly incarnation: string;
  /** Fingerprint of the plan whose state this is. */
  readonly plan: string;
  readonly totals: JobTotals;
  /** Bounded input was read to its end and all output committed: nothing is left to do. */
  readonly finished: boolean;
  /** One for each task there was. */
  readonly tasks: readonly TaskImage[];
}

/** Where checkpoints are kept. A stored one is whole or absent. */
export interface CheckpointStorage {
  /**
   * Durable when it resolves. `lasting` are those of the parts that never change, with what each is known by:
   * what the checkpoint before had under the same key need not be stored again.
   */
  store(
    epoch: number,
    parts: readonly Uint8Array[],
    lasting?: ReadonlyMap<Uint8Array, object>,
  ): Promise<void>;
  /** The newest stored checkpoint, null when there is none. */
  latest(): Promise<Uint8Array | null>;
  discardBelow(epoch: number): Promise<void>;
  /**
   * Where sinks may put staged output beside the checkpoints: what is sealed for an epoch is durable when
   * the epoch is stored. Left out where it can't be kept.
   */
  readonly stagingFolder?: string;
}

const MAGIC = 0x4d4c4333; // "MLC3"

/**
 * An image as bytes: magic, length of the header, header as JSON, then each task's operators' and sinks'
 * bytes in its order.
 */
export function encodeImage(image: CheckpointImage): Uint8Array[] {
  const { tasks, ...plain } = image;
  const heads = tasks.map(({ operators, staged, ...rest }) => ({
    ...rest,
    operators: lengths(operators, ({ pieces }) => pieces),
    staged: lengths(staged, stagedPieces),
  }));
  const header = new TextEncoder().encode(JSON.stringify({ ...plain, tasks: heads }));
  const prefix = new Uint8Array(8);
  const view = new DataView(prefix.buffer);
  view.setUint32(0, MAGIC);
  view.setUint32(4, header.length);
  const parts = tasks.flatMap(({ operators, staged }) => [
    ...[...operators.values()].flatMap(({ pieces }) => pieces),
    ...[...staged.values()].flatMap(stagedPieces),
  ]);
  return [prefix, header, ...parts];
}

/** The parts of an image that never change. */
export const lastingOf = (image: CheckpointImage): ReadonlyMap<Uint8Array, object> =>
  new Map(image.tasks.flatMap(task => [...task.operators.values()].flatMap(({ lasting }) => [...lasting])));

type Lengths = readonly (readonly [string, number])[];
type Head = Omit<TaskImage, 'operators' | 'staged'> & {
  readonly operators: Lengths;
  readonly staged: Lengths;
};

/** The image of the bytes; CHECKPOINT_FAILED when they are not one. */
export function decodeImage(bytes: Uint8Array): CheckpointImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8 || view.getUint32(0) !== MAGIC) {
    throw new MillraceError('CHECKPOINT_FAILED', 'The stored checkpoint is not one of this version.');
  }
  let at = 8 + view.getUint32(4);
  const { tasks, ...plain } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, at)));
  const take = (list: Lengths): Map<string, Uint8Array> =>
    new Map(list.map(([id, length]) => [id, bytes.subarray(at, (at += length))]));
  const images = (tasks as readonly Head[]).map(
    ({ operators, staged, ...rest }): TaskImage => ({
      ...rest,
      operators: new Map([...take(operators)].map(([id, whole]) => [id, inOnePiece(whole)])),
      staged: take(staged),
    }),
  );
  if (at === bytes.length) return { ...plain, tasks: images };
  throw new MillraceError('CHECKPOINT_FAILED', `The stored checkpoint has ${bytes.length} bytes, not ${at}.`);
}

const lengths = <T>(
  parts: ReadonlyMap<string, T>,
  piecesOf: (part: T) => readonly Uint8Array[],
): [string, number][] =>
  [...parts].map(([id, part]) => [id, piecesOf(part).reduce((sum, piece) => sum + piece.length, 0)]);

/** A state that shares no memory with the operator. */
export const inOnePiece = (whole: Uint8Array): SavedState => ({ pieces: [whole], lasting: new Map() });

/** The sum of what several have counted. */
export function sumTotals(all: readonly JobTotals[]): JobTotals {
  const sum = (of: (totals: JobTotals) => number): number => all.reduce((s, totals) => s + of(totals), 0);
  return {
    rowsIn: sum(t => t.rowsIn),
    lateRows: sum(t => t.lateRows),
    rejectedRecords: sum(t => t.rejectedRecords),
  };
}

/** The images of all stages as the task's. */
export function joinImages(images: readonly TaskImage[]): TaskImage {
  return {
    positions: Object.assign({}, ...images.map(image => image.positions)),
    watermarks: Object.assign({}, ...images.map(image => image.watermarks)),
    counts: sumTotals(images.map(image => image.counts)),
    stallMs: images.reduce((sum, image) => sum + image.stallMs, 0),
    operators: new Map(images.flatMap(image => [...image.operators])),
    staged: new Map(images.flatMap(image => [...image.staged])),
  };
}
