import { afterAll, beforeAll, describe, test } from 'vitest';
import { seededRng } from '../../src/core/mod.ts';
import { expectValid, randomKill } from '../support/kills.ts';
import { type Millrace, startMillrace } from '../support/millrace.ts';

const KILLS = 6;

describe('FT-X14 FT-092 FT-089: kill -9 under load', () => {
  let millrace: Millrace;
  beforeAll(async () => {
    millrace = await startMillrace({ args: ['--generator.rate', '6000'] });
  });
  afterAll(() => millrace?.dispose());

  test('every result equals its recomputation after kills of Node, PostgreSQL and both', async () => {
    const rng = seededRng(20261121);
    for (let round = 1; round <= KILLS; round++) {
      await randomKill(millrace, rng, round);
      if (round % 3 === 0) expectValid(millrace);
    }
  });
});
