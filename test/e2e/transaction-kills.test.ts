import { expect, test } from 'vitest';
import { FAILPOINTS } from '../../src/core/mod.ts';
import { killAtSteps } from '../support/transaction-kills.ts';

const STEPS = FAILPOINTS.filter(name => name.startsWith('transaction.'));

test("kill -9 at each step of clients' transactions, time-outs and expiry", async () => {
  const answered = await killAtSteps(STEPS);
  console.log(`killed at ${STEPS.length} steps, ${answered} transactions answered before`);
  expect(answered, 'transactions were under way').toBeGreaterThan(STEPS.length);
}, 180_000);
