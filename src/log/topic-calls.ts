import type { LogBroker } from './broker.ts';
import type { TopicPartition } from './log.ts';
import type { LogBase } from './log-base.ts';
import { Refusal } from './refusal.ts';
import { inOurWords } from './storage/storage.ts';
import { changedTexts, checkedTexts, describeTexts } from './topic-config.ts';
import { collides } from './topic-rules.ts';
import { infoOf } from './topics.ts';

type TopicCalls = Pick<
  LogBroker,
  | 'createTopic'
  | 'deleteTopic'
  | 'topics'
  | 'describeTopic'
  | 'topicNamed'
  | 'topicById'
  | 'allTopics'
  | 'createTopicAs'
  | 'createPartitions'
  | 'topicDefaults'
  | 'describeTopicConfig'
  | 'alterTopicConfig'
  | 'replaceTopicConfig'
  | 'deleteRecords'
>;

/**
 * What the embedded log can do to topics, for Millrace's own parts and for clients of Kafka's protocol. Who
 * keeps something for a topic learns by `deleted` that it is gone.
 */
export function topicCalls(base: LogBase, deleted: (name: string) => Promise<void>): TopicCalls {
  const { topics } = base;
  return {
    createTopic: (name, partitions, config = {}) =>
      inOurWords(`creating topic ${name}`, () => topics.create(name, partitions, { ...config })),
    deleteTopic: async name => {
      topics.find(name);
      await inOurWords(`deleting topic ${name}`, () => topics.delete(name));
      await deleted(name);
    },
    topics: async () =>
      Array.from(topics.all(), ({ name, open, config }) => ({ name, partitions: open.length, config })),
    describeTopic: async name => topics.describe(name),
    topicNamed: name => infoOrNone(topics.get(name)),
    topicById: id => infoOrNone(topics.byUuid(id)),
    allTopics: () => Array.from(topics.all(), infoOf),
    createTopicAs: async (name, partitions, config, options) => {
      const texts = topics.checkNew(name, partitions, config);
      checkCollision(base, name);
      const fresh = { name, id: NO_UUID, partitions, config: texts, internal: false };
      if (options?.validateOnly) return fresh;
      await inOurWords(`creating topic ${name}`, () => topics.create(name, partitions, texts));
      return infoOrNone(topics.get(name)) ?? fresh;
    },
    ...changes(base),
  };
}

/** Kafka's way to say that there is none. */
const NO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA';

const infoOrNone = (topic: Parameters<typeof infoOf>[0] | undefined) => topic && infoOf(topic);

function checkCollision(base: LogBase, name: string): void {
  for (const other of base.topics.all()) {
    if (!collides(name, other.name)) continue;
    throw new Refusal('INVALID_TOPIC_EXCEPTION', `topic ${name} collides with the topic ${other.name}`);
  }
}

function changes(
  base: LogBase,
): Pick<
  TopicCalls,
  | 'createPartitions'
  | 'topicDefaults'
  | 'describeTopicConfig'
  | 'alterTopicConfig'
  | 'replaceTopicConfig'
  | 'deleteRecords'
> {
  const { topics, settings } = base;
  const brokerTexts = {
    'segment.bytes': String(settings.segmentBytes),
    'segment.ms': String(settings.segmentMs),
    'retention.ms': String(settings.retentionMs),
    'retention.bytes': String(settings.retentionBytes),
    'max.message.bytes': String(settings.maxMessageBytes),
  };
  return {
    createPartitions: async (name, total, options) => {
      topics.checkGrowth(name, total);
      if (options?.validateOnly) return;
      await inOurWords(`adding partitions to ${name}`, () => topics.grow(name, total));
    },
    topicDefaults: () => describeTexts({}, brokerTexts),
    describeTopicConfig: name => describeTexts(topics.find(name).texts, brokerTexts),
    alterTopicConfig: async (name, changed, options) => {
      checkedTexts(changedTexts(topics.find(name).texts, changed));
      if (options?.validateOnly) return;
      await inOurWords(`changing topic ${name}`, () =>
        topics.configure(name, before => checkedTexts(changedTexts(before, changed))),
      );
    },
    replaceTopicConfig: async (name, config, options) => {
      topics.find(name);
      const texts = checkedTexts(config);
      if (options?.validateOnly) return;
      await inOurWords(`changing topic ${name}`, () => topics.configure(name, () => texts));
    },
    deleteRecords: (at, before) => deleteRecords(base, at, before),
  };
}

async function deleteRecords(base: LogBase, at: TopicPartition, before: number): Promise<number> {
  const partition = base.partition(at);
  const name = `${at.topic}-${at.partition}`;
  if (!partition.settings.isDeleted) {
    throw new Refusal('POLICY_VIOLATION', `cleanup.policy of ${at.topic} has no delete`);
  }
  const { highWatermark } = partition.offsets();
  const target = before === -1 ? highWatermark : before;
  if (!Number.isSafeInteger(target) || target < 0 || target > highWatermark) {
    throw new Refusal('OFFSET_OUT_OF_RANGE', `${name} ends at ${highWatermark}, ${before} is beyond it`);
  }
  await inOurWords(`deleting records of ${name}`, () => partition.moveStart(target));
  return partition.offsets().logStartOffset;
}
