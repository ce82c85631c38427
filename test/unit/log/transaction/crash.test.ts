import { afterEach, expect, test } from 'vitest';
import { armFailpoints, FAILPOINTS } from '../../../../src/core/mod.ts';
import { liveTransactions, TransactionWorld } from '../../../support/transaction-crashes.ts';

afterEach(() => {
  armFailpoints(null);
});

test('random lives of transactions end in crashes that leave each whole or not at all', async () => {
  let crashes = 0;
  let ended = 0;
  for (let seed = 0; seed < 30; seed++) {
    const world = new TransactionWorld(seed);
    crashes += await liveTransactions(world, 3, ({ rng, disk }) => {
      let left = rng.int(1, 120);
      if (rng.next() < 0.5) disk.faults.crashInCalls = rng.int(1, 500);
      else {
        armFailpoints(() => {
          if (--left === 0) disk.crash();
        });
      }
    }).catch(error => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
    ended += world.ended;
  }
  expect(crashes).toBeGreaterThan(30);
  expect(ended).toBeGreaterThan(100);
});

/** What every life passes; time-outs and forgetting have tests of their own. */
const STEPS = FAILPOINTS.filter(name => /^transaction\.(?!timeout|expire)/.test(name));

test.each(STEPS)('a crash at %s', async name => {
  let crashes = 0;
  for (let seed = 0; seed < 4; seed++) {
    const world = new TransactionWorld(1_000 + seed);
    crashes += await liveTransactions(world, 2, ({ rng, disk }) => {
      let left = rng.int(1, name === 'transaction.init.after' ? 2 : 8);
      armFailpoints(passed => {
        if (passed === name && --left === 0) disk.crash();
      });
    }).catch(error => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
  }
  expect(crashes).toBeGreaterThan(0);
});
