import { encodeBatch } from '../../../src/log/codec/mod.ts';
import type { Asked } from '../kafka-answers.ts';
import { ask } from './ask.ts';

const [PRODUCE, DELETE_RECORDS, LEADER_EPOCH, LOG_DIRS, PRODUCERS] = [0, 21, 23, 35, 61];

function records(count: number, producerId = -1): string {
  const all = Array.from({ length: count }, (_, i) => ({
    key: null,
    value: new Uint8Array([i]),
    timestamp: 1_700_000_000_000 + i,
  }));
  const producer = {
    producerId,
    producerEpoch: producerId < 0 ? -1 : 0,
    baseSequence: producerId < 0 ? -1 : 0,
  };
  const { bytes } = encodeBatch(all as never, 0, count, { ...producer, transactional: false }, 0);
  return `BASE64:${Buffer.from(bytes).toString('base64')}`;
}

const produce = (title: string, name: string, index: number, bytes: string): Asked =>
  ask(title, PRODUCE, 9, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name, partitionData: [{ index, records: bytes }] }],
  });

const cut = (title: string, name: string, partitionIndex: number, offset: number): Asked =>
  ask(title, DELETE_RECORDS, 2, {
    topics: [{ name, partitions: [{ partitionIndex, offset }] }],
    timeoutMs: 1000,
  });

const epochs = (title: string, asked: Record<string, unknown>, name = 't1', version = 4): Asked =>
  ask(title, LEADER_EPOCH, version, {
    replicaId: -1,
    topics: [
      { topic: name, partitions: [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 0, ...asked }] },
    ],
  });

/** What is asked of partitions with records. */
export const withRecords = (): Asked[] => [
  produce('ten records', 't1', 0, records(10)),
  produce('records of a producer', 't1', 1, records(3, 77)),
  produce('records into a compacted topic', 'all', 0, records(1)),
  cut('the first two', 't1', 0, 2),
  cut('fewer than are gone', 't1', 0, 1),
  cut('all', 't1', 0, -1),
  cut('beyond the end', 't1', 0, 11),
  cut('a negative offset', 't1', 0, -2),
  cut('of a partition that is not there', 't1', 99, 0),
  cut('of a topic that is not there', 'nowhere', 0, 0),
  epochs('the only epoch', {}),
  epochs('a later epoch', { leaderEpoch: 5 }),
  epochs('no epoch', { leaderEpoch: -1 }),
  epochs('a leader of later', { currentLeaderEpoch: 9 }),
  epochs('the leader', { currentLeaderEpoch: 0 }),
  epochs('in version 2', {}, 't1', 2),
  epochs('of a partition that is not there', { partition: 50 }),
  epochs('of a topic that is not there', {}, 'nowhere'),
  ask('producers', PRODUCERS, 0, {
    topics: [
      { name: 't1', partitionIndexes: [0, 1, 99] },
      { name: 'nowhere', partitionIndexes: [0] },
    ],
  }),
  ask('sizes of everything that has some', LOG_DIRS, 4, {
    topics: [
      { topic: 't1', partitions: [0, 1, 2, 99] },
      { topic: 'nowhere', partitions: [0] },
    ],
  }),
  ask('sizes of nothing', LOG_DIRS, 4, { topics: [] }),
];
