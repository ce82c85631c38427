import { setImmediate } from 'node:timers/promises';
import { seededRng } from '../../src/core/mod.ts';
import { nodeStorage, openEmbeddedLog } from '../../src/log/mod.ts';
import { armKillFromEnvironment } from '../../src/platform/failpoint-kill.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { type TransactionLedger, work } from './transaction-crashes.ts';

/*
 * Run as a program: transactions in the log of the folder named by the argument until it is killed.
 * Prints `q <n>` when a commit is asked for and `c <n>` when it is answered; `n` goes on from the second
 * argument.
 */
const log = await openEmbeddedLog({
  storage: nodeStorage(),
  clock: systemClock,
  directory: process.argv[2] as string,
  segmentBytes: 4000,
  snapshotIntervalBytes: 1500,
  transactions: { abortCheckIntervalMs: 5, expiryCheckIntervalMs: 10, idExpirationMs: 1_500 },
});
const committed: number[] = [];
committed.push = (...numbers: number[]) => {
  for (const number of numbers) process.stdout.write(`c ${number}\n`);
  return numbers.length;
};
let undecided: number | null = null;
const ledger: TransactionLedger = {
  rng: seededRng(Number(process.argv[3])),
  committed,
  get undecided() {
    return undecided;
  },
  set undecided(number) {
    if (number !== null) process.stdout.write(`q ${number}\n`);
    undecided = number;
  },
  next: Number(process.argv[3]),
  plainIds: new Set(),
  ended: 0,
  crashed: false,
};
armKillFromEnvironment(process.env);
for (let round = 0; ; round++) {
  await work(ledger, log, 10);
  // One that begins and never ends, which its time-out aborts; and one that nobody comes back to.
  const begin = { transactionalId: `left-${round}`, timeoutMs: 1, expected: null };
  const producer = { ...(await log.transactions.initProducerId(begin)), transactionalId: `left-${round}` };
  await log.transactions.addPartitions(producer, [{ topic: 'v', partition: 0 }], 0);
  await setImmediate();
}
