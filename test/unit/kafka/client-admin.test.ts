import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Clock } from '../../../src/core/mod.ts';
import {
  type ClusterLog,
  type KafkaServer,
  openClusterLog,
  openKafkaServer,
} from '../../../src/kafka/mod.ts';
import { type LogAdmin, type LogBroker, nodeStorage, openEmbeddedLog } from '../../../src/log/mod.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { record } from '../../support/log-conformance.ts';

const AT = { topic: 't', partition: 0 };

/** The client's clock may run ahead. */
let aheadMs = 0;
const clock: Clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs };

let directory: string;
let broker: LogBroker;
let server: KafkaServer;
let log: ClusterLog;
let admin: LogAdmin;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-admin-'));
  broker = await openEmbeddedLog({
    ...{ storage: nodeStorage(), clock: systemClock, directory },
    flush: 'interval',
  });
  server = await openKafkaServer({
    ...{ broker, clock: systemClock, say: () => undefined },
    listeners: [
      {
        ...{ name: 'PLAINTEXT', host: '127.0.0.1', port: 0, portsMax: 0 },
        ...{ advertised: null, security: 'PLAINTEXT' },
      },
    ],
  });
  const bootstrap = [`127.0.0.1:${server.listeners[0]!.port}`];
  log = openClusterLog({ bootstrap, clock, deliveryTimeoutMs: 5_000 });
  admin = log.admin!;
  await log.createTopic('t', 2, { 'retention.ms': 60_000 });
});
afterEach(async () => {
  await log.close();
  await server.close();
  await broker.close();
  await rm(directory, { recursive: true });
});

test('brokers, topics and sizes', async () => {
  const { port } = server.listeners[0]!;
  const { brokers, controllerId, clusterId } = await admin.cluster();
  expect(clusterId).toBe(broker.clusterId);
  expect(brokers).toEqual([{ nodeId: controllerId, host: '127.0.0.1', port }]);
  await log.append({ topic: 't', partition: 1 }, [record('x'.repeat(1000))]);
  const listed = (await admin.listTopics()).filter(topic => !topic.internal);
  expect(listed).toEqual([{ name: 't', partitions: 2, replicationFactor: 1, internal: false }]);
  const [first, second] = (await admin.sizes()).get('t')!;
  expect(first).toBe(0);
  expect(second).toBeGreaterThan(1000);
  expect(await admin.traffic()).toBeNull();
});

test('the topic where writers keep their state is shown as internal, and not among the topics', async () => {
  const writer = await log.openWriter('w');
  await writer.commit({ sequence: 1, position: null, parts: [] });
  const states = (await admin.listTopics()).find(topic => topic.name === '_millrace_state');
  expect(states).toMatchObject({ internal: true });
  expect((await log.topics()).map(topic => topic.name)).toEqual(['t']);
});

test('settings are shown with their sources, changed, given back, and refused', async () => {
  const settingOf = async (name: string) =>
    (await admin.describeConfigs(['t'])).get('t')!.find(entry => entry.name === name);
  expect(await settingOf('retention.ms')).toMatchObject({ value: '60000', source: 'DYNAMIC_TOPIC_CONFIG' });
  expect(await settingOf('cleanup.policy')).toMatchObject({ value: 'delete', type: 'LIST' });
  await admin.alterConfig('t', { 'retention.ms': null, 'max.message.bytes': '500' });
  expect(await settingOf('retention.ms')).toMatchObject({ value: '604800000' });
  // Known at once, also to those who write.
  await expect(log.append(AT, [record('x'.repeat(600))])).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE' });
  for (const wrong of [{ 'retention.ms': 'soon' }, { 'no.such.setting': '1' }]) {
    await expect(admin.alterConfig('t', wrong)).rejects.toMatchObject({ code: 'TOPIC_INVALID' });
  }
  expect([...(await admin.describeConfigs(['nope', 't'])).keys()]).toEqual(['t']);
  await expect(admin.alterConfig('nope', {})).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
});

test('what settings do is told where that is asked for', async () => {
  const told = async (documentation: boolean) =>
    (await admin.describeConfigs(['t'], { documentation })).get('t')!.flatMap(e => e.documentation ?? []);
  expect(await told(true)).not.toEqual([]);
  expect(await told(false)).toEqual([]);
});

test('the largest batch a topic takes is asked anew after a while, and when a broker refuses one', async () => {
  await log.append(AT, [record('x'.repeat(600))]);
  const setFromOutside = (value: string): Promise<void> =>
    broker.alterTopicConfig('t', [{ name: 'max.message.bytes', op: 'set', value }]);
  const two = () => log.append(AT, [record('x'.repeat(400)), record('y'.repeat(400))]);
  await setFromOutside('600');
  await expect(two()).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE' });
  await two();
  await setFromOutside('2000');
  await expect(log.append(AT, [record('x'.repeat(1000))])).rejects.toMatchObject({
    code: 'RECORD_TOO_LARGE',
  });
  aheadMs += 31_000;
  await log.append(AT, [record('x'.repeat(1000))]);
  expect((await log.offsets(AT)).highWatermark).toBe(4);
});

test('partitions are added, records deleted', async () => {
  await admin.createPartitions('t', 3);
  await log.append({ topic: 't', partition: 2 }, [record('third')]);
  await expect(admin.createPartitions('t', 3)).rejects.toMatchObject({ code: 'TOPIC_INVALID' });
  for (const value of ['a', 'b', 'c']) await log.append(AT, [record(value)]);
  expect(await admin.deleteRecords(AT, 2)).toBe(2);
  expect(await log.offsets(AT)).toMatchObject({ logStartOffset: 2, highWatermark: 3 });
  await expect(log.read(AT, 0, 100, 'read_committed')).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
  await expect(admin.deleteRecords(AT, 9)).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
});

test('offsets of a group are set, read, forgotten; the group is deleted', async () => {
  await log.append(AT, [record('a')]);
  await admin.commitOffsets('g', [
    { ...AT, offset: 1 },
    { topic: 't', partition: 1, offset: 0 },
  ]);
  expect(await admin.listGroups()).toEqual([{ groupId: 'g', state: 'Empty', protocolType: '' }]);
  expect(await admin.describeGroup('g')).toMatchObject({ groupId: 'g', state: 'Empty', members: [] });
  expect(await admin.committedOffsets('g')).toEqual([
    { ...AT, offset: 1, metadata: '' },
    { topic: 't', partition: 1, offset: 0, metadata: '' },
  ]);
  await admin.deleteOffsets('g', [AT]);
  expect((await admin.committedOffsets('g')).map(({ partition }) => partition)).toEqual([1]);
  await admin.deleteGroup('g');
  expect(await admin.describeGroup('g')).toBeUndefined();
  expect(await admin.committedOffsets('g')).toEqual([]);
  await expect(admin.deleteGroup('g')).rejects.toMatchObject({ error: 'GROUP_ID_NOT_FOUND' });
});
