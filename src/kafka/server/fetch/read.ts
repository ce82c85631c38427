import type { Clock } from '../../../core/mod.ts';
import type { IsolationLevel, LogBroker, ReadResult, TopicPartition } from '../../../log/mod.ts';
import { kafkaErrorOf } from '../../../log/mod.ts';
import { LEADER_EPOCH } from '../context.ts';
import type { ReadLease } from './read-memory.ts';
import type { WantedPartition } from './sessions.ts';

/** What was read of one partition. */
export interface Reading {
  readonly wanted: WantedPartition;
  /** Null where the topic is not there. */
  readonly at: TopicPartition | null;
  /** What was thrown instead, once. */
  error: unknown;
  /** Where the log parts from what the client has; null as a rule. */
  diverging: { readonly epoch: number; readonly endOffset: number } | null;
  highWatermark: number;
  lastStableOffset: number;
  logStartOffset: number;
  chunks: Uint8Array[];
  bytes: number;
  aborted: ReadResult['aborted'][number][];
  nextOffset: number;
}

/** How much and how long. */
export interface ReadLimits {
  readonly isolation: IsolationLevel;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly maxWaitMs: number;
  /** Bytes that an answer may have now: fewer while memory is short. */
  bytesMaxNow(): number;
}

/** How often whoever waits with bytes in hand looks whether memory has become short. */
const LOOK_MS = 1_000;

/** A partition of which nothing is known yet. */
export function newReading(wanted: WantedPartition, at: TopicPartition | null, error: unknown): Reading {
  return {
    ...{ wanted, at, error, diverging: null },
    ...{ highWatermark: -1, lastStableOffset: -1, logStartOffset: -1 },
    ...{ chunks: [], bytes: 0, aborted: [], nextOffset: wanted.fetchOffset },
  };
}

/** Reads for one Fetch request: at once what is there, and waits for more where that is too little. */
export class PartitionsReader {
  readonly #broker: LogBroker;
  readonly #readings: readonly Reading[];
  readonly #limits: ReadLimits;
  readonly #lease: ReadLease;
  #bytes = 0;
  #mustAnswer: boolean;

  constructor(broker: LogBroker, readings: readonly Reading[], limits: ReadLimits, lease: ReadLease) {
    this.#broker = broker;
    this.#lease = lease;
    this.#readings = readings;
    this.#limits = limits;
    this.#mustAnswer = readings.length === 0 || readings.some(({ error }) => error !== undefined);
  }

  /** Resolves when there is an answer to give: enough bytes, an error, the end of the time, or the signal. */
  async run(clock: Clock, signal: AbortSignal): Promise<void> {
    for (const reading of this.#readings) await this.#read(reading);
    if (this.#isDone || this.#limits.maxWaitMs <= 0 || signal.aborted) return;
    await this.#wait(clock, signal);
  }

  get #isDone(): boolean {
    const { minBytes, maxBytes, bytesMaxNow } = this.#limits;
    return this.#mustAnswer || this.#bytes >= Math.min(minBytes, maxBytes, bytesMaxNow());
  }

  /** One timer and one promise over all partitions: nothing happens until one of them has something new. */
  async #wait(clock: Clock, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const end = (): void => over.abort();
    signal.addEventListener('abort', end, { once: true });
    const changed = new Set<Reading>();
    let wake: () => void = () => undefined;
    const stops = new Map<Reading, () => void>();
    const watch = (reading: Reading): void => {
      const isNew = (): void => {
        changed.add(reading);
        wake();
      };
      stops.set(reading, this.#broker.watch(reading.at!, reading.nextOffset, this.#limits.isolation, isNew));
    };
    const timeout = clock.sleep(this.#limits.maxWaitMs, over.signal).then(end, () => undefined);
    try {
      for (const reading of this.#readings) watch(reading);
      while (!over.signal.aborted) {
        const woken = new Promise<void>(resolve => {
          wake = resolve;
        });
        if (changed.size === 0) {
          const look = this.#bytes > 0 ? clock.sleep(LOOK_MS, over.signal).catch(() => undefined) : timeout;
          await Promise.race([woken, timeout, look]);
        }
        const found = [...changed];
        changed.clear();
        for (const reading of found) await this.#read(reading);
        if (this.#isDone) return;
        for (const reading of found) watch(reading);
      }
    } catch (error) {
      // A partition that went away between reading and watching: the next request is told so.
      if (kafkaErrorOf(error) === undefined) throw error;
    } finally {
      over.abort();
      signal.removeEventListener('abort', end);
      for (const stop of stops.values()) stop();
      await timeout;
    }
  }

  async #read(reading: Reading): Promise<void> {
    const { at, wanted } = reading;
    if (at === null || reading.error !== undefined) return;
    try {
      const left = Math.min(wanted.partitionMaxBytes - reading.bytes, this.#limits.maxBytes - this.#bytes);
      // The first batch of an answer goes out however large it is, or its reader would be stuck.
      const isFree = this.#bytes === 0;
      if (left > 0 || isFree) await this.#readUpTo(reading, at, Math.max(left, 0), isFree);
      else {
        // Nothing more of it fits: whoever waited on would be woken by what is there for ever.
        take(reading, await this.#broker.offsets(at));
        this.#mustAnswer = true;
      }
    } catch (error) {
      await this.#fail(reading, at, error);
    }
  }

  async #readUpTo(reading: Reading, at: TopicPartition, bytesMax: number, isFree: boolean): Promise<void> {
    const { isolation } = this.#limits;
    const room = this.#lease.room();
    const read = await this.#broker.read(at, reading.nextOffset, bytesMax, isolation, room);
    take(reading, read);
    const { bytes, aborted, nextOffset } = read;
    this.#lease.took(bytes);
    if (bytes.length === 0) {
      reading.nextOffset = nextOffset;
      return;
    }
    if (bytes.length > bytesMax && !isFree) {
      this.#mustAnswer = true;
      return;
    }
    reading.chunks.push(bytes);
    reading.bytes += bytes.length;
    this.#bytes += bytes.length;
    reading.aborted.push(...aborted);
    // What is aborted here holds up to its marker, which compaction may have taken out of these bytes:
    // nothing of what comes behind joins them in one answer.
    if (aborted.length > 0) this.#mustAnswer = true;
    reading.nextOffset = nextOffset;
  }

  /**
   * An offset beyond the end that was read with an epoch: the client is told where to go back to (KIP-595).
   */
  async #fail(reading: Reading, at: TopicPartition, error: unknown): Promise<void> {
    this.#mustAnswer = true;
    // What was read before the error is the answer; the next request meets the error itself.
    if (reading.bytes > 0) return;
    const { lastFetchedEpoch, fetchOffset } = reading.wanted;
    if (lastFetchedEpoch === LEADER_EPOCH && kafkaErrorOf(error) === 'OFFSET_OUT_OF_RANGE') {
      const offsets = await this.#broker.offsets(at);
      take(reading, offsets);
      if (fetchOffset > offsets.logEndOffset) {
        reading.diverging = { epoch: LEADER_EPOCH, endOffset: offsets.logEndOffset };
        return;
      }
    }
    reading.error = error;
  }
}

function take(
  reading: Reading,
  offsets: Pick<ReadResult, 'highWatermark' | 'lastStableOffset' | 'logStartOffset'>,
) {
  reading.highWatermark = offsets.highWatermark;
  reading.lastStableOffset = offsets.lastStableOffset;
  reading.logStartOffset = offsets.logStartOffset;
}
