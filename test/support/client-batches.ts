import { crc32c } from '@node-rs/crc32';
import { seededRng } from '../../src/core/mod.ts';
import {
  type CompressionName,
  encodeBatch,
  PLAIN_PRODUCER,
  withCompression,
} from '../../src/log/codec/mod.ts';
import type { NewRecord } from '../../src/log/mod.ts';
import { type LogBroker, type LogSettings, openEmbeddedLog } from '../../src/log/mod.ts';
import { MemoryDisk } from './memory-disk.ts';
import { TestClock } from './test-clock.ts';

/** Who sends a batch; left out: nobody. */
export interface BatchOptions {
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly transactional?: boolean;
  readonly codec?: CompressionName;
  readonly nowMs?: number;
}

/** A batch as clients send it. */
export function clientBatch(records: readonly NewRecord[], options: BatchOptions = {}): Uint8Array {
  const { producerId, producerEpoch = 0, baseSequence = 0, transactional = false } = options;
  const producer =
    producerId === undefined ? PLAIN_PRODUCER : { producerId, producerEpoch, baseSequence, transactional };
  const { bytes } = encodeBatch(records, 0, records.length, producer, options.nowMs ?? 0);
  return withCompression(bytes, options.codec ?? 'none');
}

/** The batch changed by `change`, with a checksum that is right again. */
export function resealed(batch: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const bytes = batch.slice();
  const view = new DataView(bytes.buffer);
  change(view);
  view.setUint32(17, crc32c(bytes.subarray(21)));
  return bytes;
}

/** A log on a disk in memory, with a clock that stands. */
export async function brokerWorld(settings: Partial<LogSettings> = {}, seed = 11) {
  const disk = new MemoryDisk(seededRng(seed));
  const clock = new TestClock();
  const open = (): Promise<LogBroker> =>
    openEmbeddedLog({ storage: disk.mount(), clock, directory: '/log', ...settings });
  return { disk, clock, open, log: await open() };
}

/** What Produce with acks=all asks for. */
export const ALL = { origin: 'client', requiredAcks: -1 } as const;
