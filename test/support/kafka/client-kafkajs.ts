import { readFileSync } from 'node:fs';
import { init, compress as zstdCompress, decompress as zstdDecompress } from '@bokuweb/zstd-wasm';
import { compressionsAlgorithms } from '@platformatic/kafka';
import {
  CompressionCodecs,
  CompressionTypes,
  ConfigResourceTypes,
  Kafka,
  type Admin as KafkaAdmin,
  type KafkaMessage,
  type Transaction as KafkaTransaction,
  logLevel,
  type Message,
  type Producer,
  type SASLOptions,
} from 'kafkajs';
import { eventually } from '../millrace.ts';
import { rethrowAll } from './aggregate.ts';
import type {
  Admin,
  Codec,
  Connection,
  ConsumeOptions,
  CopyJob,
  Driver,
  Header,
  Incoming,
  Member,
  Outgoing,
  ProduceOptions,
  Session,
  Transaction,
  TransactionalProducer,
} from './driver.ts';

const COMPRESSION: Readonly<Record<Codec, CompressionTypes>> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

/** kafkajs brings gzip alone and takes other codecs from outside. */
for (const [name, type] of [
  ['snappy', CompressionTypes.Snappy],
  ['lz4', CompressionTypes.LZ4],
] as const) {
  const codec = compressionsAlgorithms[name];
  CompressionCodecs[type] = () => ({
    compress: async (encoder: { readonly buffer: Buffer }) => codec.compressSync(encoder.buffer),
    decompress: async (buffer: Buffer) => codec.decompressSync(buffer),
  });
}
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async (encoder: { readonly buffer: Buffer }) => {
    await init();
    return Buffer.from(zstdCompress(encoder.buffer));
  },
  decompress: async (buffer: Buffer) => {
    await init();
    return Buffer.from(zstdDecompress(buffer));
  },
});

const toMessage = (record: Outgoing): Message => ({
  key: record.key,
  value: record.value,
  ...(record.partition === undefined ? {} : { partition: record.partition }),
  ...(record.headers ? { headers: Object.fromEntries(record.headers.map(([k, v]) => [k, v ?? ''])) } : {}),
});

function toIncoming(partition: number, message: KafkaMessage): Incoming {
  const headers = Object.entries(message.headers ?? {}).flatMap(([name, value]): Header[] =>
    (Array.isArray(value) ? value : [value]).map(one => [name, one?.toString() ?? null]),
  );
  return {
    partition,
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    key: message.key?.toString() ?? null,
    value: message.value?.toString() ?? null,
    headers,
  };
}

/** Passes its messages on to `to`, one topic at a time. */
const send = (
  to: Pick<Producer, 'send'>,
  topic: string,
  records: readonly Outgoing[],
  codec: Codec = 'none',
): Promise<unknown> =>
  to.send({ topic, messages: records.map(toMessage), compression: COMPRESSION[codec], acks: -1 });

class KafkajsSession implements Session {
  readonly #kafka: Kafka;
  readonly #closing: (() => Promise<unknown>)[] = [];
  /** Readers of all sessions: two of one name would share what they have committed. */
  static #readers = 0;
  admin: Admin;

  private constructor(kafka: Kafka, admin: KafkaAdmin) {
    this.#kafka = kafka;
    this.admin = administration(admin);
    this.#closing.push(() => admin.disconnect());
  }

  static async open(connection: Connection): Promise<Session> {
    const { sasl, ca } = connection;
    const mechanism = sasl?.mechanism.toLowerCase() as 'plain' | 'scram-sha-256' | 'scram-sha-512';
    const kafka = new Kafka({
      clientId: 'matrix-kafkajs',
      brokers: [connection.bootstrap],
      logLevel: logLevel.NOTHING,
      retry: { retries: 5, initialRetryTime: 50 },
      ...(ca ? { ssl: { ca: readFileSync(ca, 'utf8') } } : {}),
      ...(sasl ? { sasl: { ...sasl, mechanism } as SASLOptions } : {}),
    });
    const admin = kafka.admin();
    await admin.connect();
    return new KafkajsSession(kafka, admin);
  }

