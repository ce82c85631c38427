import { afterEach, describe, expect, test } from 'vitest';
import { FAILPOINTS, type Failpoint, seededRng } from '../../src/core/mod.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { killAtFailpoint, killAtRandom, killUnderLoad } from '../support/bank-kills.ts';
import { recordProof } from '../support/proof.ts';

const KILLS = Number(process.env.KILLS ?? 200);
/**
 * Steps that running jobs pass, alone or as several tasks; compaction, retention and segment roll belong to
 * the tests of the
 * log, files to those of their connector.
 */
const stepsOf = (parallelism: number): readonly Failpoint[] => {
  const alone = /^(checkpoint\.(rename|write)|sink\.|jdbc\.|log\.transaction\.)/;
  const together =
    /^(checkpoint\.(align|copy|inject|rename|write)|exchange\.|sink\.|jdbc\.|log\.transaction\.)/;
  return FAILPOINTS.filter(name => (parallelism === 1 ? alone : together).test(name));
};

describe('SQL jobs under kill -9, the full count', () => {
  let bank: Bank | undefined;
  afterEach(() => bank?.dispose());

  test.each([1, 2])('parallelism %i', async parallelism => {
    const kills = Math.ceil(KILLS / 2);
    const rng = seededRng(parallelism);
    const steps = stepsOf(parallelism);
    const running = await openBank(rng, { perFeed: 3000, perSecond: 500, parallelism });
    bank = running;
    for (let round = 0; round < kills; round++) {
      const step = steps[round % (2 * steps.length)];
      const kill = () =>
        step === undefined ? killAtRandom(running, rng) : killAtFailpoint(running, rng, step);
      console.log(`kill ${round + 1}: ${await killUnderLoad(running, kill)}`);
    }
    expect(steps.length).toBeGreaterThan(5);
    await running.checkEnd();
    recordProof(
      `kill -9 of a bank's SQL jobs at parallelism ${parallelism} (topic, Postgres and file sinks), at named steps and at random`,
      kills,
      'no transfer lost or doubled, every total read was 0',
    );
  });
});
