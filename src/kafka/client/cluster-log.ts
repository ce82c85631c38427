import { assert, type Clock } from '../../core/mod.ts';
import {
  type AppendResult,
  type CommittedOffset,
  type IsolationLevel,
  type Log,
  type LogAdmin,
  type LogStats,
  type NewRecords,
  type OffsetToCommit,
  type PartitionOffsets,
  type ProducerSequence,
  type ReadResult,
  recordCountOf,
  type TopicConfig,
  type TopicDescription,
  type TopicPartition,
  type TransactionalWriter,
} from '../../log/mod.ts';
import { Appends } from './appends.ts';
import { Cluster } from './cluster.ts';
import { clusterAdmin } from './cluster-admin.ts';
import { ClusterWriter, type WriterContext } from './cluster-writer.ts';
import { BatchMaker } from './encode.ts';
import { OnceAppends } from './once-appends.ts';
import { ClusterReads } from './reads.ts';
import { retrying } from './retry.ts';
import { CLUSTER_DEFAULTS, type ClusterOptions } from './settings.ts';
import { StoredStates } from './stored-states.ts';
import { ClusterTopics } from './topics.ts';
import { Watch } from './watch.ts';

/** How long the end of a transaction is waited for when the log is closed. */
const CLOSE_MS_MAX = 3_000;

/** What `openClusterLog` needs; the rest is as Kafka's own clients have it. */
export type ClusterLogOptions = Partial<ClusterOptions> & {
  readonly bootstrap: readonly string[];
  readonly clock: Clock;
};

/** A cluster as a Log, and what is to be shown of it. */
export interface ClusterLog extends Log {
  /** Where it is, and its id once a broker has answered. */
  readonly place: {
    readonly bootstrap: readonly string[];
    readonly id: string | null;
    readonly brokers: number;
  };
  /**
   * Resolves when a broker has answered, within so much time; `onWaiting` hears once why it does not yet.
   * LOG_UNREACHABLE, LOG_UNAUTHORIZED.
   */
  reach(timeoutMs: number, onWaiting?: (why: string) => void): Promise<void>;
}

/** The log on a real Kafka cluster. Nothing is asked of it before the first call. */
export function openClusterLog(options: ClusterLogOptions): ClusterLog {
  return new KafkaLog({ ...CLUSTER_DEFAULTS, ...options });
}

class KafkaLog implements ClusterLog {
  readonly #cluster: Cluster;
  readonly #topics: ClusterTopics;
  readonly #reads: ClusterReads;
  readonly #watches: Readonly<Record<IsolationLevel, Watch>>;
  readonly #appends: Appends;
  readonly #once: OnceAppends;
  readonly #context: WriterContext;
  readonly #writers = new Map<string, Promise<ClusterWriter>>();
  readonly admin: LogAdmin;
  readonly #counts = { recordsAppended: 0, bytesAppended: 0, recordsRead: 0, bytesRead: 0 };

