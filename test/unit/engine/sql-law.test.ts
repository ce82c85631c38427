import { expect, test } from 'vitest';
import { checkLaw } from '../../support/sql-law/law.ts';

const CASES = 300;

test(`${CASES} random queries and histories: after each step the changes add up to DuckDB's answer`, async () => {
  const { refused } = await checkLaw(CASES, 1);
  expect(refused).toBeLessThan(CASES / 20);
}, 60_000);
