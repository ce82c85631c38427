import type { LogSettings } from '../settings.ts';

export interface SegmentAge {
  readonly sizeBytes: number;
  /** Of its records; -1 when it has none. */
  readonly maxTimestamp: number;
  /** Offset behind its last record. */
  readonly nextOffset: number;
}

/**
 * How many of the first segments may go, as Kafka decides: those whose newest record is older than
 * `retentionMs`, and those without which the rest still has `retentionBytes`. Nothing at or above
 * `stableOffset` goes.
 */
export function expiredSegments(
  segments: readonly SegmentAge[],
  settings: Pick<LogSettings, 'retentionMs' | 'retentionBytes'>,
  nowMs: number,
  stableOffset: number,
): number {
  let left = segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
  let count = 0;
  for (const segment of segments) {
    left -= segment.sizeBytes;
    const tooOld = settings.retentionMs >= 0 && nowMs - segment.maxTimestamp > settings.retentionMs;
    const tooMuch = settings.retentionBytes >= 0 && left >= settings.retentionBytes;
    const unused = segment.sizeBytes === 0 && segment === segments.at(-1);
    if (unused || segment.nextOffset > stableOffset || !(tooOld || tooMuch)) break;
    count++;
  }
  return count;
}
