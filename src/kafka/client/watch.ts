import type { IsolationLevel, TopicPartition } from '../../log/mod.ts';
import { FETCH } from '../messages/mod.ts';
import { errorName } from '../protocol/mod.ts';
import type { Cluster } from './cluster.ts';
import { type ClusterReads, FETCH_VERSION_MAX, type FetchedPartition, fetchOf } from './reads.ts';
import { pauseMs } from './retry.ts';

/** How long a broker holds back its answer when nothing happens. */
const POLL_WAIT_MS = 500;
/** What nobody waited for so long is watched no more. */
const IDLE_MS = 30_000;
/** Polls of one broker under way at once: the newest has all partitions, older ones are waited out. */
const LANES_MAX = 4;

interface Watched {
  readonly at: TopicPartition;
  /** Readers have this and nothing beyond it. */
  end: number;
  /** Ends the waiting of those whose offset lies below the end. */
  readonly waiters: Set<{ readonly offset: number; readonly wake: () => void }>;
  lastUsedMs: number;
}

/** What is watched at one broker. */
interface Place {
  readonly nodeId: number;
  /** Partitions that the newest poll does not have. */
  hasNews: boolean;
  newest: number;
  readonly lanes: Set<number>;
  failures: number;
}

/**
 * Waiting for records of a cluster, shared by all who wait: per broker and isolation level one long poll over
 * every partition that somebody waited for lately. It carries hardly any data, only ends: whoever waited
 * reads for himself. A partition that is new begins another poll with all partitions; the one before it
 * runs out.
 */
export class Watch {
  readonly #cluster: Cluster;
  readonly #reads: ClusterReads;
  readonly #isolation: IsolationLevel;
  readonly #watched = new Map<string, Watched>();
  readonly #beginning = new Map<string, Promise<Watched>>();
  readonly #places = new Map<number, Place>();
  readonly #waiting = new Set<() => void>();

  constructor(cluster: Cluster, reads: ClusterReads, isolation: IsolationLevel) {
    this.#cluster = cluster;
    this.#reads = reads;
    this.#isolation = isolation;
  }

  /** Resolves when the end passes `offset`, at the time-out, or when the signal aborts. */
  async waitFor(at: TopicPartition, offset: number, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (timeoutMs <= 0 || signal?.aborted) return;
    const late = new AbortController();
    const abort = (): void => late.abort();
    signal?.addEventListener('abort', abort, { once: true });
    this.#waiting.add(abort);
    const timer = this.#cluster.clock.sleep(timeoutMs, late.signal).catch(() => undefined);
    try {
      const watching = this.#watch(at).then(watched => this.#passed(watched, offset, late.signal));
      await Promise.race([watching, timer]);
    } finally {
      late.abort();
      signal?.removeEventListener('abort', abort);
      this.#waiting.delete(abort);
    }
  }

  /** Ends all waiting. */
  close(): void {
    for (const abort of this.#waiting) abort();
  }

  #passed(watched: Watched, offset: number, signal: AbortSignal): Promise<void> {
    if (watched.end > offset || signal.aborted) return Promise.resolve();
    return new Promise(resolve => {
      const waiter = {
        offset,
        wake: () => {
          watched.waiters.delete(waiter);
          watched.lastUsedMs = this.#cluster.clock.monotonicMs();
          resolve();
        },
      };
      watched.waiters.add(waiter);
      signal.addEventListener('abort', waiter.wake, { once: true });
      void this.#poll(watched.at);
    });
  }

