import { failpoint } from '../../core/mod.ts';
import { type BatchHeader, decodeRecords, encodeKept, forEachRecord } from '../codec/mod.ts';
import type { CompactionSettings } from '../settings.ts';
import type { Storage, StorageFile } from '../storage/storage.ts';
import type { PartitionState } from './partition-state.ts';
import { fileName, Segment, scanBatches } from './segment.ts';
import type { SegmentList } from './segment-list.ts';

/** Bounds the memory of one pass; what lies behind is left for the next. */
const KEYS_MAX = 2_000_000;
const WRITE_BYTES = 4 << 20;

/** What a compaction works on. */
export interface CompactionContext {
  readonly storage: Storage;
  readonly directory: string;
  readonly segments: SegmentList;
  readonly state: PartitionState;
  /** Up to where the log is compacted. */
  readonly compactedTo: number;
  readonly deleteRetentionMs: number;
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

/**
 * True when enough of the bytes is new since the last compaction (`min.cleanable.dirty.ratio`), or some of it
 * has waited long enough (`max.compaction.lag.ms`).
 */
export async function worthCompacting(
  segments: readonly Segment[],
  compactedTo: number,
  settings: CompactionSettings,
  nowMs: number,
): Promise<boolean> {
  let [dirty, total] = [0, 0];
  let oldest: Segment | undefined;
  for (const segment of segments) {
    total += segment.sizeBytes;
    if (segment.baseOffset < compactedTo) continue;
    dirty += segment.sizeBytes;
    oldest ??= segment;
  }
  if (dirty === 0 || oldest === undefined) return false;
  if (dirty >= total * settings.minDirtyRatio) return true;
  return nowMs - (await oldest.firstTimestamp()) > settings.maxLagMs;
}

/**
 * Write each segment anew with the last record of each key only; offsets stay. Aborted records and
 * transaction markers go, committed ones become plain. Each segment is replaced by an atomic rename: a crash
 * leaves it old or new. Answers the offset behind what is compacted now.
 */
export async function compactSegments(
  context: CompactionContext,
  segments: readonly Segment[],
): Promise<number> {
  const dirty = segments.filter(segment => segment.baseOffset >= context.compactedTo);
  const latest = new Map<string, number>();
  let mapped = 0;
  for (const segment of dirty) {
    if (mapped > 0 && latest.size > KEYS_MAX) break;
    await addLatest(context.state, segment, latest);
    mapped++;
  }
  const last = dirty[mapped - 1]!;
  const end = context.segments.after(last)!.baseOffset;
  for (const segment of segments) {
    if (segment.baseOffset < end) await compactSegment(context, segment, latest);
  }
  return end;
}

/** Keys as latin1 text: one char per byte, exact. */
const textOf = (key: Uint8Array): string =>
  Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');

/** The dirty part alone: in what is compacted each key stands once. */
async function addLatest(
  state: PartitionState,
  segment: Segment,
  latest: Map<string, number>,
): Promise<void> {
  const end = await scanBatches(segment.file, 0, segment.sizeBytes, (batch, _, bytes, start) => {
    if (!isVisible(state, batch)) return true;
    forEachRecord(bytes.subarray(start, start + batch.sizeBytes), {}, cursor => {
      if (cursor.keyLength < 0) return;
      const key = cursor.bytes.subarray(cursor.keyStart, cursor.keyStart + cursor.keyLength);
      latest.set(textOf(key), cursor.offset);
    });
    return true;
  });
  if (end < segment.sizeBytes) throw segment.brokenAt(end);
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
  const isGone = (): boolean => !segments.all().includes(segment);
  if (isGone()) return;
  const temporary = `${directory}/${fileName(segment.baseOffset, 'log')}.tmp`;
  await storage.remove(temporary);
  const file = await storage.open(temporary);
  let isChanged: boolean;
  try {
    isChanged = await writeKept(context, segment, latest, file);
    if (isChanged) await file.datasync();
  } finally {
    await file.close();
  }
  if (!isChanged) return storage.remove(temporary);
  // The indexes go first: whichever file a crash leaves, they are made from it.
  await segment.removeIndex();
  await storage.syncDir(directory);
  failpoint('log.compact.rename.before');
  await storage.rename(temporary, segment.path);
  failpoint('log.compact.rename.after');
  await storage.syncDir(directory);
  const replacement = await Segment.open(storage, directory, segment.baseOffset, segment.createdMs);
  // Deleted meanwhile: the rename has brought it back.
  if (isGone()) return replacement.remove();
  await segments.replace(segment, replacement);
  if (replacement.sizeBytes === 0 && segments.all()[0] !== replacement) {
    await segments.removeEmpty(replacement);
  }
}

/** True where something was left out. */
async function writeKept(
  context: CompactionContext,
  segment: Segment,
  latest: ReadonlyMap<string, number>,
  file: StorageFile,
): Promise<boolean> {
  let [written, isChanged] = [0, false];
  for (let position = 0; position < segment.sizeBytes; ) {
    const chunks: Uint8Array[] = [];
    let bytesKept = 0;
    const end = await scanBatches(segment.file, position, segment.sizeBytes, (batch, _, bytes, start) => {
      if (bytesKept >= WRITE_BYTES) return false;
      const stored = bytes.subarray(start, start + batch.sizeBytes);
      const kept = keptOf(context, batch, stored, latest);
      isChanged ||= kept !== stored;
      if (kept !== null) chunks.push(kept);
      bytesKept += kept?.length ?? 0;
      return true;
    });
    await file.write(written, chunks);
    written += bytesKept;
    if (end === position) throw segment.brokenAt(position);
    position = end;
  }
  return isChanged;
}

/**
 * The batch without the records that go; null when nothing of it stays. The last batch of a producer stays
 * without records: its sequence is that of the next one.
 */
function keptOf(
  context: CompactionContext,
  batch: BatchHeader,
  bytes: Uint8Array,
  latest: ReadonlyMap<string, number>,
): Uint8Array | null {
  const { state, nowMs, deleteRetentionMs } = context;
  const last = state.producers.get(batch.producerId)?.batches.at(-1);
  const isLast = !batch.control && last?.baseOffset === batch.baseOffset;
  if (!isVisible(state, batch)) return isLast ? encodeKept(batch, [], null) : null;
  const { deleteHorizonMs } = batch;
  const records = decodeRecords(bytes).filter(record => {
    if (record.key === null) return true;
    if ((latest.get(textOf(record.key)) ?? record.offset) > record.offset) return false;
    return record.value !== null || deleteHorizonMs === null || nowMs < deleteHorizonMs;
  });
  if (records.length === 0) {
    if (!isLast) return null;
    return batch.recordCount === 0 ? bytes : encodeKept(batch, [], null);
  }
  const hasMarks = records.some(record => record.value === null && record.key !== null);
  const horizon = hasMarks ? (deleteHorizonMs ?? nowMs + deleteRetentionMs) : deleteHorizonMs;
  const isSame = records.length === batch.recordCount && !batch.transactional && horizon === deleteHorizonMs;
  return isSame ? bytes : encodeKept(batch, records, horizon);
}
