import { MillraceError } from '../../core/mod.ts';
import { checkNewTopic, isOwnName, type TopicConfig, type TopicDescription } from '../../log/mod.ts';
import { CREATE_TOPICS, DELETE_TOPICS, DESCRIBE_CONFIGS, type ReadResponse } from '../messages/mod.ts';
import { ZERO_UUID } from '../protocol/mod.ts';
import type { Cluster, ClusterTopic } from './cluster.ts';
import { check, isKafka, KafkaError, mayRetry } from './failures.ts';
import { pauseMs } from './retry.ts';

/** Holds what writers and idempotent producers left behind; written inside of their transactions. */
export const STATE_TOPIC = '_millrace_state';

/** The settings that the Log contract knows. */
const CONFIG_NAMES = [
  'cleanup.policy',
  'retention.ms',
  'retention.bytes',
  'segment.bytes',
  'segment.ms',
  'max.message.bytes',
  'min.compaction.lag.ms',
] as const satisfies readonly (keyof TopicConfig)[];
/** DescribeConfigs: a topic, and a setting that was set for it. */
export const TOPIC_RESOURCE = 2;
const DYNAMIC_TOPIC_CONFIG = 1;

type ConfigResult = ReadResponse<typeof DESCRIBE_CONFIGS>['results'][number];

/** Topics of a cluster: made, deleted, described. */
export class ClusterTopics {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Make a topic; resolves when every broker knows it and its partitions have leaders. */
  async create(name: string, partitions: number, config: TopicConfig): Promise<void> {
    checkNewTopic(name, partitions, config);
    const texts = Object.entries(config).map(([key, value]) => [key, String(value)] as const);
    await this.createAs(name, partitions, Object.fromEntries(texts));
  }

