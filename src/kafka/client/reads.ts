import { MillraceError } from '../../core/mod.ts';
import {
  batchSizeAt,
  type IsolationLevel,
  lastOffsetAt,
  type PartitionOffsets,
  type ReadResult,
  type TopicPartition,
  wholeBatchBytes,
} from '../../log/mod.ts';
import { FETCH, LIST_OFFSETS, type ReadResponse } from '../messages/mod.ts';
import type { Cluster } from './cluster.ts';
import { check, isKafka } from './failures.ts';

/** The last version of Fetch that names topics; later ones have ids. */
export const FETCH_VERSION_MAX = 12;
const LIST_OFFSETS_VERSION_MAX = 7;
/** ListOffsets' words for the end and the start of a partition. */
const LATEST = -1;
const EARLIEST = -2;

/** A broker answers one connection in turn: so many readers are served at once. */
const READ_LANES = 4;

export type FetchedPartition = ReadResponse<typeof FETCH>['responses'][number]['partitions'][number];

/** What a partition is asked for in a Fetch. */
export interface FetchedAt extends TopicPartition {
  readonly offset: number;
  readonly maxBytes: number;
}

export const isolationCode = (isolation: IsolationLevel): number => (isolation === 'read_committed' ? 1 : 0);

/** A Fetch of partitions outside of any session. */
export function fetchOf(
  partitions: readonly FetchedAt[],
  isolation: IsolationLevel,
  wait: { readonly maxWaitMs: number; readonly minBytes: number; readonly maxBytes: number },
) {
  const topics = new Map<string, { partition: number; fetchOffset: number; partitionMaxBytes: number }[]>();
  for (const { topic, partition, offset, maxBytes } of partitions) {
    const known = topics.get(topic) ?? [];
    topics.set(topic, known);
    known.push({ partition, fetchOffset: offset, partitionMaxBytes: maxBytes });
  }
  return {
    ...wait,
    isolationLevel: isolationCode(isolation),
    topics: Array.from(topics, ([topic, asked]) => ({ topic, partitions: asked })),
    forgottenTopicsData: [],
  };
}

