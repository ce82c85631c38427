import { describe, expect, test } from 'vitest';
import { FAILPOINTS, type Failpoint, seededRng } from '../../src/core/mod.ts';
import { openBank } from '../support/bank.ts';
import { killAtFailpoint, killAtRandom, killUnderLoad } from '../support/bank-kills.ts';
import { recordProof } from '../support/proof.ts';

const KILLS = Number(process.env.KILLS ?? 200);
/**
 * Steps that the bank's jobs pass, alone or as several tasks; compaction, retention and segment roll belong
 * to the tests of the log.
 */
const stepsOf = (parallelism: number): readonly Failpoint[] => {
  const alone = /^(checkpoint\.(discard|kept|rename|write)|sink\.|jdbc\.|files\.|log\.transaction\.)/;
  const together = /^(checkpoint\.(align|copy|inject)|exchange\.)/;
  return FAILPOINTS.filter(name => alone.test(name) || (parallelism > 1 && together.test(name)));
};

// Side by side: most of the time a bank waits for transfers, or for what was killed to come back.
describe.concurrent('SQL jobs under kill -9, the full count', () => {
  test.for([1, 2])('parallelism %i', async (parallelism, { onTestFinished }) => {
    const began = Date.now();
    const kills = Math.ceil(KILLS / 2);
    const rng = seededRng(parallelism);
    const steps = stepsOf(parallelism);
    const bank = await openBank(rng, { perFeed: 2000, perSecond: 500, parallelism });
    onTestFinished(() => bank.dispose());
    for (let round = 0; round < kills; round++) {
      const step = steps[round % (2 * steps.length)];
      const kill = () => (step === undefined ? killAtRandom(bank, rng) : killAtFailpoint(bank, rng, step));
      const seconds = Math.round((Date.now() - began) / 1000);
      console.log(
        `parallelism ${parallelism}, kill ${round + 1}, ${seconds} s: ${await killUnderLoad(bank, kill)}`,
      );
    }
    expect(steps.length).toBeGreaterThan(5);
    await bank.checkEnd();
    recordProof(
      `kill -9 of a bank's SQL jobs at parallelism ${parallelism} (topic, Postgres and file sinks), at named steps and at random`,
      kills,
      'no transfer lost or doubled, every total read was 0',
    );
  });
});
