import { setMaxListeners } from 'node:events';
import { type Clock, MillraceError } from '../../core/mod.ts';
import type { TopicPartition } from '../../log/mod.ts';
import { FIND_COORDINATOR, METADATA, type ReadResponse } from '../messages/mod.ts';
import { errorName, type KafkaErrorName } from '../protocol/mod.ts';
import { Brokers } from './brokers.ts';
import type { Connection } from './connection.ts';
import { check, KafkaError } from './failures.ts';
import { type RetryOptions, retrying } from './retry.ts';
import type { Address, ClusterOptions } from './settings.ts';

/** A topic as the brokers see it. */
export interface ClusterTopic {
  readonly name: string;
  readonly id: string;
  readonly isInternal: boolean;
  readonly replicationFactor: number;
  /** By partition; -1 where there is none now. */
  readonly leaders: readonly number[];
}

/** What a topic allows, when it was asked for. */
interface AskedLimit {
  readonly asked: Promise<number>;
  readonly atMs: number;
}

type MetadataTopic = ReadResponse<typeof METADATA>['topics'][number];

/** What the brokers say of a topic that is not there; of names that no topic can have, too. */
const UNKNOWN: ReadonlySet<KafkaErrorName> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'INVALID_TOPIC_EXCEPTION',
]);

/** Others change settings of topics, too, and nobody tells us: so long they are taken as they were. */
const LIMIT_AGE_MS_MAX = 30_000;

/** Keys of FindCoordinator. */
export type CoordinatorType = 'group' | 'transaction';

/**
 * What is known of a cluster: its brokers, who leads which partition, who coordinates what. Knowledge is
 * thrown away where a broker says that it is old, and asked for again when it is needed.
 */
export class Cluster {
  readonly options: ClusterOptions;
  readonly brokers: Brokers;
  readonly #closing = new AbortController();
  readonly #topics = new Map<string, ClusterTopic>();
  readonly #asking = new Map<string, Promise<ClusterTopic>>();
  readonly #coordinators = new Map<string, number>();
  readonly #limits = new Map<string, AskedLimit>();
  #id: string | null = null;
  #controllerId = -1;

  constructor(options: ClusterOptions) {
    this.options = options;
    this.brokers = new Brokers(options);
    // Each who waits listens, and there may be many.
    setMaxListeners(0, this.#closing.signal);
  }

  get clock(): Clock {
    return this.options.clock;
  }

  /** The cluster's own id; null until it was asked, or where it has none. */
  get id(): string | null {
    return this.#id;
  }

  get controllerId(): number {
    return this.#controllerId;
  }

  /** Aborts when the log closes. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** Try something until it succeeds, fails for good, or `deliveryTimeoutMs` are over. */
  retrying<T>(
    doing: string,
    run: (attempt: number) => Promise<T>,
    retries?: RetryOptions['retries'],
  ): Promise<T> {
    const { clock, deliveryTimeoutMs: timeoutMs } = this.options;
    const options = { clock, timeoutMs, signal: this.signal };
    return retrying(doing, retries === undefined ? options : { ...options, retries }, run);
  }

  /** The topic, from memory where it is known. UNKNOWN_TOPIC. */
  async topic(name: string): Promise<ClusterTopic> {
    return this.#topics.get(name) ?? this.askTopic(name);
  }

  /** The topic as it is now. */
  askTopic(name: string): Promise<ClusterTopic> {
    let asking = this.#asking.get(name);
    if (asking === undefined) {
      asking = this.#ask(name).finally(() => this.#asking.delete(name));
      this.#asking.set(name, asking);
    }
    return asking;
  }

  async #ask(name: string): Promise<ClusterTopic> {
    this.#topics.delete(name);
    const [topic] = await this.#metadata([name]);
    const error = topic === undefined ? 'UNKNOWN_TOPIC_OR_PARTITION' : errorName(topic.errorCode);
    if (UNKNOWN.has(error)) throw new MillraceError('UNKNOWN_TOPIC', `there is no topic ${name}`);
    if (topic === undefined || error !== 'NONE') throw new KafkaError(error, `topic ${name}`);
    return this.#keep(topic, name);
  }

  /** True when every broker shows the topic with leaders of all its partitions, or none shows it. */
  async isKnownEverywhere(name: string, isThere: boolean, partitions: number): Promise<boolean> {
    // Those that are away by now have no say.
    await this.askBrokers();
    for (const nodeId of this.brokers.nodes.keys()) {
      const [topic] = await this.#metadata([name], await this.brokers.node(nodeId));
      const isShown = topic?.errorCode === 0;
      if (isShown !== isThere) return false;
      const led = topic?.partitions.filter(p => p.errorCode === 0) ?? [];
      if (isThere && led.length < partitions) return false;
    }
    return true;
  }

  /** The brokers, the controller and the cluster's id as they are now. */
  async askBrokers(): Promise<void> {
    await this.#metadata([]);
  }

