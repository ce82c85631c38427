import { afterEach, describe, expect, test } from 'vitest';
import { FAILPOINTS, seededRng } from '../../src/core/mod.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { killAtFailpoint, killAtRandom, killUnderLoad } from '../support/bank-kills.ts';
import { recordProof } from '../support/proof.ts';

const KILLS = Number(process.env.KILLS ?? 200);
/** Steps every running job passes; compaction, retention and segment roll belong to the tests of the log. */
const STEPS = FAILPOINTS.filter(name => /^(checkpoint|exchange|operator|sink|log\.transaction)\./.test(name));
describe('SQL jobs under kill -9, the full count', () => {
  let bank: Bank | undefined;
  afterEach(() => bank?.dispose());

  test.each([1, 2])('parallelism %i', async parallelism => {
    const kills = Math.ceil(KILLS / 2);
    const rng = seededRng(parallelism);
    const running = await openBank(rng, { perFeed: 2000, perSecond: 1000, parallelism });
    bank = running;
    for (let round = 0; round < kills; round++) {
      const step = STEPS[round % (2 * STEPS.length)];
      const kill = () =>
        step === undefined ? killAtRandom(running, rng) : killAtFailpoint(running, rng, step);
      console.log(`kill ${round + 1}: ${await killUnderLoad(running, kill)}`);
    }
    expect(STEPS.length).toBeGreaterThan(5);
    await running.checkEnd();
    recordProof(
      `kill -9 of a bank's SQL jobs at parallelism ${parallelism} (topic, Postgres and file sinks), at named steps and at random`,
      kills,
      'no transfer lost or doubled, every total read was 0',
    );
  });
});
