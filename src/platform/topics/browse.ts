import type { Clock } from '../../core/mod.ts';
import type { PartitionScan, ScanCost } from './partition-scan.ts';
import type { RecordView } from './record-view.ts';

/** How far one question may go. Whoever asks goes on from where it ended. */
export interface BrowseBounds {
  /** Records to answer. */
  readonly limit: number;
  /** Records and bytes to read on the way. */
  readonly scanRecordsMax: number;
  readonly scanBytesMax: number;
}

/** Why a question ended: enough found, nothing left, or as far as it may go. */
export type BrowseEnd = 'limit' | 'end' | 'bound' | 'stopped';

export interface BrowseProgress {
  readonly scannedRecords: number;
  readonly scannedBytes: number;
  readonly found: number;
}

export type BrowseEvent =
  | { readonly kind: 'records'; readonly records: readonly RecordView[] }
  | { readonly kind: 'progress'; readonly progress: BrowseProgress }
  | {
      readonly kind: 'end';
      readonly reason: BrowseEnd;
      readonly progress: BrowseProgress;
      /** By partition: where the same question goes on. */
      readonly next: Readonly<Record<number, number>>;
    };

export interface BrowseOptions extends BrowseBounds {
  readonly direction: 'forward' | 'backward';
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const PROGRESS_MS = 200;
const RECORDS_AT_ONCE = 100;

/**
 * Merges the records of some partitions by their time, oldest first or latest first: partitions keep their
 * order, and between them the one whose next record is due comes first.
 */
export async function* browse(
  scans: readonly PartitionScan[],
  options: BrowseOptions,
): AsyncGenerator<BrowseEvent> {
  const { clock, signal, limit } = options;
  const spent = { records: 0, bytes: 0 };
  let found = 0;
  let toldMs = clock.monotonicMs();
  const progress = (): BrowseProgress => ({
    ...{ scannedRecords: spent.records, scannedBytes: spent.bytes, found },
  });
  const end = (reason: BrowseEnd): BrowseEvent => ({
    ...{ kind: 'end', reason, progress: progress() },
    next: Object.fromEntries(scans.map(scan => [scan.partition, scan.resumeAt()])),
  });
  while (!signal.aborted) {
    const due = takeDue(scans, options.direction, Math.min(RECORDS_AT_ONCE, limit - found), false);
    found += due.length;
    if (due.length > 0) yield { kind: 'records', records: due };
    if (found >= limit) return yield end('limit');
    const lacking = scans.filter(scan => scan.found.length === 0 && !scan.done);
    if (lacking.length === 0 && scans.every(scan => scan.found.length === 0)) return yield end('end');
    if (spent.records >= options.scanRecordsMax || spent.bytes >= options.scanBytesMax) {
      const rest = takeDue(scans, options.direction, limit - found, true);
      found += rest.length;
      if (rest.length > 0) yield { kind: 'records', records: rest };
      return yield end(found >= limit ? 'limit' : 'bound');
    }
    add(spent, await Promise.all(lacking.map(scan => scan.readMore())));
    if (clock.monotonicMs() - toldMs >= PROGRESS_MS) {
      toldMs = clock.monotonicMs();
      yield { kind: 'progress', progress: progress() };
    }
  }
  yield end('stopped');
}

function add(spent: { records: number; bytes: number }, costs: readonly ScanCost[]): void {
  for (const { records, bytes } of costs) {
    spent.records += records;
    spent.bytes += bytes;
  }
}

/**
 * Takes up to `count` records in order of time. While a partition has none found and is not done, nothing can
 * be said about what comes next: then none are taken, unless `anyway`.
 */
function takeDue(
  scans: readonly PartitionScan[],
  direction: 'forward' | 'backward',
  count: number,
  anyway: boolean,
): RecordView[] {
  const taken: RecordView[] = [];
  const sign = direction === 'forward' ? 1 : -1;
  while (taken.length < count) {
    if (!anyway && scans.some(scan => scan.found.length === 0 && !scan.done)) break;
    let next: PartitionScan | null = null;
    for (const scan of scans) {
      const [record, best] = [scan.found[0], next?.found[0]];
      if (record && (!best || sign * (record.timestamp - best.timestamp) < 0)) next = scan;
    }
    if (next === null) break;
    taken.push(next.found.shift()!);
  }
  return taken;
}
