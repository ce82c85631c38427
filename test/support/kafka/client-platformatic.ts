import { readFileSync } from 'node:fs';
import {
  type BaseOptions,
  Consumer,
  compressionsAlgorithms,
  type GroupAssignment,
  Admin as KafkaAdmin,
  type Message,
  MessagesStreamFallbackModes,
  MessagesStreamModes,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';
import { eventually } from '../millrace.ts';
import { rethrowAll } from './aggregate.ts';
import type {
  Admin,
  Connection,
  ConsumeOptions,
  CopyJob,
  Driver,
  Header,
  Incoming,
  JoinOptions,
  Member,
  Outgoing,
  ProduceOptions,
  Session,
  TransactionalProducer,
} from './driver.ts';

type Text = Message<string, string, string, string>;
type TextProducer = Producer<string, string, string, string>;

const TOPIC_RESOURCE = 2;
const READ_COMMITTED = 1;
/** Operation of an incremental change of configuration. */
const SET = 0 as const;

const toMessages = (topic: string, records: readonly Outgoing[]) =>
  records.map(record => ({
    topic,
    ...(record.key === null ? {} : { key: record.key }),
    ...(record.value === null ? {} : { value: record.value }),
    ...(record.partition === undefined ? {} : { partition: record.partition }),
    ...(record.headers ? { headers: new Map(record.headers.map(([k, v]) => [k, v ?? ''])) } : {}),
  }));

/** It gives a missing key or value as an empty one or as undefined. */
const textOf = (value: string | Buffer | null | undefined): string | null =>
  value === null || value === undefined ? null : value.toString();

const toIncoming = (message: Text): Incoming => ({
  partition: message.partition,
  offset: Number(message.offset),
  timestamp: Number(message.timestamp),
  key: textOf(message.key),
  value: textOf(message.value),
  headers: [...message.headers].map(([name, value]): Header => [String(name), textOf(value)]),
});

class PlatformaticSession implements Session {
  readonly #options: BaseOptions;
  readonly #admin: KafkaAdmin;
  readonly admin: Admin;
  /** Readers of all sessions: two of one name would share what they have committed. */
  static #readers = 0;

  constructor(connection: Connection) {
    this.#options = {
      clientId: 'matrix-platformatic',
      bootstrapBrokers: [connection.bootstrap],
      retries: 5,
      retryDelay: 100,
      ...(connection.ca ? { tls: { ca: readFileSync(connection.ca) } } : {}),
      ...(connection.sasl ? { sasl: { ...connection.sasl } } : {}),
    };
    this.#admin = new KafkaAdmin(this.#options);
    this.admin = administration(this.#admin);
  }

  #producer(options: { idempotent?: boolean; transactionalId?: string } = {}): TextProducer {
    return new Producer({ ...this.#options, serializers: stringSerializers, ...options });
  }

  #consumer(groupId: string, extra: { groupInstanceId?: string } = {}) {
    return new Consumer({
      ...this.#options,
      groupId,
      deserializers: stringDeserializers,
      sessionTimeout: 10_000,
      heartbeatInterval: 300,
      rebalanceTimeout: 10_000,
      maxWaitTime: 100,
      ...extra,
    });
  }

  async produce(topic: string, records: readonly Outgoing[], options: ProduceOptions = {}): Promise<void> {
    const producer = this.#producer({ idempotent: options.idempotent ?? false });
    try {
      const messages = toMessages(topic, records);
      const compression = options.codec ?? 'none';
      await producer.send({ messages, compression, acks: -1 }).catch(rethrowAll);
    } finally {
      await producer.close();
    }
  }

  async consume(topic: string, options: ConsumeOptions): Promise<readonly Incoming[]> {
    const consumer = this.#consumer(
      `platformatic-reader-${process.pid}-${PlatformaticSession.#readers++}-${topic}`,
    );
    const stream = await consumer.consume({
      topics: [topic],
      mode: MessagesStreamModes.EARLIEST,
      isolationLevel: options.committed ? READ_COMMITTED : 0,
      autocommit: false,
    });
    const read: Incoming[] = [];
    let failure: Error | null = null;
    stream.on('data', message => read.push(toIncoming(message)));
    stream.on('error', error => {
      failure = error;
    });
    try {
      await eventually(`${options.count} records of ${topic}`, async () => {
        if (failure) throw failure;
        return read.length >= options.count;
      });
    } finally {
      await stream.close();
      await consumer.close(true);
    }
    return read;
  }

  async join(group: string, topic: string, options: JoinOptions): Promise<Member> {
    const consumer = this.#consumer(group, options.instanceId ? { groupInstanceId: options.instanceId } : {});
    const received: string[] = [];
    const revoked: number[] = [];
    let assigned: readonly number[] = [];
    let assignments = 0;
    let fetchesByIt = false;
    consumer.on('consumer:group:join', ({ assignments: all }: { assignments?: GroupAssignment[] }) => {
      const now = (all ?? []).find(one => one.topic === topic)?.partitions ?? [];
      if (assignments > 0) revoked.push(...assigned);
      assigned = [...now].sort((a, b) => a - b);
      assignments++;
      fetchesByIt = false;
    });
    const stream = await consumer.consume({
      topics: [topic],
      mode: MessagesStreamModes.COMMITTED,
      fallbackMode: MessagesStreamFallbackModes.EARLIEST,
      autocommit: 100,
    });
    stream.on('data', message => received.push(String(message.value)));
    // A fetch that waits while the group rebalances gives its records whoever has the partitions by then,
    // with every broker; so an assignment counts only when the fetch under way has ended.
    stream.on('fetch', () => {
      fetchesByIt = true;
    });
    return {
      assigned: async () => (fetchesByIt ? assigned : []),
      revoked: async () => revoked,
      assignments: async () => assignments,
      received: async () => [...received],
      close: async () => {
        await stream.close();
        await consumer.close(true);
      },
    };
  }

  async transactional(transactionalId: string): Promise<TransactionalProducer> {
    const producer = this.#producer({ idempotent: true, transactionalId });
    return {
      begin: async () => {
        const transaction = await producer.beginTransaction();
        return {
          send: async (topic, records) => {
            await transaction.send({ messages: toMessages(topic, records), acks: -1 });
          },
          commit: () => transaction.commit(),
          abort: () => transaction.abort(),
        };
      },
      close: () => producer.close(),
    };
  }

  async copy(job: CopyJob): Promise<void> {
    const consumer = this.#consumer(job.group);
    const stream = await consumer.consume({
      topics: [job.from],
      mode: MessagesStreamModes.EARLIEST,
      autocommit: false,
    });
    const input: Text[] = [];
    stream.on('data', message => input.push(message));
    await eventually('input', async () => input.length >= job.count);
    const producer = this.#producer({ idempotent: true, transactionalId: job.transactionalId });
    for (let at = 0, k = 0; at < job.count; at += job.perTransaction, k++) {
      const some = input.slice(at, at + job.perTransaction);
      const upper = some.map(({ key, value }) => ({ key, value: value.toUpperCase(), partition: 0 }));
      for (const end of k % 2 === 1 ? (['abort', 'commit'] as const) : (['commit'] as const)) {
        const transaction = await producer.beginTransaction();
        await transaction.addConsumer(consumer);
        await transaction.send({ messages: toMessages(job.to, upper), acks: -1 });
        await transaction.addOffset(some.at(-1)!);
        await transaction[end]();
      }
    }
    await stream.close();
    await consumer.close(true);
    await producer.close();
  }

  close(): Promise<void> {
    return this.#admin.close();
  }
}