  /** Has the partition watched; its end is at least as fresh as the call where it was not before. */
  #watch(at: TopicPartition): Promise<Watched> {
    const key = `${at.topic}-${at.partition}`;
    const known = this.#watched.get(key);
    if (known !== undefined) {
      known.lastUsedMs = this.#cluster.clock.monotonicMs();
      return Promise.resolve(known);
    }
    let beginning = this.#beginning.get(key);
    if (beginning === undefined) {
      beginning = this.#begin(key, at).finally(() => this.#beginning.delete(key));
      this.#beginning.set(key, beginning);
    }
    return beginning;
  }

  async #begin(key: string, at: TopicPartition): Promise<Watched> {
    const end = await this.#reads.end(at, this.#isolation);
    const lastUsedMs = this.#cluster.clock.monotonicMs();
    const watched: Watched = { at: { ...at }, end, waiters: new Set(), lastUsedMs };
    this.#watched.set(key, watched);
    const leader = this.#cluster.knownLeader(at);
    if (leader !== undefined) this.#placeOf(leader).hasNews = true;
    return watched;
  }

  #placeOf(nodeId: number): Place {
    let place = this.#places.get(nodeId);
    if (place === undefined) {
      place = { nodeId, hasNews: true, newest: 0, lanes: new Set(), failures: 0 };
      this.#places.set(nodeId, place);
    }
    return place;
  }

  /** Makes sure that a poll has this partition, or will have it as soon as a lane is free. */
  async #poll(at: TopicPartition): Promise<void> {
    const leader = await this.#cluster.leader(at).catch(() => undefined);
    if (leader === undefined) return this.#later(at);
    const place = this.#placeOf(leader);
    if (place.lanes.size === 0) place.hasNews = true;
    // Those that come at the same time share a poll.
    if (place.hasNews) queueMicrotask(() => void this.#start(place));
  }

  /** The partition has no leader now. */
  async #later(at: TopicPartition): Promise<void> {
    const watched = this.#watched.get(`${at.topic}-${at.partition}`);
    if (watched === undefined || watched.waiters.size === 0 || this.#cluster.signal.aborted) return;
    await this.#cluster.clock.sleep(pauseMs(5), this.#cluster.signal).catch(() => undefined);
    await this.#poll(at);
  }

  async #start(place: Place): Promise<void> {
    if (!place.hasNews || place.lanes.size >= LANES_MAX || this.#cluster.signal.aborted) return;
    const partitions = this.#partitionsOf(place.nodeId);
    if (partitions.length === 0) return;
    let lane = 0;
    while (place.lanes.has(lane)) lane++;
    place.lanes.add(lane);
    place.hasNews = false;
    const number = ++place.newest;
    try {
      await this.#ask(place.nodeId, lane, partitions);
      place.failures = 0;
    } catch {
      // Who leads what may have changed; the pause keeps a broker that is away from being asked all the time.
      this.#cluster.forget(...partitions.map(({ at }) => at.topic));
      place.failures++;
      await this.#cluster.clock.sleep(pauseMs(place.failures), this.#cluster.signal).catch(() => undefined);
    } finally {
      place.lanes.delete(lane);
    }
    if (number === place.newest) this.#goOn(place);
    else if (place.hasNews) void this.#start(place);
  }

  /** The newest poll is over: the next one has whatever is waited for now, wherever it is led. */
  #goOn(place: Place): void {
    this.#retire();
    if (place.failures > 0) {
      for (const { at, waiters } of this.#watched.values()) if (waiters.size > 0) void this.#poll(at);
      return;
    }
    place.hasNews = true;
    void this.#start(place);
  }

  #partitionsOf(nodeId: number): Watched[] {
    return [...this.#watched.values()].filter(({ at }) => this.#cluster.knownLeader(at) === nodeId);
  }

  #retire(): void {
    const nowMs = this.#cluster.clock.monotonicMs();
    for (const [key, { waiters, lastUsedMs }] of this.#watched) {
      if (waiters.size === 0 && nowMs - lastUsedMs > IDLE_MS) this.#watched.delete(key);
    }
  }

  async #ask(nodeId: number, lane: number, partitions: readonly Watched[]): Promise<void> {
    const connection = await this.#cluster.brokers.node(nodeId, `${this.#isolation} ${lane}`);
    const asked = partitions.map(({ at, end }) => ({ ...at, offset: end, maxBytes: 1 }));
    const wait = { maxWaitMs: POLL_WAIT_MS, minBytes: 1, maxBytes: 1 };
    const question = fetchOf(asked, this.#isolation, wait);
    const options = { versionMax: FETCH_VERSION_MAX, waitsMs: POLL_WAIT_MS };
    const answer = await connection.request(FETCH, question, options);
    for (const { topic, partitions: found } of answer.responses) {
      for (const one of found) await this.#take(`${topic}-${one.partitionIndex}`, one);
    }
  }

  async #take(key: string, found: FetchedPartition): Promise<void> {
    const watched = this.#watched.get(key);
    if (watched === undefined) return;
    const error = errorName(found.errorCode);
    if (error === 'NONE') {
      const isCommitted = this.#isolation === 'read_committed' && found.lastStableOffset >= 0;
      this.#moveTo(watched, isCommitted ? found.lastStableOffset : found.highWatermark);
      return;
    }
    // The topic was made anew, its records were deleted, or another broker leads now: begin anew. Whoever
    // waits reads, and learns what happened.
    this.#watched.delete(key);
    if (error !== 'OFFSET_OUT_OF_RANGE') this.#cluster.forget(watched.at.topic);
    for (const waiter of watched.waiters) waiter.wake();
  }

  #moveTo(watched: Watched, end: number): void {
    // Polls under way at once may answer in any order.
    watched.end = Math.max(watched.end, end);
    for (const waiter of watched.waiters) if (watched.end > waiter.offset) waiter.wake();
  }
}
