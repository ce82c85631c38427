import { expect, test } from 'vitest';
import { CREATE_PARTITIONS, CREATE_TOPICS, METADATA } from '../../../../src/kafka/messages/mod.ts';
import { errorName } from '../../../../src/kafka/protocol/mod.ts';
import { TestBroker } from '../../../support/kafka-broker.ts';

const topic = (name: string, numPartitions: number) => {
  return { name, numPartitions, replicationFactor: 1, assignments: [], configs: [] };
};

test('no request makes more partitions than all topics may have together', async () => {
  await using broker = await TestBroker.start({ partitionsMax: 5 });
  const wire = await broker.connect();
  const create = async (name: string, partitions: number): Promise<string> => {
    const { topics } = await wire.ask(CREATE_TOPICS, 7, { topics: [topic(name, partitions)] });
    return errorName(topics[0]!.errorCode);
  };
  expect(await create('large', 6)).toBe('POLICY_VIOLATION');
  expect(await create('a', 3)).toBe('NONE');
  expect(await create('b', 3)).toBe('POLICY_VIOLATION');
  const grown = await wire.ask(CREATE_PARTITIONS, 3, {
    topics: [{ name: 'a', count: 6, assignments: null }],
    timeoutMs: 1000,
    validateOnly: false,
  });
  expect(errorName(grown.results[0]!.errorCode)).toBe('POLICY_VIOLATION');
  expect(await create('b', 2)).toBe('NONE');
  const asked = await wire.ask(METADATA, 12, {
    topics: [{ name: 'c' }],
    includeTopicAuthorizedOperations: false,
  });
  expect(errorName(asked.topics[0]!.errorCode)).toBe('POLICY_VIOLATION');
  await wire[Symbol.asyncDispose]();
});

test('topics made by one request count for each other, and one named again is told once', async () => {
  await using broker = await TestBroker.start({ partitionsMax: 2 });
  await using wire = await broker.connect();
  const { topics } = await wire.ask(METADATA, 12, {
    topics: ['a', 'a', 'b', 'c', 'a'].map(name => ({ name })),
    includeTopicAuthorizedOperations: false,
  });
  expect(topics.map(({ name, errorCode }) => [name, errorName(errorCode)])).toEqual([
    ['a', 'NONE'],
    ['b', 'NONE'],
    ['c', 'POLICY_VIOLATION'],
  ]);
});