function administration(admin: KafkaAdmin): Admin {
  const configs = async (resourceName: string) => {
    const resources = [{ resourceType: TOPIC_RESOURCE, resourceName, configurationKeys: null }] as const;
    return (await admin.describeConfigs({ resources: [...resources] }))[0]!.configs;
  };
  return {
    createTopic: async (topic, partitions, config, replicas = 1) => {
      const entries = Object.entries(config).map(([name, value]) => ({ name, value }));
      await admin.createTopics({ topics: [topic], partitions, replicas, configs: entries }).catch(rethrowAll);
    },
    deleteTopic: topic => admin.deleteTopics({ topics: [topic] }),
    topics: () => admin.listTopics(),
    partitions: async topic =>
      (await admin.metadata({ topics: [topic], forceUpdate: true })).topics.get(topic)!.partitionsCount,
    createPartitions: (name, count) =>
      admin.createPartitions({ topics: [{ name, count, assignments: null }] }),
    config: async topic =>
      Object.fromEntries((await configs(topic)).map(({ name, value }) => [name, value ?? ''])),
    alterConfig: async (resourceName, name, value) => {
      const configs = [{ name, value, configOperation: SET }];
      await admin.incrementalAlterConfigs({
        resources: [{ resourceType: TOPIC_RESOURCE, resourceName, configs }],
      });
    },
    deleteRecords: async (name, partition, before) => {
      const partitions = [{ partition, offset: BigInt(before) }];
      await admin.deleteRecords({ topics: [{ name, partitions }] });
    },
    offsetFor: async (name, partitionIndex, timestamp) => {
      const partitions = [{ partitionIndex, timestamp: BigInt(timestamp) }];
      const [topic] = await admin.listOffsets({ topics: [{ name, partitions }] });
      return Number(topic!.partitions[0]!.offset);
    },
    groups: async () => [...(await admin.listGroups()).keys()],
    group: async group => {
      const found = (await admin.describeGroups({ groups: [group] })).get(group)!;
      return { state: found.state, members: found.members.size };
    },
    committed: async (group, name) => {
      const [found] = await admin.listConsumerGroupOffsets({ groups: [group] });
      const partitions = found!.topics.find(topic => topic.name === name)?.partitions ?? [];
      return Object.fromEntries(partitions.map(at => [at.partitionIndex, Number(at.committedOffset)]));
    },
    resetOffset: (groupId, name, partition, offset) => {
      const partitionOffsets = [{ partition, offset: BigInt(offset) }];
      return admin.alterConsumerGroupOffsets({ groupId, topics: [{ name, partitionOffsets }] });
    },
    deleteGroup: group => admin.deleteGroups({ groups: [group] }),
  };
}

/** @platformatic/kafka: the newest of Node's clients. */
export const platformatic: Driver = {
  name: '@platformatic/kafka',
  missing: null,
  cannot: {
    cooperative: 'knows the eager protocol only',
    static: 'leaves its group when it closes, static or not',
    read_committed: 'keeps one aborted range of a producer, and gives the records of others',
    fencing: 'Kafka refuses its second producer',
    'null headers': 'its header maps have no null',
    ...(compressionsAlgorithms.zstd.available ? {} : { zstd: 'takes zstd from Node, and this one has none' }),
  },
  open: async connection => {
    const session = new PlatformaticSession(connection);
    await session.admin.topics().catch(async error => {
      await session.close();
      rethrowAll(error);
    });
    return session;
  },
};
