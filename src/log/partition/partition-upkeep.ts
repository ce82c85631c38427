import type { CompactionSettings, TopicSettings } from '../settings.ts';
import { type CompactionContext, compactable, compactSegments, worthCompacting } from './compact.ts';
import { expiredSegments } from './retention.ts';
import type { SegmentList } from './segment-list.ts';

/** How many of the first segments retention takes. */
export async function expiredCount(
  segments: SegmentList,
  settings: TopicSettings,
  nowMs: number,
  { stable, end }: { readonly stable: number; readonly end: number },
): Promise<number> {
  const described = await Promise.all(
    segments.all().map(async segment => ({
      sizeBytes: segment.sizeBytes,
      maxTimestamp: await segment.maxTimestamp(),
      nextOffset: segments.after(segment)?.baseOffset ?? end,
    })),
  );
  return expiredSegments(described, settings, nowMs, stable);
}

/** Compact what is worth it; answers up to where the log is compacted then, null where nothing was done. */
export async function compactPartition(
  context: CompactionContext,
  settings: CompactionSettings,
  at: { readonly stable: number; readonly snapshotBase: number },
): Promise<number | null> {
  const { segments, nowMs } = context;
  const settled = segments.all().filter(segment => segment.baseOffset < at.snapshotBase);
  // Without a lag the times of the records are of no account, those of the future either.
  const newestMs = settings.minLagMs > 0 ? nowMs - settings.minLagMs : Number.POSITIVE_INFINITY;
  const eligible = await compactable(settled, segments, at.stable, newestMs);
  const isWorth = await worthCompacting(eligible, context.compactedTo, settings, nowMs);
  return isWorth ? compactSegments(context, eligible) : null;
}
