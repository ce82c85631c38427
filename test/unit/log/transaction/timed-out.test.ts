import { expect, test } from 'vitest';
import { TransactionCoordinator } from '../../../../src/log/transaction/coordinator.ts';
import { EPOCH_MAX } from '../../../../src/log/transaction/metadata.ts';
import { DEFAULT_TRANSACTION_SETTINGS } from '../../../../src/log/transaction/settings.ts';
import type { StoredTransaction } from '../../../../src/log/transaction/stored.ts';
import { TestClock } from '../../../support/test-clock.ts';

/** Open, with the last epoch of its producer id. */
const open = (nowMs: number): StoredTransaction => ({
  state: 'Ongoing',
  producerId: 5,
  previousProducerId: 5,
  nextProducerId: -1,
  producerEpoch: EPOCH_MAX - 1,
  lastProducerEpoch: EPOCH_MAX - 2,
  timeoutMs: 60_000,
  partitions: [],
  startMs: nowMs,
  lastUpdateMs: nowMs,
  version: 0,
  ended: [],
});

test('a commit that comes while a timed-out transaction waits for a producer id is not aborted', async () => {
  const clock = new TestClock();
  const gates: (() => void)[] = [];
  const gate = () => new Promise<void>(resolve => gates.push(resolve));
  const stored: unknown[] = [];
  const coordinator = new TransactionCoordinator({
    table: {
      get: () => undefined,
      entries: () => [['a', open(clock.nowMs())]],
      put: async (...changes) => {
        stored.push(...changes.map(([, value]) => value?.state));
        if (stored.length === 1) await gate();
      },
    },
    ids: { fresh: () => gate().then(() => 6), isOwn: () => false },
    partitions: { find: () => undefined, all: () => [] },
    completeOffsets: async () => {},
    clock,
    settings: DEFAULT_TRANSACTION_SETTINGS,
  });
  await coordinator.recover();
  clock.advance(60_001);
  // A producer id is asked for.
  await expect.poll(() => gates.length).toBe(1);
  const producer = { transactionalId: 'a', producerId: 5, producerEpoch: EPOCH_MAX - 1 };
  const ended = coordinator.end({ ...producer, committed: true, version: 0 });
  expect(gates, 'the commit is being stored').toHaveLength(2);
  gates[0]!();
  await new Promise(resolve => setImmediate(resolve));
  gates[1]!();
  await ended;
  await coordinator.close();
  expect(stored).toEqual(['PrepareCommit', 'CompleteCommit']);
  expect(coordinator.failure).toBeNull();
});
