import { type ErrorCode, MillraceError } from '../../core/mod.ts';
import type {
  ClusterDescription,
  ConfigChanges,
  ConfigEntry,
  LogAdmin,
  TopicListing,
  TopicPartition,
} from '../../log/mod.ts';
import {
  CREATE_PARTITIONS,
  DELETE_RECORDS,
  DESCRIBE_LOG_DIRS,
  INCREMENTAL_ALTER_CONFIGS,
} from '../messages/mod.ts';
import type { Cluster } from './cluster.ts';
import { ClusterGroups } from './cluster-groups.ts';
import { check, isKafka, KafkaError, mayRetry } from './failures.ts';
import type { ClusterReads } from './reads.ts';
import { type LogDirs, sizesOf } from './sizes.ts';
import { type ClusterTopics, STATE_TOPIC, TOPIC_RESOURCE } from './topics.ts';

/** DescribeConfigs' numbers for where a value comes from. */
const SOURCES: Readonly<Record<number, ConfigEntry['source']>> = {
  1: 'DYNAMIC_TOPIC_CONFIG',
  2: 'DYNAMIC_BROKER_CONFIG',
  3: 'DYNAMIC_DEFAULT_BROKER_CONFIG',
  4: 'STATIC_BROKER_CONFIG',
  5: 'DEFAULT_CONFIG',
};
/** And for what it is. */
const TYPES = [
  'STRING',
  'BOOLEAN',
  'STRING',
  'INT',
  'SHORT',
  'LONG',
  'DOUBLE',
  'LIST',
  'CLASS',
  'PASSWORD',
] as const satisfies readonly ConfigEntry['type'][];
const SET = 0;
const DELETE = 1;

type Parts = { readonly topics: ClusterTopics; readonly reads: ClusterReads };

/** What operators ask of a cluster. */
export function clusterAdmin(cluster: Cluster, { topics, reads }: Parts): LogAdmin {
  const timeoutMs = cluster.options.requestTimeoutMs;
  return {
    cluster: () => cluster.retrying('asking for the brokers', () => describeCluster(cluster)),
    listTopics: () => cluster.retrying('listing the topics', () => listTopics(cluster)),
    describeConfigs: async (names, { documentation } = { documentation: false }) => {
      const doing = 'asking for settings of topics';
      const found = await cluster.retrying(doing, () => topics.configs(names, null, documentation));
      return new Map(Array.from(found, ([name, configs]) => [name, configs.map(entryOf)]));
    },
    alterConfig: (topic, changes) => alterConfig(cluster, topic, changes),
    createPartitions: async (name, count) => {
      await cluster.retrying(`adding partitions to ${name}`, async () => {
        await cluster.askTopic(name);
        const controller = await cluster.controller();
        const asked = [{ name, count, assignments: null }];
        const question = { topics: asked, timeoutMs, validateOnly: false };
        const [result] = (await controller.request(CREATE_PARTITIONS, question)).results;
        checkController(cluster, result?.errorCode ?? 0, result?.errorMessage);
      });
      await topics.settled(name, true, count);
    },
    deleteRecords: (at, before) => deleteRecords(cluster, reads, at, before),
    sizes: () => cluster.retrying('asking for the sizes of topics', () => sizes(cluster)),
    traffic: async () => null,
    ...new ClusterGroups(cluster).calls(),
  };
}

async function describeCluster(cluster: Cluster): Promise<ClusterDescription> {
  await cluster.askBrokers();
  return {
    clusterId: cluster.id ?? '',
    controllerId: cluster.controllerId,
    brokers: Array.from(cluster.brokers.nodes, ([nodeId, { host, port }]) => ({ nodeId, host, port })),
  };
}

async function listTopics(cluster: Cluster): Promise<readonly TopicListing[]> {
  const topics = await cluster.askAll();
  return topics
    .map(({ name, leaders, replicationFactor, isInternal }) => ({
      name,
      partitions: leaders.length,
      replicationFactor,
      internal: isInternal || name === STATE_TOPIC,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

type Config = ReturnType<Awaited<ReturnType<ClusterTopics['configs']>>['get']> & {};

function entryOf(config: Config[number]): ConfigEntry {
  return {
    name: config.name,
    value: config.isSensitive ? null : config.value,
    source: SOURCES[config.configSource] ?? 'UNKNOWN',
    readOnly: config.readOnly,
    type: TYPES[config.configType] ?? 'STRING',
    documentation: config.documentation,
  };
}

/** The cluster names settings that are not there INVALID_REQUEST or INVALID_CONFIG, by its version. */
async function alterConfig(cluster: Cluster, topic: string, changes: ConfigChanges): Promise<void> {
  const configs = Object.entries(changes).map(([name, value]) => ({
    name,
    configOperation: value === null ? DELETE : SET,
    value,
  }));
  await cluster.retrying(`changing settings of ${topic}`, async () => {
    await cluster.askTopic(topic);
    const broker = await cluster.controller();
    const resources = [{ resourceType: TOPIC_RESOURCE, resourceName: topic, configs }];
    const answer = await broker.request(INCREMENTAL_ALTER_CONFIGS, { resources, validateOnly: false });
    const [result] = answer.responses;
    try {
      checkController(cluster, result?.errorCode ?? 0, result?.errorMessage);
    } catch (error) {
      if (!isKafka(error, 'INVALID_REQUEST', 'INVALID_CONFIG')) throw error;
      throw invalid(
        'TOPIC_INVALID',
        `topic ${topic}: ${result?.errorMessage ?? 'a setting does not fit'}`,
        error,
      );
    }
  });
  cluster.forgetLimits();
}

const invalid = (code: ErrorCode, message: string, cause: unknown): MillraceError =>
  new MillraceError(code, message, { cause });

function checkController(cluster: Cluster, code: number, detail: string | null | undefined): void {
  try {
    check(code, detail ?? null);
  } catch (error) {
    if (isKafka(error, 'NOT_CONTROLLER')) cluster.forgetController();
    throw error;
  }
}

async function deleteRecords(
  cluster: Cluster,
  reads: ClusterReads,
  at: TopicPartition,
  before: number,
): Promise<number> {
  const { topic: name, partition: partitionIndex } = at;
  return cluster.retrying(`deleting records of ${name}-${partitionIndex}`, () =>
    reads.atLeader(at, async leader => {
      const connection = await cluster.brokers.node(leader);
      const topics = [{ name, partitions: [{ partitionIndex, offset: before }] }];
      const question = { topics, timeoutMs: cluster.options.requestTimeoutMs };
      const found = (await connection.request(DELETE_RECORDS, question)).topics[0]?.partitions[0];
      check(found?.errorCode ?? 0);
      return found?.lowWatermark ?? -1;
    }),
  );
}

/** Of each partition what its leader has; topics of which a leader does not tell are left out. */
async function sizes(cluster: Cluster): Promise<ReadonlyMap<string, readonly number[]>> {
  const leaders = new Map((await cluster.askAll()).map(topic => [topic.name, topic.leaders]));
  const told = new Map<number, LogDirs>();
  for (const nodeId of cluster.brokers.nodes.keys()) {
    try {
      const connection = await cluster.brokers.node(nodeId);
      const answer = await connection.request(DESCRIBE_LOG_DIRS, { topics: null });
      check(answer.errorCode);
      told.set(nodeId, answer.results);
    } catch (error) {
      // It is away, or does not tell us: everything else of the topics is there all the same.
      if (!mayRetry(error) && !(error instanceof KafkaError)) throw error;
    }
  }
  return sizesOf(leaders, told);
}
