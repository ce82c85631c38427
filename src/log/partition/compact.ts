import { failpoint } from '../../core/mod.ts';
import { type BatchHeader, decodeRecords, encodeKept, forEachRecord } from '../codec/mod.ts';
import type { LogRecord } from '../log.ts';
import type { Storage, StorageFile } from '../storage/storage.ts';
import type { PartitionState } from './partition-state.ts';
import { fileName, Segment, scanBatches } from './segment.ts';
import type { SegmentList } from './segment-list.ts';

/** How long a tombstone stays, so that slow readers see it (Kafka's `delete.retention.ms`). */
const TOMBSTONE_RETENTION_MS = 86_400_000;
/**
 * The share of bytes not yet compacted from which on it is worth while (Kafka's
 * `min.cleanable.dirty.ratio`).
 */
const DIRTY_SHARE_MIN = 0.5;
/** Bounds the memory of one pass; what lies behind is left for the next. */
const KEYS_MAX = 2_000_000;
const WRITE_BYTES = 4 << 20;

/** What a compaction works on. */
export interface CompactionContext {
  readonly storage: Storage;
  readonly directory: string;
  readonly segments: SegmentList;
  readonly state: PartitionState;
  readonly nowMs: number;
}

/** The first segments that are closed, decided (no open transaction) and old enough. */
export async function compactable(
  candidates: readonly Segment[],
  segments: SegmentList,
  stableOffset: number,
  newestMs: number,
): Promise<readonly Segment[]> {
  const found: Segment[] = [];
  for (const segment of candidates) {
    const next = segments.after(segment);
    if (next === undefined || next.baseOffset > stableOffset) break;
    if ((await segment.maxTimestamp()) > newestMs) break;
    found.push(segment);
  }
  return found;
}

/** True when at least half of the bytes are new since the last compaction. */
export function worthCompacting(segments: readonly Segment[], compactedTo: number): boolean {
  let [dirty, total] = [0, 0];
  for (const segment of segments) {
    total += segment.sizeBytes;
    if (segment.baseOffset >= compactedTo) dirty += segment.sizeBytes;
  }
  return dirty > 0 && dirty >= total * DIRTY_SHARE_MIN;
}

/**
 * Write each segment anew with the last record of each key only; offsets stay. Aborted records and
 * transaction markers go, committed ones become plain. Each segment is replaced by an atomic rename: a crash
 * leaves it old or new.
 */
export async function compactSegments(
  context: CompactionContext,
  segments: readonly Segment[],
): Promise<void> {
  const latest = await latestOffsets(context.state, segments);
  for (const segment of segments) await compactSegment(context, segment, latest);
}

/** Keys as latin1 text: one char per byte, exact. */
const textOf = (key: Uint8Array): string =>
  Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');

async function latestOffsets(
  state: PartitionState,
  segments: readonly Segment[],
): Promise<ReadonlyMap<string, number>> {
  const latest = new Map<string, number>();
  for (const segment of segments) {
    await scanBatches(segment.file, 0, segment.sizeBytes, (batch, _, bytes, start) => {
      if (latest.size > KEYS_MAX) return false;
      if (!isVisible(state, batch)) return true;
      forEachRecord(bytes.subarray(start, start + batch.sizeBytes), {}, cursor => {
        if (cursor.keyLength < 0) return;
        const key = cursor.bytes.subarray(cursor.keyStart, cursor.keyStart + cursor.keyLength);
        latest.set(textOf(key), cursor.offset);
      });
      return true;
    });
  }
  return latest;
}

function isVisible(state: PartitionState, batch: BatchHeader): boolean {
  return !batch.control && !(batch.transactional && state.isAborted(batch.producerId, batch.baseOffset));
}

async function compactSegment(
  context: CompactionContext,
  segment: Segment,
  latest: ReadonlyMap<string, number>,
): Promise<void> {
  const { storage, directory, segments } = context;
  const temporary = `${directory}/${fileName(segment.baseOffset, 'log')}.tmp`;
  await storage.remove(temporary);
  const file = await storage.open(temporary);
  try {
    await writeKept(context, segment, latest, file);
    await file.datasync();
  } finally {
    await file.close();
  }
  // The indexes go first: whichever file a crash leaves, they are made from it.
  await segment.removeIndex();
  await storage.syncDir(directory);
  failpoint('log.compact.rename.before');
  await storage.rename(temporary, segment.path);
  failpoint('log.compact.rename.after');
  await storage.syncDir(directory);
  await segments.replace(
    segment,
    await Segment.open(storage, directory, segment.baseOffset, segment.createdMs),
  );
}

async function writeKept(
  context: CompactionContext,
  segment: Segment,
  latest: ReadonlyMap<string, number>,
  file: StorageFile,
): Promise<void> {
  const isKept = (record: LogRecord): boolean => {
    if (record.key === null) return true;
    const last = latest.get(textOf(record.key));
    if (last !== undefined && last > record.offset) return false;
    return record.value !== null || context.nowMs - record.timestampMs < TOMBSTONE_RETENTION_MS;
  };
  let written = 0;
  for (let position = 0; position < segment.sizeBytes; ) {
    const chunks: Uint8Array[] = [];
    let bytesKept = 0;
    const end = await scanBatches(segment.file, position, segment.sizeBytes, (batch, _, bytes, start) => {
      if (bytesKept >= WRITE_BYTES) return false;
      const kept = keptOf(context.state, batch, bytes.subarray(start, start + batch.sizeBytes), isKept);
      if (kept !== null) chunks.push(kept);
      bytesKept += kept?.length ?? 0;
      return true;
    });
    await file.write(written, chunks);
    written += bytesKept;
    if (end === position) throw segment.brokenAt(position);
    position = end;
  }
}

/** The batch without the records that go; null when none stays. */
function keptOf(
  state: PartitionState,
  batch: BatchHeader,
  bytes: Uint8Array,
  isKept: (record: LogRecord) => boolean,
): Uint8Array | null {
  if (!isVisible(state, batch)) return null;
  const records = decodeRecords(bytes).filter(isKept);
  if (records.length === 0) return null;
  return records.length === batch.recordCount && !batch.transactional ? bytes : encodeKept(batch, records);
}
