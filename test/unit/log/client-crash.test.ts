import { afterEach, describe, expect, test } from 'vitest';
import { armFailpoints, FAILPOINTS, type Rng, seededRng } from '../../../src/core/mod.ts';
import { type CompressionName, type LogBroker, openEmbeddedLog } from '../../../src/log/mod.ts';
import { ALL, clientBatch } from '../../support/client-batches.ts';
import { readAll, record, values } from '../../support/log-conformance.ts';
import { MemoryDisk } from '../../support/memory-disk.ts';
import { TestClock } from '../../support/test-clock.ts';

/*
 * Idempotent producers as clients run them: five batches in flight, and after a failure all that was not
 * acknowledged again, in order. Whatever happens to the disk, each record is there once and in order.
 */

const t0 = { topic: 't', partition: 0 };
const PRODUCERS = [501, 502];
const IN_FLIGHT = 5;
const RECORDS = 2;
const CODECS: readonly CompressionName[] = ['none', 'lz4', 'zstd'];

afterEach(() => {
  armFailpoints(null);
});

/** Per producer, how many of its batches are acknowledged. */
type Acked = Map<number, number>;

function world(seed: number) {
  const rng = seededRng(seed);
  const disk = new MemoryDisk(rng.fork('disk'));
  const open = (): Promise<LogBroker> =>
    openEmbeddedLog({
      storage: disk.mount(),
      clock: new TestClock(),
      directory: '/log',
      segmentBytes: 1500,
      snapshotIntervalBytes: 700,
    });
  return { rng, disk, open, acked: new Map(PRODUCERS.map(id => [id, 0])) as Acked };
}

const namesOf = (producerId: number, batch: number): string[] =>
  Array.from({ length: RECORDS }, (_, i) => `${producerId}/${batch * RECORDS + i}`);

/** Send up to `total` batches; throws the first failure when all that was under way is settled. */
async function produce(log: LogBroker, acked: Acked, producerId: number, total: number): Promise<void> {
  const under: Promise<unknown>[] = [];
  for (let batch = acked.get(producerId)!; batch < total; batch++) {
    const bytes = clientBatch(
      namesOf(producerId, batch).map(name => record(name)),
      { producerId, baseSequence: batch * RECORDS, codec: CODECS[batch % CODECS.length]! },
    );
    const sent = log.appendBatches(t0, bytes, ALL).then(() => {
      // Answers come in order, as on one connection.
      acked.set(producerId, Math.max(acked.get(producerId)!, batch + 1));
    });
    under.push(sent);
    sent.catch(() => undefined);
    if (under.length >= IN_FLIGHT) await under.shift();
  }
  await Promise.all(under);
}

async function produceAll(log: LogBroker, acked: Acked, total: number): Promise<void> {
  if (log.topicNamed('t') === undefined) await log.createTopic('t', 1);
  const done = await Promise.allSettled(PRODUCERS.map(id => produce(log, acked, id, total)));
  const failed = done.find(result => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function check(log: LogBroker, acked: Acked): Promise<void> {
  const stored = log.topicNamed('t') === undefined ? [] : values(await readAll(log, 't'));
  for (const id of PRODUCERS) {
    const own = stored.filter(name => name.startsWith(`${id}/`));
    expect(own).toEqual(own.map((_, i) => `${id}/${i}`));
    expect(own.length).toBeGreaterThanOrEqual(acked.get(id)! * RECORDS);
    expect(own.length % RECORDS).toBe(0);
  }
}

/** Lives that each end by what `spoil` arranges, or at their end; answers how many it ended. */
async function lives(
  seed: number,
  spoil: (disk: MemoryDisk, rng: Rng) => void,
  hasStruck: (disk: MemoryDisk) => boolean,
): Promise<number> {
  const { rng, disk, open, acked } = world(seed);
  let struck = 0;
  for (let life = 1; life <= 4; life++) {
    const before = disk.crashes;
    spoil(disk, rng);
    let failure: unknown = null;
    try {
      await produceAll(await open(), acked, life * 12);
    } catch (error) {
      failure = error;
    }
    armFailpoints(null);
    if (failure !== null && disk.crashes === before && !hasStruck(disk)) throw failure;
    if (failure !== null) struck++;
    disk.faults.crashInCalls = Number.POSITIVE_INFINITY;
    disk.faults.roomBytes = Number.POSITIVE_INFINITY;
    disk.faults.failSync = null;
    if (disk.crashes === before) disk.crash();
    const log = await open();
    await check(log, acked);
    await produceAll(log, acked, life * 12);
    await check(log, acked);
    if (rng.next() < 0.5) await log.close();
    else disk.kill();
  }
  return struck;
}

describe('idempotent producers of clients lose nothing and repeat nothing', () => {
  const POINTS = ['log.append.', 'log.roll.', 'log.snapshot.'];
  test.each(FAILPOINTS.filter(name => POINTS.some(point => name.startsWith(point))))(
    'when the power goes at %s',
    async point => {
      let struck = 0;
      for (let seed = 0; seed < 8; seed++) {
        const spoil = (disk: MemoryDisk, rng: Rng): void => {
          let left = rng.int(1, 5);
          armFailpoints(passed => {
            if (passed === point && --left === 0) disk.crash();
          });
        };
        struck += await lives(seed, spoil, () => false);
      }
      expect(struck).toBeGreaterThan(5);
    },
  );

  test('when the power goes at any call of the disk', async () => {
    let struck = 0;
    for (let seed = 100; seed < 125; seed++) {
      const spoil = (disk: MemoryDisk, rng: Rng): void => {
        disk.faults.crashInCalls = rng.int(1, 300);
      };
      struck += await lives(seed, spoil, () => false);
    }
    expect(struck).toBeGreaterThan(25);
  });

  test('when the disk is full', async () => {
    let struck = 0;
    for (let seed = 200; seed < 212; seed++) {
      const spoil = (disk: MemoryDisk, rng: Rng): void => {
        disk.faults.roomBytes = rng.int(0, 4000);
      };
      struck += await lives(seed, spoil, disk => disk.faults.roomBytes < 2000);
    }
    expect(struck).toBeGreaterThan(8);
  });

  test('when a flush fails', async () => {
    let struck = 0;
    for (let seed = 300; seed < 312; seed++) {
      const spoil = (disk: MemoryDisk): void => {
        armFailpoints(passed => {
          if (passed === 'log.append.synced.after') disk.faults.failSync = /t-0\/\d+\.log$/;
        });
      };
      struck += await lives(seed, spoil, disk => disk.faults.failSync !== null);
    }
    expect(struck).toBeGreaterThan(8);
  });
});
