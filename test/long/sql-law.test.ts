import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { recordProof } from '../support/proof.ts';
import { checkLaw, checkTimedLaw, LawBroken } from '../support/sql-law/law.ts';

const CASES = Number(process.env.LAW_CASES ?? 10_000);
/** Cases of one seed. */
const ROUND = 500;
const FOLDER = 'test/slt/regressions';

test(
  `${CASES} random queries and histories: after each step the changes add up to DuckDB's answer`,
  async () => {
    let refused = 0;
    for (let done = 0; done < CASES; done += ROUND) {
      const seed = 1000 + done;
      try {
        refused += (await checkLaw(Math.min(ROUND, CASES - done), seed)).refused;
        await checkTimedLaw(ROUND / 2, seed);
      } catch (error) {
        if (!(error instanceof LawBroken)) throw error;
        mkdirSync(FOLDER, { recursive: true });
        writeFileSync(`${FOLDER}/law-${seed}.slt`, error.slt);
        throw error;
      }
    }
    expect(refused).toBeLessThan(CASES / 20);
    recordProof('random queries and histories, the accumulated changes against DuckDB', CASES, 'equal');
  },
  4 * 3_600_000,
);
