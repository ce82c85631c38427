import { afterEach, expect, test } from 'vitest';
import { armFailpoints } from '../../src/core/mod.ts';
import { live, World } from '../support/log-crashes.ts';
import { recordProof } from '../support/proof.ts';

const SEEDS = 5_000;

afterEach(() => {
  armFailpoints(null);
});

test(`${SEEDS} random lives of the log end in crashes that lose nothing acknowledged`, async () => {
  let crashes = 0;
  for (let seed = 0; seed < SEEDS; seed++) {
    const world = new World(seed);
    crashes += await live(world, 3, ({ rng, disk }) => {
      let left = rng.int(1, 90);
      if (rng.next() < 0.5) disk.faults.crashInCalls = rng.int(1, 600);
      else {
        armFailpoints(() => {
          if (--left === 0) disk.crash();
        });
      }
    }).catch(error => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
  }
  expect(crashes).toBeGreaterThan(SEEDS);
  recordProof(
    `crashes of the log in random lives on a disk that loses what was not synced`,
    crashes,
    'nothing acknowledged lost',
  );
});
