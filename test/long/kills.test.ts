import { afterAll, beforeAll, describe, test } from 'vitest';
import { seededRng } from '../../src/core/mod.ts';
import { expectValid, randomKill } from '../support/kills.ts';
import { type Millrace, startMillrace } from '../support/millrace.ts';
import { recordProof } from '../support/proof.ts';

const KILLS = Number(process.env.KILLS ?? 100);

describe('kill -9 under load, the full count', () => {
  let millrace: Millrace;
  beforeAll(async () => {
    millrace = await startMillrace({ args: ['--generator.rate', '6000'] });
  });
  afterAll(() => millrace?.dispose());

  test(`after ${KILLS} kills every result equals its recomputation`, async () => {
    const rng = seededRng(1);
    for (let round = 1; round <= KILLS; round++) {
      await randomKill(millrace, rng, round);
      if (round % 5 === 0) expectValid(millrace);
    }
    expectValid(millrace);
    recordProof(
      'kill -9 of Node, PostgreSQL or both under 100 orders/s, `validate` after every fifth',
      KILLS,
      'equal',
    );
  });
});
