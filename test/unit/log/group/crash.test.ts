import { expect, test } from 'vitest';
import { type Rng, seededRng } from '../../../../src/core/mod.ts';
import { type Groups, type LogBroker, openEmbeddedLog } from '../../../../src/log/mod.ts';
import { commitRequest, joinTwice, offset, syncOf } from '../../../support/group-world.ts';
import { MemoryDisk } from '../../../support/memory-disk.ts';
import { TestClock } from '../../../support/test-clock.ts';

/*
 * Invariants, after the power went at any call of the disk:
 *  - an offset whose commit was acknowledged is there, or a later one that was asked for;
 *  - the offsets of a transaction count in both topics or in neither, and do once its end was acknowledged;
 *  - what was pending and acknowledged is pending still;
 *  - a generation whose work was handed out goes on.
 */
interface Ledger {
  acked: number;
  asked: number;
  /** Of the transaction: what is committed for certain, and what may be. */
  ended: number;
  ending: number;
  pending: number | null;
  member: { readonly memberId: string; readonly generation: number } | null;
}

const PRODUCER = 7;

function open(disk: MemoryDisk, clock: TestClock): Promise<LogBroker> {
  const groups = { initialRebalanceDelayMs: 0 };
  const sizes = { segmentBytes: 4_000, snapshotIntervalBytes: 900 };
  return openEmbeddedLog({ storage: disk.mount(), clock, directory: '/log', groups, ...sizes });
}

/** Works until the power goes: `done` says whether an answer was one of success. */
async function work(groups: Groups, ledger: Ledger, rng: Rng, disk: MemoryDisk): Promise<void> {
  const crashes = disk.crashes;
  const isOk = (answers: readonly unknown[]): boolean => answers.every(answer => answer === null);
  for (let i = 0; i < 40 && disk.crashes === crashes; i++) {
    const what = rng.pick(['commit', 'commit', 'pending', 'end', 'join'] as const);
    if (what === 'commit') {
      const value = ++ledger.asked;
      if (isOk(await groups.commitOffsets(commitRequest([offset(value)], { groupId: 'plain' })))) {
        ledger.acked = value;
      }
    } else if (what === 'pending' && ledger.pending === null) {
      const value = ledger.ending + 1;
      const both = [offset(value, 't'), offset(value, 'u')];
      const request = { ...commitRequest(both, { groupId: 'atomic' }), producerId: PRODUCER };
      if (isOk(await groups.commitTransactionalOffsets(request))) ledger.pending = value;
      else return;
    } else if (what === 'end' && ledger.pending !== null) {
      ledger.ending = ledger.pending;
      const ended = await groups.completeTransaction(PRODUCER, true).then(
        () => true,
        () => false,
      );
      if (!ended) return;
      ledger.ended = ledger.pending;
      ledger.pending = null;
    } else if (what === 'join' && ledger.member === null) {
      const { memberId, generation } = await joinTwice(groups, { sessionTimeoutMs: 1_800_000 });
      const synced = await syncOf(groups, memberId, generation, { [memberId]: 'work' });
      if (synced.error === null) ledger.member = { memberId, generation };
      else return;
    }
  }
}

const at = (groups: Groups, groupId: string, topic: string, requireStable = false) =>
  groups.fetchOffsets(groupId, [{ topic, partitions: [0] }], requireStable)[0]!.partitions[0]!;

function check(groups: Groups, ledger: Ledger): void {
  const plain = at(groups, 'plain', 't').offset;
  expect(plain).toBeGreaterThanOrEqual(ledger.acked);
  expect(plain).toBeLessThanOrEqual(ledger.asked);
  const [t, u] = [at(groups, 'atomic', 't').offset, at(groups, 'atomic', 'u').offset];
  expect(t).toBe(u);
  expect(t).toBeGreaterThanOrEqual(ledger.ended);
  expect(t).toBeLessThanOrEqual(ledger.ending);
  const isPending = ledger.pending !== null && t !== ledger.pending;
  if (isPending) expect(at(groups, 'atomic', 't', true).error).toBe('UNSTABLE_OFFSET_COMMIT');
  if (ledger.member === null) return;
  expect(groups.heartbeat({ groupId: 'g', groupInstanceId: null, ...ledger.member })).toBeNull();
}

test('what was acknowledged is there after the power went at any moment', async () => {
  let [crashes, endedLate] = [0, 0];
  for (let seed = 0; seed < 60; seed++) {
    const rng = seededRng(seed);
    const disk = new MemoryDisk(rng.fork('disk'));
    const clock = new TestClock();
    const ledger: Ledger = { acked: -1, asked: -1, ended: -1, ending: -1, pending: null, member: null };
    for (let life = 0; life < 4; life++) {
      const log = await open(disk, clock);
      check(log.groups, ledger);
      // Where a transaction was about to end, its coordinator ends it again after a start.
      if (ledger.pending !== null && ledger.ending === ledger.pending) {
        await log.groups.completeTransaction(PRODUCER, true);
        [ledger.ended, ledger.pending] = [ledger.pending, null];
        check(log.groups, ledger);
        endedLate++;
      } else if (ledger.pending === null) {
        // One whose commit was not acknowledged may be pending: it is aborted.
        await log.groups.completeTransaction(PRODUCER, false);
        check(log.groups, ledger);
      }
      ledger.asked = Math.max(ledger.asked, ledger.acked);
      disk.faults.crashInCalls = rng.int(3, 60);
      const before = disk.crashes;
      await work(log.groups, ledger, rng, disk);
      crashes += disk.crashes - before;
      disk.faults.crashInCalls = Number.POSITIVE_INFINITY;
      if (disk.crashes === before) disk.crash();
      await log.close().catch(() => undefined);
    }
  }
  expect(crashes).toBeGreaterThan(90);
  expect(endedLate).toBeGreaterThan(2);
});
