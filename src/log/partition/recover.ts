import type { Clock } from '../../core/mod.ts';
import { MillraceError } from '../../core/mod.ts';
import { type BatchHeader, coordinatorEpochAt, markerAt } from '../codec/mod.ts';
import type { Storage } from '../storage/storage.ts';
import { loadMark } from './marks.ts';
import { PartitionState } from './partition-state.ts';
import type { AppliedBatch } from './producer-entry.ts';
import { Segment, scanBatches } from './segment.ts';
import { SegmentList } from './segment-list.ts';
import { type DurablePoint, loadSnapshot, type PartitionSnapshot, RecoveryPoint } from './snapshot.ts';

/** A partition as its files tell it. */
export interface RecoveredPartition {
  readonly segments: SegmentList;
  readonly state: PartitionState;
  readonly recoveryPoint: RecoveryPoint;
  readonly logEndOffset: number;
  /** Where the snapshot lies: segments below are settled. */
  readonly snapshotBase: number;
  /** Up to where the log is compacted. */
  readonly compactedTo: number;
  /** Bytes behind the snapshot, which had to be read. */
  readonly scannedBytes: number;
}

/**
 * Open a partition's folder: start from the newest snapshot, read the batches behind it, cut off a torn
 * tail. LOG_CORRUPT naming the file where bytes that were durable are gone or fail their checksum.
 */
export async function recoverPartition(
  storage: Storage,
  directory: string,
  clock: Clock,
  compacted: boolean,
): Promise<RecoveredPartition> {
  await storage.mkdir(directory);
  const recoveryPoint = await RecoveryPoint.open(storage, directory);
  const segments = await openSegments(storage, directory, clock);
  const snapshot = await loadSnapshot(storage, directory);
  const start = await loadMark(storage, directory, 'log-start');
  const scan = new RecoveryScan(segments, snapshot, await recoveryPoint.load(), compacted, clock.nowMs());
  try {
    await scan.run();
  } catch (error) {
    await recoveryPoint.close();
    for (const segment of segments) await segment.close();
    throw error;
  }
  await setAge(segments.at(-1)!, clock.nowMs());
  return {
    segments: new SegmentList(storage, directory, clock, segments, start),
    state: scan.state,
    recoveryPoint,
    logEndOffset: scan.nextOffset,
    snapshotBase: scan.startBase,
    compactedTo: await loadMark(storage, directory, 'compacted-to'),
    scannedBytes: scan.scannedBytes,
  };
}

async function openSegments(storage: Storage, directory: string, clock: Clock): Promise<Segment[]> {
  const names = await storage.list(directory);
  const bases = names.filter(name => /^\d{20}\.log$/.test(name)).map(name => Number(name.slice(0, 20)));
  const orphans = names.filter(name => /\.(index|timeindex)$|\.tmp$/.test(name));
  for (const name of orphans) {
    if (name.endsWith('.tmp') || !bases.includes(Number(name.slice(0, 20)))) {
      await storage.remove(`${directory}/${name}`);
    }
  }
  const segments: Segment[] = [];
  for (const base of bases.length === 0 ? [0] : bases.sort((a, b) => a - b)) {
    segments.push(await Segment.open(storage, directory, base, clock.nowMs()));
  }
  if (bases.length === 0) await storage.syncDir(directory);
  return segments;
}

/**
 * The segment that is written to is as old as its first batch says, so that a restart does not make it
 * young.
 */
async function setAge(active: Segment, nowMs: number): Promise<void> {
  const first = await active.firstTimestamp();
  if (first >= 0) active.createdMs = Math.min(first, nowMs);
}

class RecoveryScan {
  readonly #segments: readonly Segment[];
  readonly #start: DurablePoint;
  readonly #durable: DurablePoint | undefined;
  readonly #compacted: boolean;
  readonly #nowMs: number;
  readonly state: PartitionState;
  nextOffset: number;
  scannedBytes = 0;

