import { afterEach, describe, expect, test } from 'vitest';
import { armFailpoints, FAILPOINTS, type Failpoint } from '../../../src/core/mod.ts';
import { check, live, World, work } from '../../support/log-crashes.ts';

afterEach(() => {
  armFailpoints(null);
});

/** Steps that this workload does not take; other tests crash there. */
const ELSEWHERE: readonly string[] = [
  'log.compact.rename.after',
  'log.compact.rename.before',
  'log.retention.remove.before',
  'log.table.compact.before',
  'log.topic.delete.after',
];

describe('a crash loses nothing acknowledged and shows nothing uncommitted', () => {
  const points = FAILPOINTS.filter(name => name.startsWith('log.') && !ELSEWHERE.includes(name));
  test.each(points)('at %s', async point => {
    let crashes = 0;
    for (let seed = 0; seed < 20; seed++) {
      const world = new World(seed);
      crashes += await live(world, 4, ({ rng }) => {
        let left = rng.int(1, 6);
        armFailpoints(passed => {
          if (passed === point && --left === 0) world.disk.crash();
        });
      });
    }
    expect(crashes).toBeGreaterThan(0);
  });

  test('at random steps of random kinds', async () => {
    let crashes = 0;
    for (let seed = 100; seed < 220; seed++) {
      const world = new World(seed);
      crashes += await live(world, 3, ({ rng }) => {
        let left = rng.int(1, 60);
        armFailpoints((_: Failpoint) => {
          if (--left === 0) world.disk.crash();
        });
      });
    }
    expect(crashes).toBeGreaterThan(100);
  });

  test('at any call of the disk, during recovery too', async () => {
    let crashes = 0;
    for (let seed = 300; seed < 420; seed++) {
      const world = new World(seed);
      crashes += await live(world, 3, ({ rng, disk }) => {
        disk.faults.crashInCalls = rng.int(1, 400);
      });
    }
    expect(crashes).toBeGreaterThan(150);
  });

  test('and this test would notice: a disk that lies about flushes breaks it', async () => {
    const broken = await Promise.allSettled(
      Array.from({ length: 20 }, async (_, seed) => {
        const world = new World(seed);
        world.disk.faults.loseSync = /\.log$/;
        await work(world, await world.open(), 12);
        world.disk.crash();
        await check(world, await world.open());
      }),
    );
    expect(broken.filter(result => result.status === 'rejected').length).toBeGreaterThan(10);
  });
});
