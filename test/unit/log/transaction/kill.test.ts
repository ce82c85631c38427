import { expect, test } from 'vitest';
import { killAtSteps } from '../../../support/transaction-kills.ts';

/** Invariant: what was answered before a kill -9 is there afterwards, whole, once and in order. */
test('a process killed in the middle of a transaction leaves it whole or not at all', async () => {
  const answered = await killAtSteps(['transaction.prepare.after', 'transaction.markers.after']);
  expect(answered, 'transactions were under way').toBeGreaterThan(10);
});
