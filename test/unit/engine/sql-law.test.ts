import { expect, test } from 'vitest';
import { checkLaw, checkTimedLaw } from '../../support/sql-law/law.ts';

const CASES = 200;
const TIMED_CASES = 100;

test(`${CASES} random queries and histories: after each step the changes add up to DuckDB's answer`, async () => {
  const { refused } = await checkLaw(CASES, 1);
  expect(refused).toBeLessThan(CASES / 20);
}, 120_000);

test(`${TIMED_CASES} random windows, OVERs and deduplications of events in time give DuckDB's answer`, async () => {
  await expect(checkTimedLaw(TIMED_CASES, 1)).resolves.toBeUndefined();
}, 120_000);