  /** All topics as they are now. */
  async askAll(): Promise<readonly ClusterTopic[]> {
    const topics = await this.#metadata(null);
    return topics.filter(topic => topic.errorCode === 0).map(topic => this.#keep(topic, topic.name ?? ''));
  }

  #keep(topic: MetadataTopic, name: string): ClusterTopic {
    const leaders: number[] = [];
    for (const { partitionIndex, leaderId } of topic.partitions) leaders[partitionIndex] = leaderId;
    const replicationFactor = topic.partitions[0]?.replicaNodes.length ?? 0;
    const kept = { name, id: topic.topicId, isInternal: topic.isInternal, replicationFactor, leaders };
    this.#topics.set(name, kept);
    return kept;
  }

  async #metadata(
    names: readonly string[] | null,
    connection?: Connection,
  ): Promise<readonly MetadataTopic[]> {
    const broker = connection ?? (await this.brokers.any());
    const answer = await broker.request(METADATA, {
      topics: names?.map(name => ({ name })) ?? null,
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    });
    check(answer.errorCode);
    this.#id = answer.clusterId;
    this.#controllerId = answer.controllerId;
    const nodes = answer.brokers.map(({ nodeId, host, port }): [number, Address] => [nodeId, { host, port }]);
    if (nodes.length > 0) this.brokers.know(new Map(nodes));
    return answer.topics;
  }

  /** What is known of these topics is old. */
  forget(...names: readonly string[]): void {
    for (const name of names) this.#topics.delete(name);
  }

  /** Who leads the partition. UNKNOWN_TOPIC where the topic has no such partition. */
  async leader({ topic, partition }: TopicPartition): Promise<number> {
    const known = (await this.topic(topic)).leaders;
    const leaders = known[partition] === undefined ? (await this.askTopic(topic)).leaders : known;
    const leader = leaders[partition];
    if (leader === undefined) throw noPartition(topic, partition, leaders.length);
    if (leader >= 0) return leader;
    this.forget(topic);
    throw new KafkaError('LEADER_NOT_AVAILABLE', `${topic}-${partition} has no leader now`);
  }

  /** The leader where it is in memory, else undefined. */
  knownLeader({ topic, partition }: TopicPartition): number | undefined {
    const leader = this.#topics.get(topic)?.leaders[partition];
    return leader === undefined || leader < 0 ? undefined : leader;
  }

  /** A limit of a topic, from memory where it was asked for lately. */
  limit(key: string, ask: () => Promise<number>): Promise<number> {
    const nowMs = this.clock.monotonicMs();
    const known = this.#limits.get(key);
    if (known !== undefined && nowMs - known.atMs <= LIMIT_AGE_MS_MAX) return known.asked;
    const asked = ask();
    this.#limits.set(key, { asked, atMs: nowMs });
    asked.catch(() => {
      if (this.#limits.get(key)?.asked === asked) this.#limits.delete(key);
    });
    return asked;
  }

  /** Limits are asked for anew: one was changed here, or a broker refused a batch as too large. */
  forgetLimits(): void {
    this.#limits.clear();
  }

  /** A connection to the broker that changes topics. */
  async controller(): Promise<Connection> {
    if (!this.brokers.nodes.has(this.#controllerId)) await this.#metadata([]);
    if (!this.brokers.nodes.has(this.#controllerId)) return this.brokers.any();
    try {
      return await this.brokers.node(this.#controllerId);
    } catch (error) {
      // It may have died, and another one took over.
      this.forgetController();
      throw error;
    }
  }

  /** Asks again who the controller is. */
  forgetController(): void {
    this.#controllerId = -1;
  }

  /** The broker that coordinates a group or a transactional id. */
  async coordinator(type: CoordinatorType, key: string): Promise<number> {
    const known = this.#coordinators.get(`${type} ${key}`);
    if (known !== undefined && this.brokers.nodes.has(known)) return known;
    const connection = await this.brokers.any();
    const keyType = type === 'group' ? 0 : 1;
    const question = { key, keyType, coordinatorKeys: [] };
    const answer = await connection.request(FIND_COORDINATOR, question, { versionMax: 3 });
    check(answer.errorCode, answer.errorMessage);
    if (!this.brokers.nodes.has(answer.nodeId)) await this.#metadata([]);
    this.#coordinators.set(`${type} ${key}`, answer.nodeId);
    return answer.nodeId;
  }

  forgetCoordinator(type: CoordinatorType, key: string): void {
    this.#coordinators.delete(`${type} ${key}`);
  }

  close(): void {
    this.#closing.abort(new MillraceError('LOG_IO', 'the log is closed'));
    this.brokers.close();
  }
}

function noPartition(topic: string, partition: number, count: number): MillraceError {
  const partitions = `${count} partition${count === 1 ? '' : 's'}`;
  return new MillraceError('UNKNOWN_TOPIC', `topic ${topic} has ${partitions}, there is no ${partition}`);
}
