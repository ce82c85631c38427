import { afterEach, expect, test } from 'vitest';
import { armFailpoints } from '../../src/core/mod.ts';
import { recordProof } from '../support/proof.ts';
import { liveTransactions, TransactionWorld } from '../support/transaction-crashes.ts';

const SEEDS = 1_500;

afterEach(() => {
  armFailpoints(null);
});

test(`${SEEDS} random lives of clients' transactions end in crashes that leave each whole or not at all`, async () => {
  let crashes = 0;
  let ended = 0;
  for (let seed = 0; seed < SEEDS; seed++) {
    const world = new TransactionWorld(seed);
    crashes += await liveTransactions(world, 3, ({ rng, disk }) => {
      let left = rng.int(1, 160);
      if (rng.next() < 0.5) disk.faults.crashInCalls = rng.int(1, 700);
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
  expect(crashes).toBeGreaterThan(SEEDS);
  recordProof(
    "crashes under clients' transactions over three topics and a group's offsets",
    crashes,
    `each of them whole or not at all; ${ended.toLocaleString('en')} were ended`,
  );
});
