import { describe, expect, test } from 'vitest';
import { ALL, brokerWorld, clientBatch } from '../../support/client-batches.ts';
import { readAll, record, values } from '../../support/log-conformance.ts';

const t0 = { topic: 't', partition: 0 };

test('a topic has an id, which a restart keeps and a topic made again has not', async () => {
  const { log, open, disk } = await brokerWorld();
  const made = await log.createTopicAs('t', 2, { 'retention.ms': '1000' });
  expect(made).toMatchObject({
    name: 't',
    partitions: 2,
    config: { 'retention.ms': '1000' },
    internal: false,
  });
  expect(made.id).toMatch(/^[\w-]{22}$/);
  expect(log.topicById(made.id)).toEqual(made);
  disk.kill();
  const again = await open();
  expect(again.topicNamed('t')).toEqual(made);
  expect(again.clusterId).toBe(log.clusterId);
  await again.deleteTopic('t');
  expect([again.topicNamed('t'), again.topicById(made.id)]).toEqual([undefined, undefined]);
  expect((await again.createTopicAs('t', 1, {})).id).not.toBe(made.id);
});

test('partitions are added, and what is there stays', async () => {
  const { log, open, disk } = await brokerWorld();
  await log.createTopic('t', 1);
  await log.append(t0, [record('a')]);
  await log.createPartitions('t', 3, { validateOnly: true });
  expect(log.topicNamed('t')?.partitions).toBe(1);
  await log.createPartitions('t', 3);
  await log.append({ topic: 't', partition: 2 }, [record('b')]);
  for (const total of [3, 2, 0]) {
    await expect(log.createPartitions('t', total)).rejects.toMatchObject({ error: 'INVALID_PARTITIONS' });
  }
  disk.kill();
  const again = await open();
  expect(again.topicNamed('t')?.partitions).toBe(3);
  expect(values(await readAll(again, 't'))).toEqual(['a']);
  expect(values(await readAll(again, 't', 'read_committed', 2))).toEqual(['b']);
});

test('names that Kafka refuses are refused, names that others begin with __ are not', async () => {
  const { log } = await brokerWorld();
  for (const name of ['__consumer_offsets', '__transaction_state', '__topics', 'a b', '..']) {
    await expect(log.createTopicAs(name, 1, {})).rejects.toMatchObject({ error: 'INVALID_TOPIC_EXCEPTION' });
  }
  await log.createTopicAs('__debezium-heartbeat.x', 1, {});
  await log.createTopicAs('a.b', 1, {});
  await expect(log.createTopicAs('a_b', 1, {})).rejects.toMatchObject({ error: 'INVALID_TOPIC_EXCEPTION' });
  await expect(log.createTopicAs('a.b', 1, {})).rejects.toMatchObject({ code: 'TOPIC_EXISTS' });
  await expect(log.createTopicAs('c', 0, {})).rejects.toMatchObject({ error: 'INVALID_PARTITIONS' });
});

