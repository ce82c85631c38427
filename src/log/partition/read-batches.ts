import {
  BATCH_HEADER_BYTES,
  type BatchHeader,
  batchIsIntact,
  batchSizeAt,
  lastOffsetAt,
  readBatchHeader,
} from '../codec/mod.ts';
import type { Segment } from './segment.ts';
import type { SegmentList } from './segment-list.ts';

/** Where a batch lies. */
export interface BatchPlace {
  readonly segment: Segment;
  readonly position: number;
}

/** Whole batches back to back, and where the next ones lie. */
export interface BatchRun {
  readonly bytes: Uint8Array;
  readonly nextOffset: number;
  readonly next: BatchPlace;
}

const NOTHING = new Uint8Array(0);

/** Find the batch that holds `offset`, which lies below the high watermark. */
export async function placeOf(segments: SegmentList, offset: number): Promise<BatchPlace> {
  const segment = segments.find(offset);
  const index = await segment.index();
  return segment.reading(async file => {
    const header = new Uint8Array(BATCH_HEADER_BYTES);
    let position = index.positionFor(offset);
    while (position < segment.readableBytes) {
      const read = await file.read(position, header);
      const size = batchSizeAt(header, 0);
      if (read < BATCH_HEADER_BYTES || size < 0) throw segment.brokenAt(position);
      if (lastOffsetAt(header, 0) >= offset) break;
      position += size;
    }
    return { segment, position };
  });
}

/**
 * Read whole batches from a place on, up to `maxBytes` (one batch at least) and below the offset `limit`;
 * into the memory given, where they fit there.
 * LOG_CORRUPT naming the file where a checksum fails.
 */
export async function readRun(
  segments: SegmentList,
  from: BatchPlace,
  offset: number,
  limit: number,
  maxBytes: number,
  into?: Uint8Array,
): Promise<BatchRun> {
  const place = readablePlace(segments, from);
  if (place === null) return { bytes: NOTHING, nextOffset: limit, next: from };
  const { segment, position } = place;
  const read = await segment.reading(file => readAtLeastOne(file, segment, position, maxBytes, into));
  const { bytes, nextOffset } = wholeBatches(read, offset, limit, at => segment.brokenAt(position + at));
  // Compaction may have left nothing below the limit.
  const end = bytes.length === 0 ? limit : nextOffset;
  return { bytes, nextOffset: end, next: { segment, position: position + bytes.length } };
}

/** Where there is something to read: the place, or the begin of the next file that is not empty. */
export function readablePlace(segments: SegmentList, from: BatchPlace): BatchPlace | null {
  let { segment, position } = from;
  while (position >= segment.readableBytes) {
    const following = segments.after(segment);
    if (following === undefined) return null;
    segment = following;
    position = 0;
  }
  return { segment, position };
}

/** The batches that are whole and below the limit; `broken` makes the error of one whose checksum fails. */
export function wholeBatches(
  bytes: Uint8Array,
  offset: number,
  limit: number,
  broken: (at: number) => Error,
): { readonly bytes: Uint8Array; readonly nextOffset: number } {
  let end = 0;
  let nextOffset = offset;
  for (
    let size = batchSizeAt(bytes, 0);
    size >= 0 && end + size <= bytes.length;
    size = batchSizeAt(bytes, end)
  ) {
    if (lastOffsetAt(bytes, end) >= limit) break;
    if (!batchIsIntact(bytes, end)) throw broken(end);
    nextOffset = lastOffsetAt(bytes, end) + 1;
    end += size;
  }
  return { bytes: bytes.subarray(0, end), nextOffset };
}

async function readAtLeastOne(
  file: Segment['file'],
  segment: Segment,
  position: number,
  maxBytes: number,
  into?: Uint8Array,
): Promise<Uint8Array> {
  const available = segment.readableBytes - position;
  const wanted = Math.min(available, Math.max(maxBytes, BATCH_HEADER_BYTES));
  const bytes = await readExactly(file, segment, position, wanted, into);
  const first = batchSizeAt(bytes, 0);
  if (first < 0 || first > available) throw segment.brokenAt(position);
  return first <= bytes.length ? bytes : readExactly(file, segment, position, first, into);
}

async function readExactly(
  file: Segment['file'],
  segment: Segment,
  position: number,
  length: number,
  into?: Uint8Array,
): Promise<Uint8Array> {
  const bytes =
    into !== undefined && into.length >= length
      ? into.subarray(0, length)
      : new Uint8Array(Buffer.allocUnsafeSlow(length).buffer, 0, length);
  if ((await file.read(position, bytes)) < length) throw segment.brokenAt(position);
  return bytes;
}

/** The first offset at or above `from`, below `limit`, whose batch may hold a timestamp >= the asked one. */
export async function placeOfTime(
  segments: SegmentList,
  timestampMs: number,
  limit: number,
): Promise<number | undefined> {
  for (const segment of segments.all()) {
    if (segment.baseOffset >= limit) return undefined;
    if ((await segment.maxTimestamp()) < timestampMs) continue;
    const index = await segment.index();
    let place = await placeOf(segments, Math.max(index.offsetFor(timestampMs), segment.baseOffset));
    const header = new Uint8Array(BATCH_HEADER_BYTES);
    while (place.position < segment.readableBytes) {
      await segment.reading(file => file.read(place.position, header));
      const batch = readBatchHeader(header, 0);
      if (batch.baseOffset >= limit) return undefined;
      if (!batch.control && batch.recordCount > 0 && batch.maxTimestamp >= timestampMs) {
        return batch.baseOffset;
      }
      place = { segment, position: place.position + batch.sizeBytes };
    }
  }
  return undefined;
}

/** The first batch of data at or behind `from`, below `limit`, with the largest time. */
export async function newestBatch(
  segments: SegmentList,
  from: number,
  limit: number,
): Promise<BatchHeader | undefined> {
  let newest: BatchHeader | undefined;
  for (const segment of segments.all()) {
    const most = newest?.maxTimestamp ?? Number.NEGATIVE_INFINITY;
    if (segment.baseOffset >= limit) break;
    if (newest !== undefined && (await segment.maxTimestamp()) <= most) continue;
    const first = segment.baseOffset >= from ? 0 : (await placeOf(segments, from)).position;
    const found = await segment.reading(file => newestIn(file, segment, first, limit));
    if (found !== undefined && found.maxTimestamp > most) newest = found;
  }
  return newest;
}

async function newestIn(
  file: Segment['file'],
  segment: Segment,
  from: number,
  limit: number,
): Promise<BatchHeader | undefined> {
  const header = new Uint8Array(BATCH_HEADER_BYTES);
  let newest: BatchHeader | undefined;
  for (let position = from; position < segment.readableBytes; ) {
    const read = await file.read(position, header);
    if (read < BATCH_HEADER_BYTES || batchSizeAt(header, 0) < 0) throw segment.brokenAt(position);
    const batch = readBatchHeader(header, 0);
    if (batch.baseOffset >= limit) break;
    if (!batch.control && batch.recordCount > 0 && batch.maxTimestamp > (newest?.maxTimestamp ?? -1)) {
      newest = batch;
    }
    position += batch.sizeBytes;
  }
  return newest;
}