  constructor(
    segments: readonly Segment[],
    snapshot: PartitionSnapshot | undefined,
    durable: DurablePoint | undefined,
    compacted: boolean,
    nowMs: number,
  ) {
    this.#segments = segments;
    this.#compacted = compacted;
    this.#nowMs = nowMs;
    const usable = snapshot !== undefined && segments.some(s => s.baseOffset === snapshot.segmentBase);
    const first = segments[0]!.baseOffset;
    this.#start = usable ? snapshot : { offset: first, segmentBase: first, position: 0 };
    this.#durable = later(durable, usable ? snapshot : undefined);
    this.state = new PartitionState(usable ? snapshot.state : undefined, nowMs);
    this.nextOffset = this.#start.offset;
  }

  get startBase(): number {
    return this.#start.segmentBase;
  }

  async run(): Promise<void> {
    for (const segment of this.#segments) {
      if (segment.baseOffset >= this.#start.segmentBase) await this.#scan(segment);
    }
    // What a killed process wrote may still lie in the page cache only: make it durable before anyone
    // relies on it.
    if (this.nextOffset > this.#start.offset) await this.#segments.at(-1)!.file.datasync();
  }

  async #scan(segment: Segment): Promise<void> {
    const from = segment.baseOffset === this.#start.segmentBase ? this.#start.position : 0;
    if (from > segment.sizeBytes)
      throw corrupt(segment, `ends at ${segment.sizeBytes}, before what was flushed`);
    if (from === 0 && !this.#mayFollow(segment.baseOffset)) {
      throw corrupt(segment, `should begin with offset ${this.nextOffset}`);
    }
    this.nextOffset = Math.max(this.nextOffset, segment.baseOffset);
    const index = await segment.loadIndex({ offset: this.nextOffset, position: from });
    const end = await scanBatches(segment.file, from, segment.sizeBytes, (batch, position, bytes, start) => {
      if (!this.#mayFollow(batch.baseOffset)) return false;
      index.add(batch.lastOffset, position, batch.sizeBytes, batch.maxTimestamp);
      this.state.apply(appliedBatch(batch, bytes, start), this.#nowMs);
      this.nextOffset = batch.lastOffset + 1;
      return true;
    });
    this.scannedBytes += segment.sizeBytes - from;
    if (end < segment.sizeBytes) await this.#cutTail(segment, end);
    else this.#expectDurable(segment, end);
  }

  /** Compaction leaves gaps; elsewhere one offset follows the other. */
  #mayFollow(offset: number): boolean {
    return this.#compacted ? offset >= this.nextOffset : offset === this.nextOffset;
  }

  /** Only the last segment can have a torn tail: a roll flushes the former one. */
  async #cutTail(segment: Segment, end: number): Promise<void> {
    if (segment !== this.#segments.at(-1)) throw corrupt(segment, `has a broken batch at byte ${end}`);
    this.#expectDurable(segment, end);
    await segment.truncate(end);
    await segment.file.datasync();
  }

  #expectDurable(segment: Segment, end: number): void {
    const durable = this.#durable;
    // What lies before the last segment is whole, or refused already, and may be compacted since.
    if (segment !== this.#segments.at(-1)) return;
    if (durable?.segmentBase === segment.baseOffset && end < durable.position) {
      throw corrupt(
        segment,
        `has a broken batch at byte ${end}, before byte ${durable.position} that was flushed`,
      );
    }
  }
}

function later(a: DurablePoint | undefined, b: DurablePoint | undefined): DurablePoint | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.offset >= b.offset ? a : b;
}

/** What the partition's state needs of a stored batch. */
function appliedBatch(batch: BatchHeader, bytes: Uint8Array, start: number): AppliedBatch {
  const marker = batch.control ? markerAt(bytes, start) : null;
  return {
    ...(marker === null ? {} : { coordinatorEpoch: coordinatorEpochAt(bytes, start) }),
    maxTimestamp: batch.maxTimestamp,
    baseOffset: batch.baseOffset,
    lastOffset: batch.lastOffset,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    // Of what compaction left, the sequences are those of all that were there.
    recordCount: batch.lastOffset - batch.baseOffset + 1,
    transactional: batch.transactional,
    marker,
  };
}

function corrupt(segment: Segment, what: string): MillraceError {
  return new MillraceError('LOG_CORRUPT', `${segment.path} ${what}; restore the file or remove the topic`);
}