describe('settings', () => {
  test.each([
    ['no.such.setting', '1'],
    ['retention.ms', 'soon'],
    ['retention.ms', '-2'],
    ['retention.ms', '9223372036854775808'],
    ['cleanup.policy', 'compact,forget'],
    ['compression.type', 'brotli'],
    ['min.cleanable.dirty.ratio', '1.5'],
    ['message.timestamp.type', 'EventTime'],
    ['preallocate', 'yes'],
    ['compression.gzip.level', '0'],
    ['remote.storage.enable', 'true'],
    ['toString', 'x'],
  ])('%s = %s is refused', async (name, value) => {
    const { log } = await brokerWorld();
    await expect(log.createTopicAs('t', 1, { [name]: value })).rejects.toMatchObject({
      error: 'INVALID_CONFIG',
    });
    await log.createTopicAs('t', 1, {});
    await expect(log.alterTopicConfig('t', [{ name, op: 'set', value }])).rejects.toMatchObject({
      error: 'INVALID_CONFIG',
    });
    expect(log.topicNamed('t')?.config).toEqual({});
  });

  test('what Kafka and its tools set is taken', async () => {
    const { log } = await brokerWorld();
    const config = {
      'cleanup.policy': 'compact, delete',
      'max.compaction.lag.ms': '9223372036854775807',
      'min.insync.replicas': '1',
      'segment.bytes': '104857600',
      'compression.type': 'zstd',
      'compression.zstd.level': '3',
      'unclean.leader.election.enable': 'false',
      'flush.messages': '1',
      'file.delete.delay.ms': '60000',
      'remote.storage.enable': 'false',
    };
    const { config: stored } = await log.createTopicAs('t', 1, config);
    expect(stored).toEqual({ ...config, 'cleanup.policy': 'compact,delete' });
    expect((await log.describeTopic('t'))?.config).toMatchObject({
      'cleanup.policy': 'compact,delete',
      'segment.bytes': 104_857_600,
    });
  });

  test('are set, given back, added to and taken from, durably; or not at all', async () => {
    const { log, open, disk } = await brokerWorld();
    await log.createTopicAs('t', 1, { 'retention.ms': '5' });
    await log.alterTopicConfig('t', [
      { name: 'cleanup.policy', op: 'append', value: 'compact' },
      { name: 'retention.ms', op: 'delete', value: null },
      { name: 'max.message.bytes', op: 'set', value: '100' },
    ]);
    const expected = { 'cleanup.policy': 'delete,compact', 'max.message.bytes': '100' };
    expect(log.topicNamed('t')?.config).toEqual(expected);
    const wrong = [
      { name: 'max.message.bytes', op: 'delete', value: null },
      { name: 'segment.ms', op: 'set', value: '0' },
    ] as const;
    await expect(log.alterTopicConfig('t', wrong)).rejects.toMatchObject({ error: 'INVALID_CONFIG' });
    await expect(
      log.alterTopicConfig('t', [{ name: 'segment.ms', op: 'append', value: '1' }]),
    ).rejects.toMatchObject({ error: 'INVALID_CONFIG' });
    disk.kill();
    const again = await open();
    expect(again.topicNamed('t')?.config).toEqual(expected);
    await again.alterTopicConfig('t', [{ name: 'cleanup.policy', op: 'subtract', value: 'delete' }]);
    expect(again.topicNamed('t')?.config).toMatchObject({ 'cleanup.policy': 'compact' });
    await again.replaceTopicConfig('t', { 'segment.ms': '7' });
    expect(again.topicNamed('t')?.config).toEqual({ 'segment.ms': '7' });
  });

  test('hold at once', async () => {
    const { log } = await brokerWorld();
    await log.createTopicAs('t', 1, {});
    const batch = clientBatch([record('x'.repeat(200))]);
    await log.appendBatches(t0, batch.slice(), ALL);
    await log.alterTopicConfig('t', [{ name: 'max.message.bytes', op: 'set', value: '100' }]);
    await expect(log.appendBatches(t0, batch.slice(), ALL)).rejects.toMatchObject({
      error: 'MESSAGE_TOO_LARGE',
    });
  });

  test('are told with where they come from', async () => {
    const { log } = await brokerWorld({ retentionMs: 77 });
    await log.createTopicAs('t', 1, { 'segment.ms': '5' });
    const entries = new Map(log.describeTopicConfig('t').map(entry => [entry.name, entry]));
    expect(entries.get('segment.ms')).toMatchObject({ value: '5', source: 'DYNAMIC_TOPIC_CONFIG' });
    expect(entries.get('retention.ms')).toMatchObject({ value: '77', source: 'STATIC_BROKER_CONFIG' });
    expect(entries.get('cleanup.policy')).toMatchObject({
      value: 'delete',
      source: 'DEFAULT_CONFIG',
      type: 'LIST',
    });
    expect(() => log.describeTopicConfig('nope')).toThrow(expect.objectContaining({ code: 'UNKNOWN_TOPIC' }));
  });
});

