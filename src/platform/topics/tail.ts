import type { Clock } from '../../core/mod.ts';
import type { IsolationLevel, Log } from '../../log/mod.ts';
import { type ForwardScan, readableEnd } from './partition-scan.ts';
import type { RecordView } from './record-view.ts';

export interface TailOptions {
  readonly log: Log;
  readonly topic: string;
  readonly isolation: IsolationLevel;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Resolves when the reader can take more. */
  readonly send: (records: readonly RecordView[], skipped: number) => Promise<void>;
}

/** A reader who can't keep up is shown the latest: of each step at most this many, and how many were left out. */
const RECORDS_A_STEP_MAX = 100;
const BEHIND_MAX = 20_000;
const STEP_MS = 100;
const WAIT_MS = 20_000;

/** Goes on with what comes, each partition by itself, until the signal aborts. */
export async function tail(scans: readonly ForwardScan[], options: TailOptions): Promise<void> {
  await Promise.all(scans.map(scan => tailPartition(scan, options)));
}

async function tailPartition(scan: ForwardScan, options: TailOptions): Promise<void> {
  const { log, isolation, clock, signal, send } = options;
  const at = { topic: options.topic, partition: scan.partition };
  while (!signal.aborted) {
    const end = readableEnd(await log.offsets(at), isolation);
    scan.extendTo(end);
    let skipped = 0;
    if (end - scan.resumeAt() > BEHIND_MAX) {
      skipped = end - RECORDS_A_STEP_MAX - scan.resumeAt();
      scan.skipTo(end - RECORDS_A_STEP_MAX);
    }
    if (scan.done) {
      await log.waitFor(at, scan.resumeAt(), isolation, WAIT_MS, signal);
      continue;
    }
    await scan.readMore();
    const found = scan.found.splice(0);
    const shown = found.slice(-RECORDS_A_STEP_MAX);
    skipped += found.length - shown.length;
    if (shown.length > 0 || skipped > 0) await send(shown, skipped);
    await clock.sleep(STEP_MS, signal).catch(() => undefined);
  }
}