  async produce(topic: string, records: readonly Outgoing[], options: ProduceOptions = {}): Promise<void> {
    const producer = this.#kafka.producer({
      idempotent: options.idempotent ?? false,
      allowAutoTopicCreation: false,
    });
    await producer.connect();
    await send(producer, topic, records, options.codec);
    await producer.disconnect();
  }

  async consume(topic: string, options: ConsumeOptions): Promise<readonly Incoming[]> {
    const consumer = this.#kafka.consumer({
      groupId: `kafkajs-reader-${process.pid}-${KafkajsSession.#readers++}-${topic}`,
      readUncommitted: !options.committed,
      maxWaitTimeInMs: 100,
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    const read: Incoming[] = [];
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        read.push(toIncoming(partition, message));
      },
    });
    try {
      await eventually(`${options.count} records of ${topic}`, async () => {
        if (read.length >= options.count) return true;
        throw new Error(`read ${read.map(record => `${record.partition}/${record.offset}`)}`);
      });
    } finally {
      await consumer.disconnect();
    }
    return read;
  }

  async join(group: string, topic: string): Promise<Member> {
    const consumer = this.#kafka.consumer({
      groupId: group,
      sessionTimeout: 10_000,
      heartbeatInterval: 300,
      rebalanceTimeout: 10_000,
      maxWaitTimeInMs: 100,
    });
    let assigned: readonly number[] = [];
    let assignments = 0;
    const revoked: number[] = [];
    const received: string[] = [];
    let closing = false;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      assigned = [...(payload.memberAssignment[topic] ?? [])].sort((a, b) => a - b);
      assignments++;
    });
    consumer.on(consumer.events.REBALANCING, () => {
      if (!closing) revoked.push(...assigned);
      assigned = [];
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommitInterval: 100,
      eachMessage: async ({ message }) => {
        received.push(message.value!.toString());
      },
    });
    return {
      assigned: async () => assigned,
      revoked: async () => revoked,
      assignments: async () => assignments,
      received: async () => [...received],
      close: async () => {
        closing = true;
        await consumer.stop();
        await consumer.disconnect();
      },
    };
  }

  async transactional(transactionalId: string): Promise<TransactionalProducer> {
    const producer = this.#kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    return {
      begin: async () => toTransaction(await producer.transaction()),
      close: () => producer.disconnect(),
    };
  }

  async copy(job: CopyJob): Promise<void> {
    const input = await this.consume(job.from, { count: job.count });
    const producer = this.#kafka.producer({
      transactionalId: job.transactionalId,
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    for (let at = 0, k = 0; at < job.count; at += job.perTransaction, k++) {
      const some = input.slice(at, at + job.perTransaction);
      const upper = some.map(({ key, value }) => ({ key, value: value!.toUpperCase() }));
      const offset = String(some.at(-1)!.offset + 1);
      const topics = [{ topic: job.from, partitions: [{ partition: 0, offset }] }];
      for (const end of k % 2 === 1 ? (['abort', 'commit'] as const) : (['commit'] as const)) {
        const transaction = await producer.transaction();
        await send(transaction, job.to, upper);
        await transaction.sendOffsets({ consumerGroupId: job.group, topics });
        await transaction[end]();
      }
    }
    await producer.disconnect();
  }

  async close(): Promise<void> {
    for (const close of this.#closing) await close();
  }
}

const toTransaction = (transaction: KafkaTransaction): Transaction => ({
  send: async (topic, records) => {
    await send(transaction, topic, records);
  },
  commit: () => transaction.commit(),
  abort: () => transaction.abort(),
});

function administration(admin: KafkaAdmin): Admin {
  const resource = (name: string) => ({ type: ConfigResourceTypes.TOPIC, name });
  return {
    createTopic: async (topic, numPartitions, config, replicationFactor = 1) => {
      const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
      const topics = [{ topic, numPartitions, replicationFactor, configEntries }];
      // It answers false, not with an error, when the broker said TOPIC_ALREADY_EXISTS.
      const made = await admin.createTopics({ topics }).catch(rethrowAll);
      if (!made) throw new Error(`${topic} exists`);
    },
    deleteTopic: topic => admin.deleteTopics({ topics: [topic] }),
    topics: () => admin.listTopics(),
    partitions: async topic =>
      (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]!.partitions.length,
    createPartitions: async (topic, count) => {
      await admin.createPartitions({ topicPartitions: [{ topic, count }] });
    },
    config: async topic => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [resource(topic)],
      });
      return Object.fromEntries(
        resources[0]!.configEntries.map(entry => [entry.configName, entry.configValue]),
      );
    },
    alterConfig: async (topic, name, value) => {
      const resources = [{ ...resource(topic), configEntries: [{ name, value }] }];
      await admin.alterConfigs({ validateOnly: false, resources });
    },
    deleteRecords: (topic, partition, before) =>
      admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(before) }] }),
    offsetFor: async (topic, partition, timestamp) => {
      if (timestamp < 0) {
        const at = (await admin.fetchTopicOffsets(topic)).find(found => found.partition === partition)!;
        return Number(timestamp === -1 ? at.high : at.low);
      }
      const found = await admin.fetchTopicOffsetsByTimestamp(topic, timestamp);
      return Number(found.find(at => at.partition === partition)!.offset);
    },
    groups: async () => (await admin.listGroups()).groups.map(group => group.groupId),
    group: async group => {
      const [found] = (await admin.describeGroups([group])).groups;
      return { state: found!.state, members: found!.members.length };
    },
    committed: async (groupId, topic) => {
      const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
      return Object.fromEntries(found!.partitions.map(at => [at.partition, Number(at.offset)]));
    },
    resetOffset: (groupId, topic, partition, offset) =>
      admin.setOffsets({ groupId, topic, partitions: [{ partition, offset: String(offset) }] }),
    deleteGroup: async group => {
      await admin.deleteGroups([group]);
    },
  };
}

/** kafkajs 2: the client most Node programs use. */
export const kafkajs: Driver = {
  name: 'kafkajs',
  missing: null,
  cannot: {
    cooperative: 'knows the eager protocol only',
    static: 'does not know group.instance.id',
    'null headers': 'writes a null header as an empty one',
  },
  open: connection => KafkajsSession.open(connection),
};
