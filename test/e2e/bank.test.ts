import { afterEach, describe, test } from 'vitest';
import { seededRng } from '../../src/core/mod.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { killAtRandom, killUnderLoad } from '../support/bank-kills.ts';

const KILLS = 4;

describe('a bank under kill -9', () => {
  let bank: Bank | undefined;
  afterEach(() => bank?.dispose());

  test.each([1, 2])(
    'no transfer is lost or doubled, the total stays 0; parallelism %i',
    async parallelism => {
      const rng = seededRng(parallelism);
      const running = await openBank(rng, { perFeed: 2000, perSecond: 1000, parallelism });
      bank = running;
      for (let round = 1; round <= KILLS; round++) {
        console.log(`kill ${round}: ${await killUnderLoad(running, () => killAtRandom(running, rng))}`);
      }
      await running.checkEnd();
    },
  );
});
