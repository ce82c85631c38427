import { expect } from 'vitest';
import { eventually } from '../millrace.ts';
import type { Admin, AdminCall } from './driver.ts';
import { type Bench, known, numbered, topic } from './scenarios.ts';

/** A client's own call, or the maker's where the client has none (which `cannot` names). */
function call<N extends AdminCall>(bench: Bench, name: N): Admin[N] {
  const own = bench.session.admin[name];
  const reason = bench.driver.cannot[`admin.${name}`];
  expect(own === undefined, `${name}: ${reason ?? 'no reason is named'}`).toBe(reason !== undefined);
  return (own ?? bench.maker.admin[name]) as Admin[N];
}

/** Topics: made, listed, grown, deleted; what can't be is refused. */
export async function administersTopics(bench: Bench): Promise<void> {
  const name = bench.name('admin');
  const createTopic = call(bench, 'createTopic');
  await createTopic(name, 2, { 'retention.ms': '7200000' });
  await known(bench, name);
  expect(await call(bench, 'topics')()).toContain(name);
  const partitions = call(bench, 'partitions');
  expect(await partitions(name)).toBe(2);
  await call(bench, 'createPartitions')(name, 5);
  await eventually('five partitions', async () => (await partitions(name)) === 5);
  await bench.session.produce(name, numbered('late', 3, 4));
  if (bench.session.admin.createTopic) {
    await expect(createTopic(name, 1, {}), 'made twice').rejects.toThrow(/exist/i);
    await expect(createTopic(`${name}-3`, 1, {}, 3), 'three replicas').rejects.toThrow(/replica/i);
    await expect(createTopic('a topic?', 1, {}), 'a bad name').rejects.toThrow(/invalid|topic/i);
    await expect(createTopic(`${name}-c`, 1, { 'retention.ms': 'soon' }), 'a bad value').rejects.toThrow();
  }
  await call(bench, 'deleteTopic')(name);
  await eventually('the topic is gone', async () => !(await bench.maker.admin.topics!()).includes(name));
}

/** Configuration is described, changed and applied. */
export async function administersConfig(bench: Bench): Promise<void> {
  const name = await topic(bench, 'config', 1, { 'retention.ms': '7200000' });
  const config = call(bench, 'config');
  const before = await config(name);
  expect(before['retention.ms']).toBe('7200000');
  expect(before['cleanup.policy']).toBe('delete');
  await call(bench, 'alterConfig')(name, 'max.message.bytes', '2000');
  await eventually('changed', async () => (await config(name))['max.message.bytes'] === '2000');
  const large = [{ key: null, value: 'x'.repeat(5000), partition: 0 }];
  await expect(bench.session.produce(name, large), 'a record too large').rejects.toThrow(/large|size/i);
  await bench.session.produce(name, numbered('small', 1, 0));
}

/** Records are deleted up to an offset; offsets are found by time. */
export async function administersRecords(bench: Bench): Promise<void> {
  const name = await topic(bench, 'records');
  await bench.session.produce(name, numbered('old', 10, 0));
  const [last] = (await bench.maker.consume(name, { count: 10 })).slice(-1);
  await eventually('time goes on', async () => Date.now() > last!.timestamp + 2);
  const between = Date.now();
  await bench.session.produce(name, numbered('new', 10, 0));
  const offsetFor = call(bench, 'offsetFor');
  expect(await offsetFor(name, 0, between)).toBe(10);
  expect(await offsetFor(name, 0, -1)).toBe(20);
  expect(await offsetFor(name, 0, -2)).toBe(0);
  await call(bench, 'deleteRecords')(name, 0, 15);
  expect(await offsetFor(name, 0, -2)).toBe(15);
  const read = await bench.session.consume(name, { count: 5 });
  expect(read.map(record => record.value)).toEqual(['new5', 'new6', 'new7', 'new8', 'new9']);
}

/** Groups are listed, described, set back and deleted. */
export async function administersGroups(bench: Bench): Promise<void> {
  const name = await topic(bench, 'groups');
  const group = bench.name('group');
  await bench.maker.produce(name, numbered('r', 10, 0));
  const run = async (expected: number): Promise<void> => {
    const member = await bench.maker.join!(group, name, { strategy: 'eager' });
    await eventually('received', async () => (await member.received()).length === expected);
    await eventually('committed', async () => (await bench.maker.admin.committed!(group, name))[0] === 10);
    await member.close();
  };
  await run(10);
  expect(await call(bench, 'groups')()).toContain(group);
  const describe = call(bench, 'group');
  await eventually('empty', async () => {
    const { state, members } = await describe(group);
    return members === 0 && /empty/i.test(state);
  });
  expect((await call(bench, 'committed')(group, name))[0]).toBe(10);
  await call(bench, 'resetOffset')(group, name, 0, 4);
  await run(6);
  await call(bench, 'deleteGroup')(group);
  await eventually('gone', async () => !(await bench.maker.admin.groups!()).includes(group));
}