  constructor(options: ClusterOptions) {
    const cluster = new Cluster(options);
    this.#cluster = cluster;
    this.#topics = new ClusterTopics(cluster);
    this.#reads = new ClusterReads(cluster);
    this.#watches = {
      read_committed: new Watch(cluster, this.#reads, 'read_committed'),
      read_uncommitted: new Watch(cluster, this.#reads, 'read_uncommitted'),
    };
    const maker = new BatchMaker(cluster, this.#topics);
    const states = new StoredStates(cluster, this.#topics, this.#reads);
    const count: WriterContext['count'] = batches => {
      for (const { recordCount, bytes } of batches) {
        this.#counts.recordsAppended += recordCount;
        this.#counts.bytesAppended += bytes.length;
      }
    };
    this.#context = { cluster, maker, states, count };
    this.admin = clusterAdmin(cluster, { topics: this.#topics, reads: this.#reads });
    this.#appends = new Appends(this.#context);
    this.#once = new OnceAppends(this.#context);
  }

  get place(): ClusterLog['place'] {
    const { options, id, brokers } = this.#cluster;
    return { bootstrap: options.bootstrap, id, brokers: brokers.nodes.size };
  }

  async reach(timeoutMs: number, onWaiting?: (why: string) => void): Promise<void> {
    const { clock, signal, options } = this.#cluster;
    const doing = `connecting to the Kafka cluster at ${options.bootstrap.join(', ')} (log.bootstrap)`;
    await retrying(doing, { clock, signal, timeoutMs }, async attempt => {
      if (attempt === 2) onWaiting?.(this.#cluster.brokers.failure ?? 'no broker answers');
      await this.#cluster.controller();
    });
  }

  createTopic(name: string, partitions: number, config: TopicConfig = {}): Promise<void> {
    return this.#topics.create(name, partitions, config);
  }

  committedOffsets(groupId: string): Promise<readonly CommittedOffset[]> {
    return this.admin.committedOffsets(groupId);
  }

  commitOffsets(groupId: string, offsets: readonly OffsetToCommit[]): Promise<void> {
    return this.admin.commitOffsets(groupId, offsets);
  }

  deleteTopic(name: string): Promise<void> {
    return this.#topics.delete(name);
  }

  topics(): Promise<readonly TopicDescription[]> {
    return this.#topics.all();
  }

  describeTopic(name: string): Promise<TopicDescription | undefined> {
    return this.#topics.describe(name);
  }

  async append(
    at: TopicPartition,
    records: NewRecords,
    idempotence?: ProducerSequence,
  ): Promise<AppendResult> {
    assert(recordCountOf(records) > 0, 'an append holds at least one record');
    if (idempotence !== undefined) return this.#once.append(at, records, idempotence);
    return { baseOffset: await this.#appends.append(at, records), duplicate: false };
  }

  lastSequence(at: TopicPartition, producer: string): Promise<number> {
    return this.#once.lastSequence(at, producer);
  }

  async read(
    at: TopicPartition,
    offset: number,
    maxBytes: number,
    isolation: IsolationLevel,
    into?: Uint8Array,
  ): Promise<ReadResult> {
    const result = await this.#reads.read(at, offset, maxBytes, isolation, into);
    this.#counts.bytesRead += result.bytes.length;
    this.#counts.recordsRead += result.nextOffset - offset;
    return result;
  }

  waitFor(
    at: TopicPartition,
    offset: number,
    isolation: IsolationLevel,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<void> {
    return this.#watches[isolation].waitFor(at, offset, timeoutMs, signal);
  }

  offsets(at: TopicPartition): Promise<PartitionOffsets> {
    return this.#reads.offsets(at);
  }

  offsetForTime(at: TopicPartition, timestampMs: number): Promise<number | undefined> {
    return this.#reads.offsetForTime(at, timestampMs);
  }

  /** An older holder in this process is told at once; one elsewhere by the cluster. */
  openWriter(transactionalId: string): Promise<TransactionalWriter> {
    const before = this.#writers.get(transactionalId);
    const opened = (async () => {
      const former = await before?.catch(() => undefined);
      await former?.fence();
      return ClusterWriter.open(transactionalId, this.#context);
    })();
    this.#writers.set(transactionalId, opened);
    return opened;
  }

  stats(): LogStats {
    return { ...this.#counts, flushes: 0, bytesOnDisk: 0, failure: this.#cluster.brokers.failure };
  }

  async close(): Promise<void> {
    if (this.#cluster.signal.aborted) return;
    // Those of a cluster that is away have nothing to wait for: it aborts what is open by itself.
    const writers = Array.from(this.#writers.values(), opening => opening.then(writer => writer.close()));
    const closed = Promise.allSettled(writers);
    const late = new AbortController();
    const grace = this.#cluster.clock.sleep(CLOSE_MS_MAX, late.signal).catch(() => undefined);
    await Promise.race([closed, grace]);
    late.abort();
    this.#once.close();
    for (const watch of Object.values(this.#watches)) watch.close();
    this.#cluster.close();
  }
}