  /** As `create`, for the log's own topics too, with any settings. */
  async createAs(name: string, partitions: number, config: Readonly<Record<string, string>>): Promise<void> {
    const configs = Object.entries(config).map(([key, value]) => ({ name: key, value }));
    const { replicationFactor, requestTimeoutMs } = this.#cluster.options;
    const assignments: readonly never[] = [];
    const topic = { name, numPartitions: partitions, replicationFactor, assignments, configs };
    let isAgain = false;
    await this.#cluster.retrying(`creating the topic ${name}`, async () => {
      const controller = await this.#cluster.controller();
      const asked = isAgain;
      isAgain = true;
      const answer = await controller.request(CREATE_TOPICS, {
        topics: [topic],
        timeoutMs: requestTimeoutMs,
      });
      const result = answer.topics[0]!;
      // The answer to an earlier attempt was lost, it had made the topic.
      if (asked && isKafka(errorOf(result), 'TOPIC_ALREADY_EXISTS')) return;
      this.#checkController(result.errorCode, result.errorMessage);
    });
    await this.settled(name, true, partitions);
  }

  /** Delete a topic; resolves when no broker knows it any more. UNKNOWN_TOPIC. */
  async delete(name: string): Promise<void> {
    const { requestTimeoutMs: timeoutMs } = this.#cluster.options;
    await this.#cluster.askTopic(name);
    let isAgain = false;
    await this.#cluster.retrying(
      `deleting the topic ${name}`,
      async () => {
        const controller = await this.#cluster.controller();
        const asked = isAgain;
        isAgain = true;
        const topics = [{ name, topicId: ZERO_UUID }];
        const answer = await controller.request(DELETE_TOPICS, { topics, topicNames: [name], timeoutMs });
        const result = answer.responses[0]!;
        if (asked && isKafka(errorOf(result), 'UNKNOWN_TOPIC_OR_PARTITION')) return;
        this.#checkController(result.errorCode, result.errorMessage);
      },
      error => mayRetry(error) && !isKafka(error, 'UNKNOWN_TOPIC_OR_PARTITION'),
    );
    await this.settled(name, false);
  }

  #checkController(code: number, detail: string | null): void {
    try {
      check(code, detail);
    } catch (error) {
      if (isKafka(error, 'NOT_CONTROLLER')) this.#cluster.forgetController();
      throw error;
    }
  }

  /** What the controller decided reaches the brokers a little later. */
  async settled(name: string, isThere: boolean, partitions = 0): Promise<void> {
    const { clock, signal, options } = this.#cluster;
    const deadlineMs = clock.monotonicMs() + options.deliveryTimeoutMs;
    this.#cluster.forget(name);
    for (let attempt = 1; clock.monotonicMs() < deadlineMs; attempt++) {
      const doing = `waiting for the brokers to know of ${name}`;
      const ask = (): Promise<boolean> => this.#cluster.isKnownEverywhere(name, isThere, partitions);
      if (await this.#cluster.retrying(doing, ask)) return;
      await clock.sleep(pauseMs(attempt), signal);
    }
    throw new MillraceError('TIMEOUT', `the brokers do not agree yet whether there is a topic ${name}`);
  }

  /** Every topic that is not one of the log's own. */
  async all(): Promise<readonly TopicDescription[]> {
    return this.#cluster.retrying('listing the topics', async () => {
      const topics = (await this.#cluster.askAll()).filter(t => !t.isInternal && !isHidden(t.name));
      return this.#described(topics);
    });
  }

  async describe(name: string): Promise<TopicDescription | undefined> {
    try {
      return await this.#cluster.retrying(`describing the topic ${name}`, async () => {
        const topic = await this.#cluster.askTopic(name);
        return (await this.#described([topic]))[0];
      });
    } catch (error) {
      if (error instanceof MillraceError && error.code === 'UNKNOWN_TOPIC') return undefined;
      throw error;
    }
  }

  async #described(topics: readonly ClusterTopic[]): Promise<readonly TopicDescription[]> {
    if (topics.length === 0) return [];
    const configs = await this.configs(
      topics.map(topic => topic.name),
      CONFIG_NAMES,
    );
    return topics.flatMap(({ name, leaders }) => {
      const found = configs.get(name);
      // A topic that was deleted meanwhile.
      if (found === undefined) return [];
      return [{ name, partitions: leaders.length, config: configOf(found) }];
    });
  }

  /** Settings of topics by their names, of those only that exist. */
  async configs(
    topics: readonly string[],
    names: readonly string[] | null,
    includeDocumentation = false,
  ): Promise<ReadonlyMap<string, ConfigResult['configs']>> {
    const connection = await this.#cluster.brokers.any();
    const answer = await connection.request(DESCRIBE_CONFIGS, {
      resources: topics.map(resourceName => ({
        resourceType: TOPIC_RESOURCE,
        resourceName,
        configurationKeys: names,
      })),
      includeDocumentation,
    });
    const found = answer.results.flatMap(result => {
      if (isKafka(errorOf(result), 'UNKNOWN_TOPIC_OR_PARTITION')) return [];
      check(result.errorCode, result.errorMessage);
      return [[result.resourceName, result.configs] as const];
    });
    return new Map(found);
  }

  /** How large a batch of this topic may be, as it was a short while ago. */
  async maxMessageBytes(name: string): Promise<number> {
    const { id } = await this.#cluster.topic(name);
    return this.#cluster.limit(`${name} ${id}`, () => this.#askMaxMessageBytes(name));
  }

  async #askMaxMessageBytes(name: string): Promise<number> {
    const configs = (await this.configs([name], ['max.message.bytes'])).get(name);
    const value = configs?.find(config => config.name === 'max.message.bytes')?.value;
    if (value === null || value === undefined) {
      throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic ${name}`);
    }
    return Number(value);
  }
}

/** Topics of the cluster's own, and the one where we keep what writers left. */
const isHidden = (name: string): boolean => isOwnName(name) || name === STATE_TOPIC;

function errorOf({ errorCode, errorMessage }: { errorCode: number; errorMessage: string | null }): unknown {
  try {
    check(errorCode, errorMessage);
    return null;
  } catch (error) {
    return error;
  }
}

function configOf(configs: ConfigResult['configs']): TopicConfig {
  const set = configs.flatMap(({ name, value, configSource }) => {
    if (configSource !== DYNAMIC_TOPIC_CONFIG || value === null) return [];
    if (!CONFIG_NAMES.some(known => known === name)) return [];
    return [[name, name === 'cleanup.policy' ? value : Number(value)] as const];
  });
  return Object.fromEntries(set) as TopicConfig;
}