test('records are deleted up to any offset, for good, and reading goes on there', async () => {
  const { log, open, disk } = await brokerWorld();
  await log.createTopic('t', 1);
  for (let i = 0; i < 3; i++) {
    await log.appendBatches(t0, clientBatch([0, 1, 2].map(j => record(`v${i * 3 + j}`))), ALL);
  }
  expect(await log.deleteRecords(t0, 4)).toBe(4);
  expect(await log.deleteRecords(t0, 2)).toBe(4);
  await expect(log.read(t0, 3, 100, 'read_committed')).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
  expect(values(await readAll(log, 't'))).toEqual(['v4', 'v5', 'v6', 'v7', 'v8']);
  await expect(log.deleteRecords(t0, 10)).rejects.toMatchObject({ error: 'OFFSET_OUT_OF_RANGE' });
  disk.kill();
  const again = await open();
  expect(await again.offsets(t0)).toMatchObject({ logStartOffset: 4, logEndOffset: 9 });
  expect(await again.deleteRecords(t0, -1)).toBe(9);
  expect(again.sizeOf(t0)).toBe(0);
  expect((await again.append(t0, [record('next')])).baseOffset).toBe(9);
  disk.kill();
  const last = await open();
  expect(values(await readAll(last, 't'))).toEqual(['next']);
  await last.createTopicAs('c', 1, { 'cleanup.policy': 'compact' });
  await expect(last.deleteRecords({ topic: 'c', partition: 0 }, 0)).rejects.toMatchObject({
    error: 'POLICY_VIOLATION',
  });
});

test('offsets are found by time, by the largest time, and at the ends', async () => {
  const { log } = await brokerWorld();
  await log.createTopic('t', 1);
  const none = { offset: -1, timestampMs: -1 };
  expect(await log.listOffset(t0, 'max-timestamp', 'read_uncommitted')).toEqual(none);
  const at = (times: number[]) => times.map(time => record('x', null, time));
  await log.appendBatches(t0, clientBatch(at([10, 40, 20])), ALL);
  await log.appendBatches(t0, clientBatch(at([40, 30]), { codec: 'lz4' }), ALL);
  const producer = { producerId: 4, baseSequence: 0, transactional: true };
  await log.appendBatches(t0, clientBatch(at([90]), producer), ALL);
  const ask = (
    query: Parameters<typeof log.listOffset>[1],
    isolation: 'read_committed' | 'read_uncommitted',
  ) => log.listOffset(t0, query, isolation);
  expect(await ask({ timestampMs: 15 }, 'read_committed')).toEqual({ offset: 1, timestampMs: 40 });
  expect(await ask({ timestampMs: 41 }, 'read_committed')).toEqual(none);
  expect(await ask({ timestampMs: 41 }, 'read_uncommitted')).toEqual({ offset: 5, timestampMs: 90 });
  expect(await ask('max-timestamp', 'read_committed')).toEqual({ offset: 1, timestampMs: 40 });
  expect(await ask('max-timestamp', 'read_uncommitted')).toEqual({ offset: 5, timestampMs: 90 });
  expect(await ask('latest', 'read_committed')).toMatchObject({ offset: 5 });
  expect(await ask('latest', 'read_uncommitted')).toMatchObject({ offset: 6 });
  await log.deleteRecords(t0, 2);
  expect(await ask({ timestampMs: 0 }, 'read_committed')).toEqual({ offset: 2, timestampMs: 20 });
  expect(await ask('earliest', 'read_committed')).toMatchObject({ offset: 2 });
  expect(await ask('earliest-local', 'read_committed')).toMatchObject({ offset: 2 });
  expect(await ask('latest-tiered', 'read_committed')).toEqual(none);
});
