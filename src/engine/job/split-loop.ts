import type { Source, SourceEvent, Split, SplitReader } from '../../contract/mod.ts';
import type { ScanPort } from '../graph.ts';

/** One split being read for a scan. */
export interface OpenSplit {
  readonly port: ScanPort;
  readonly split: Split;
  readonly reader: SplitReader;
  /** Behind the last row delivered to the operators; what a checkpoint stores. */
  position: unknown;
  /** The reader has no more rows; bounded input only. */
  ended: boolean;
  /** The last poll came back empty. */
  idle: boolean;
}

/** All rows that were read have gone to the operators. */
export const isDelivered = ({ ended, reader, position }: OpenSplit): boolean =>
  ended || JSON.stringify(reader.position()) === JSON.stringify(position);

/** How many records are left of each, null where unknown. */
export const lagsOf = (splits: readonly OpenSplit[]): Promise<(number | null)[]> =>
  Promise.all(splits.map(split => (split.ended ? 0 : split.reader.lag())));

/** Open splits of a scan, each at its position. */
export function openSplits(
  port: ScanPort,
  source: Source,
  starts: readonly { readonly id: string; readonly position: unknown }[],
): Promise<OpenSplit[]> {
  return Promise.all(
    starts.map(async ({ id, position }) => {
      const split = { id };
      const reader = await source.open(split, position);
      for (const watermark of port.watermarks) watermark.addSplit(split.id);
      return { port, split, reader, position, ended: false, idle: false };
    }),
  );
}

/** What a split loop asks of its task. */
export interface Delivery {
  readonly signal: AbortSignal;
  /** Runs `deliver` when no barrier is under way, then waits until the sinks have taken the rows. */
  run(deliver: () => void): Promise<void>;
  /** Rows wait for more of them, to leave together. */
  isWaiting(): boolean;
  /** Lets them leave. */
  finish(): Promise<void>;
  ended(): Promise<void>;
}

/** How long one poll may wait for rows; the signal ends it at once. */
const POLL_MS = 500;

/** Read a split until it ends or the signal stops it. A reader's error fails the attempt. */
export async function readSplit(split: OpenSplit, delivery: Delivery): Promise<void> {
  const { reader } = split;
  const reads = (isReading: boolean): void => {
    for (const watermark of split.port.watermarks) watermark.splitReads(split.split.id, isReading);
  };
  reads(true);
  while (!delivery.signal.aborted) {
    const event = await poll(reader, delivery);
    if (delivery.signal.aborted) return;
    reads(event.kind !== 'idle');
    split.idle = event.kind === 'idle';
    if (event.kind === 'end') {
      split.ended = true;
      await delivery.ended();
      return;
    }
    if (event.kind === 'idle' && JSON.stringify(reader.position()) === JSON.stringify(split.position))
      continue;
    // Also without rows the position may have moved: over rejected records, or over tombstones.
    await delivery.run(() => {
      if (event.kind === 'batch') split.port.output.emit(event.batch);
      split.position = reader.position();
    });
  }
}

/** What comes next. Rows that wait for others do so only while there are some at hand. */
async function poll(reader: SplitReader, delivery: Delivery): Promise<SourceEvent> {
  if (delivery.isWaiting()) {
    const event = await reader.poll(0, delivery.signal);
    if (event.kind !== 'idle') return event;
    await delivery.finish();
  }
  return reader.poll(POLL_MS, delivery.signal);
}