/** Reading of a cluster's partitions: records, ends, times. */
export class ClusterReads {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Stored batches from `offset` on, without waiting for any. OFFSET_OUT_OF_RANGE, UNKNOWN_TOPIC. */
  async read(
    at: TopicPartition,
    offset: number,
    maxBytes: number,
    isolation: IsolationLevel,
    into?: Uint8Array,
  ): Promise<ReadResult> {
    if (offset < 0) throw outOfRange(at, offset);
    const found = await this.#cluster.retrying(`reading ${at.topic}-${at.partition}`, () =>
      this.#fetch(at, offset, maxBytes, isolation),
    );
    const { highWatermark, lastStableOffset, logStartOffset, abortedTransactions } = found;
    const stored = found.records ?? new Uint8Array(0);
    const whole = stored.subarray(0, wholeBatchBytes(stored));
    const nextOffset = Math.max(offset, endOf(whole));
    const bytes = placed(whole, into);
    return {
      bytes,
      nextOffset,
      aborted:
        isolation === 'read_committed'
          ? (abortedTransactions ?? []).map(a => ({ ...a, producerId: BigInt(a.producerId) }))
          : [],
      logStartOffset,
      logEndOffset: highWatermark,
      highWatermark,
      lastStableOffset: lastStableOffset < 0 ? highWatermark : lastStableOffset,
    };
  }

  async #fetch(
    at: TopicPartition,
    offset: number,
    maxBytes: number,
    isolation: IsolationLevel,
  ): Promise<FetchedPartition> {
    return this.atLeader(at, async leader => {
      const connection = await this.#cluster.brokers.node(leader, laneOf(at));
      const wait = { maxWaitMs: 0, minBytes: 0, maxBytes };
      const question = fetchOf([{ ...at, offset, maxBytes }], isolation, wait);
      const answer = await connection.request(FETCH, question, { versionMax: FETCH_VERSION_MAX });
      check(answer.errorCode);
      const found = answer.responses[0]?.partitions[0];
      if (found === undefined) throw new MillraceError('INTERNAL', 'a broker answered for no partition');
      try {
        check(found.errorCode);
      } catch (error) {
        throw isKafka(error, 'OFFSET_OUT_OF_RANGE') ? outOfRange(at, offset) : error;
      }
      return found;
    });
  }

  /** Asks the partition's leader; where that fails, it is looked for anew the next time. */
  async atLeader<T>(at: TopicPartition, ask: (leader: number) => Promise<T>): Promise<T> {
    const leader = await this.#cluster.leader(at);
    try {
      return await ask(leader);
    } catch (error) {
      if (!(error instanceof MillraceError)) this.#cluster.forget(at.topic);
      throw error;
    }
  }

  /** Start, high watermark and last stable offset. */
  async offsets(at: TopicPartition): Promise<PartitionOffsets> {
    return this.#cluster.retrying(`asking for the offsets of ${at.topic}-${at.partition}`, async () => {
      // In this order, so that no offset is beyond the one asked for after it.
      const [logStartOffset, lastStableOffset, highWatermark] = await Promise.all([
        this.#listOffset(at, EARLIEST, 'read_uncommitted'),
        this.#listOffset(at, LATEST, 'read_committed'),
        this.#listOffset(at, LATEST, 'read_uncommitted'),
      ]);
      return { logStartOffset, lastStableOffset, highWatermark, logEndOffset: highWatermark };
    });
  }

  /** Where readers of this isolation level end. */
  end(at: TopicPartition, isolation: IsolationLevel): Promise<number> {
    return this.#cluster.retrying(`asking for the end of ${at.topic}-${at.partition}`, () =>
      this.#listOffset(at, LATEST, isolation),
    );
  }

  async offsetForTime(at: TopicPartition, timestampMs: number): Promise<number | undefined> {
    const doing = `looking for a time in ${at.topic}-${at.partition}`;
    // Negative times are ListOffsets' own words; no record is as old.
    const time = Math.max(0, Math.floor(timestampMs));
    const found = await this.#cluster.retrying(doing, () => this.#listOffset(at, time, 'read_uncommitted'));
    return found < 0 ? undefined : found;
  }

  async #listOffset(at: TopicPartition, timestamp: number, isolation: IsolationLevel): Promise<number> {
    return this.atLeader(at, async leader => {
      const connection = await this.#cluster.brokers.node(leader);
      const partitions = [{ partitionIndex: at.partition, timestamp }];
      const topics = [{ name: at.topic, partitions }];
      const question = { replicaId: -1, isolationLevel: isolationCode(isolation), topics };
      const answer = await connection.request(LIST_OFFSETS, question, {
        versionMax: LIST_OFFSETS_VERSION_MAX,
      });
      const found = answer.topics[0]?.partitions[0];
      if (found === undefined) throw new MillraceError('INTERNAL', 'a broker answered for no partition');
      check(found.errorCode);
      return found.offset;
    });
  }
}

const outOfRange = ({ topic, partition }: TopicPartition, offset: number): MillraceError =>
  new MillraceError('OFFSET_OUT_OF_RANGE', `${topic}-${partition} has no offset ${offset}`);

/** Behind the last record of whole batches; -1 where there is none. */
function endOf(batches: Uint8Array): number {
  let end = -1;
  for (let start = 0; start < batches.length; start += batchSizeAt(batches, start)) {
    end = lastOffsetAt(batches, start) + 1;
  }
  return end;
}

/** Readers of a partition stay on one lane, neighbours are on different ones. */
function laneOf({ topic, partition }: TopicPartition): string {
  let sum = partition;
  for (let i = 0; i < topic.length; i++) sum += topic.charCodeAt(i);
  return `read ${sum % READ_LANES}`;
}

/** In memory of their own, which may go to another thread, or in that which is given where it has room. */
function placed(batches: Uint8Array, into: Uint8Array | undefined): Uint8Array {
  if (into === undefined || batches.length > into.length) return new Uint8Array(batches);
  into.set(batches);
  return into.subarray(0, batches.length);
}
