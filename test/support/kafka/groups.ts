import { expect } from 'vitest';
import { eventually } from '../millrace.ts';
import type { JoinOptions, Member } from './driver.ts';
import { type Bench, numbered, topic } from './scenarios.ts';

const PARTITIONS = 4;
const ALL = [0, 1, 2, 3];
const PATIENCE_MS = 45_000;

/** Waits until the members hold all partitions, each so many. */
async function shared(members: readonly Member[], each: readonly number[]): Promise<void> {
  await eventually(
    `${PARTITIONS} partitions are shared as ${each}`,
    async () => {
      const held = await Promise.all(members.map(member => member.assigned()));
      const sizes = held.map(partitions => partitions.length).sort();
      const same = JSON.stringify(sizes) === JSON.stringify([...each].sort());
      if (same && JSON.stringify(held.flat().sort()) === JSON.stringify(ALL)) return true;
      throw new Error(JSON.stringify(held));
    },
    PATIENCE_MS,
  );
}

/** Waits until the members have received so many records, and none of them twice. */
async function receivedOnce(members: readonly Member[], sent: readonly string[]): Promise<void> {
  await eventually(
    `${sent.length} records received`,
    async () => {
      const all = (await Promise.all(members.map(member => member.received()))).flat();
      if (all.length >= sent.length) return true;
      throw new Error(`${all.length} of ${sent.length}`);
    },
    PATIENCE_MS,
  );
  const all = (await Promise.all(members.map(member => member.received()))).flat();
  expect([...all].sort()).toEqual([...sent].sort());
}

/** Waits until the group has committed all that a topic holds. */
async function caughtUp(bench: Bench, group: string, name: string): Promise<void> {
  await eventually(
    'all is committed',
    async () => {
      const committed = await bench.maker.admin.committed!(group, name);
      const ends = await Promise.all(ALL.map(at => bench.maker.admin.offsetFor!(name, at, -1)));
      if (ends.every((end, at) => end === 0 || committed[at] === end)) return true;
      throw new Error(`${JSON.stringify(committed)} of ${JSON.stringify(ends)}`);
    },
    PATIENCE_MS,
  );
}

interface Load {
  readonly name: string;
  readonly group: string;
  readonly sent: string[];
  /** Sends 40 records, ten to each partition. */
  send(): Promise<void>;
  join(instanceId?: string): Promise<Member>;
}

async function load(bench: Bench, what: string, strategy: JoinOptions['strategy']): Promise<Load> {
  const name = await topic(bench, what, PARTITIONS);
  const group = bench.name(`${what}-group`);
  const sent: string[] = [];
  let rounds = 0;
  return {
    name,
    group,
    sent,
    send: async () => {
      const round = rounds++;
      const records = ALL.flatMap(partition => numbered(`r${round}p${partition}-`, 10, partition));
      await bench.maker.produce(name, records);
      sent.push(...records.map(record => record.value!));
    },
    join: instanceId =>
      bench.session.join!(group, name, instanceId ? { strategy, instanceId } : { strategy }),
  };
}

/**
 * A second member takes half of the partitions, and gives them back when it leaves; every record is
 * received once, and
 * offsets outlive the members.
 */
export async function rebalances(bench: Bench, strategy: JoinOptions['strategy']): Promise<void> {
  const { name, group, sent, send, join } = await load(bench, strategy, strategy);
  await send();
  const first = await join();
  await shared([first], [4]);
  await receivedOnce([first], sent);
  await caughtUp(bench, group, name);
  const second = await join();
  await shared([first, second], [2, 2]);
  if (strategy === 'cooperative') {
    expect([...(await first.revoked())].sort()).toEqual([...(await second.assigned())].sort());
  }
  await send();
  await receivedOnce([first, second], sent);
  await caughtUp(bench, group, name);
  expect((await bench.maker.admin.group!(group)).members).toBe(2);
  const kept = await first.assigned();
  await second.close();
  await shared([first], [4]);
  if (strategy === 'cooperative') {
    const revoked = await first.revoked();
    expect(revoked.filter(partition => kept.includes(partition))).toEqual([]);
  }
  await send();
  const before = await second.received().catch(() => []);
  await receivedOnce([first, { ...second, received: async () => before }], sent);
  await caughtUp(bench, group, name);
  await first.close();
  await eventually('the group is empty', async () => {
    const { state, members } = await bench.maker.admin.group!(group);
    return members === 0 && /empty/i.test(state);
  });
  const unread = sent.length;
  await send();
  const third = await join();
  await receivedOnce([third], sent.slice(unread));
  await third.close();
}

/**
 * A static member that goes and comes back under its name gets the same partitions; the others notice
 * nothing.
 */
export async function keepsStaticMembers(bench: Bench): Promise<void> {
  const { name, group, sent, send, join } = await load(bench, 'static', 'eager');
  const stays = await join('stays');
  await shared([stays], [4]);
  const goes = await join('goes');
  await shared([stays, goes], [2, 2]);
  await send();
  await receivedOnce([stays, goes], sent);
  await caughtUp(bench, group, name);
  const had = await goes.assigned();
  const assignments = await stays.assignments();
  const received = await goes.received();
  await goes.close();
  expect((await bench.maker.admin.group!(group)).members, 'a static member that closed is a member').toBe(2);
  const back = await join('goes');
  await eventually('the same partitions', async () => {
    return JSON.stringify(await back.assigned()) === JSON.stringify(had);
  });
  await send();
  await receivedOnce([stays, back, { ...goes, received: async () => received }], sent);
  expect(await stays.assignments(), 'assignments of the member that stayed').toBe(assignments);
  await stays.close();
  await back.close();
}
