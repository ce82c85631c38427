import { afterEach, expect, test } from 'vitest';
import { armFailpoints, type Failpoint, seededRng } from '../../../src/core/mod.ts';
import { type Log, type LogRecord, openEmbeddedLog, type TopicConfig } from '../../../src/log/mod.ts';
import { readAll, record } from '../../support/log-conformance.ts';
import { MemoryDisk } from '../../support/memory-disk.ts';
import { TestClock } from '../../support/test-clock.ts';

/** Who sleeps while the log has nothing to do: its housekeeping and that of the groups. */
const IDLE_SLEEPERS = 2;
const t0 = { topic: 't', partition: 0 };
const CHECK_MS = 1000;
const DAY_MS = 86_400_000;

async function world(config: TopicConfig = { 'cleanup.policy': 'compact' }, seed = 5) {
  const disk = new MemoryDisk(seededRng(seed));
  const clock = new TestClock();
  const open = () =>
    openEmbeddedLog({
      storage: disk.mount(),
      clock,
      directory: '/log',
      segmentBytes: 1000,
      retentionCheckIntervalMs: CHECK_MS,
    });
  const log = await open();
  await log.createTopic('t', 1, config);
  return { disk, clock, open, log };
}

/** Let housekeeping run once to its end. */
async function keepHouse(clock: TestClock): Promise<void> {
  await expect.poll(() => clock.sleeping).toBe(IDLE_SLEEPERS);
  clock.advance(CHECK_MS);
  await expect.poll(() => clock.sleeping).toBe(IDLE_SLEEPERS);
}

const textOf = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString();
/** Last value per key; null for a tombstone. */
const latest = (records: readonly LogRecord[]): Map<string | null, string | null> =>
  new Map(records.map(r => [textOf(r.key), textOf(r.value)]));

/** 120 values of 7 keys, a third of them in transactions, a few of those aborted. */
async function fill(log: Log): Promise<void> {
  let writer = await log.openWriter('w');
  for (let i = 0; i < 120; i++) {
    const records = [record(`v${i}`, `k${i % 7}`)];
    if (i % 3 > 0) await log.append(t0, records);
    else if (i % 5 > 0) await writer.commit({ sequence: i, position: i, parts: [{ ...t0, records }] });
    else {
      await writer.stage([{ ...t0, records }]);
      writer = await log.openWriter('w');
    }
  }
}

afterEach(() => {
  armFailpoints(null);
});

test('a compacted topic keeps the last value of every key at its offset, and little else', async () => {
  const { log, clock, disk, open } = await world();
  await fill(log);
  const before = await readAll(log, 't');
  const [bytesBefore, offsetsBefore] = [log.stats().bytesOnDisk, await log.offsets(t0)];
  await keepHouse(clock);
  const after = await readAll(log, 't');
  expect(latest(after)).toEqual(latest(before));
  expect(after.length).toBeLessThan(before.length / 3);
  expect(log.stats().bytesOnDisk).toBeLessThan(bytesBefore / 2);
  expect(await log.offsets(t0)).toEqual(offsetsBefore);
  const known = new Map(before.map(r => [r.offset, textOf(r.value)]));
  for (const { offset, value } of after) expect(known.get(offset)).toBe(textOf(value));
  // Reading from any offset, gone or not, goes on with the next that is there.
  for (let from = 0; from <= offsetsBefore.highWatermark; from += 5) {
    const rest = await readAll(log, 't', 'read_committed', 0, from);
    expect(rest.map(r => r.offset)).toEqual(after.filter(r => r.offset >= from).map(r => r.offset));
  }
  disk.crash();
  const again = await open();
  expect(latest(await readAll(again, 't'))).toEqual(latest(before));
  expect((await again.offsets(t0)).logEndOffset).toBe(offsetsBefore.logEndOffset);
  // Without any snapshot everything is read again: gaps are no damage.
  disk.kill();
  for (const path of disk.paths()) if (path.endsWith('.snapshot')) await disk.mount().remove(path);
  expect(latest(await readAll(await open(), 't'))).toEqual(latest(before));
});

test('readers under way never notice that segments are replaced or removed', async () => {
  const { log, clock } = await world({ 'cleanup.policy': 'compact,delete', 'retention.bytes': 1500 });
  let reads = 0;
  let stop = false;
  const reader = async (): Promise<void> => {
    while (!stop) {
      const { logStartOffset, highWatermark } = await log.offsets(t0);
      for (let offset = logStartOffset; offset < highWatermark && !stop; reads++) {
        try {
          offset = (await log.read(t0, offset, 100, 'read_committed')).nextOffset;
        } catch (error) {
          // Only retention itself may overtake a reader.
          expect(error).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
          break;
        }
        await new Promise(resolve => setImmediate(resolve));
      }
    }
  };
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 60; i++) await log.append(t0, [record(`v${round}-${i}`, `k${i % 20}`)]);
    stop = false;
    const readers = [reader(), reader(), reader()];
    await keepHouse(clock);
    stop = true;
    await Promise.all(readers);
  }
  expect(reads).toBeGreaterThan(50);
  expect(log.stats().failure).toBeNull();
});

test('tombstones stay a day, then go', async () => {
  const { log, clock } = await world();
  await log.append(t0, [record('v', 'gone')]);
  await log.append(t0, [{ key: Buffer.from('gone'), value: null }]);
  for (let i = 0; i < 40; i++) await log.append(t0, [record(`a${i}`, 'other')]);
  await keepHouse(clock);
  expect((await readAll(log, 't')).filter(r => textOf(r.key) === 'gone')).toMatchObject([{ value: null }]);
  clock.advance(2 * DAY_MS);
  for (let i = 0; i < 80; i++) await log.append(t0, [record(`b${i}`, 'other')]);
  await keepHouse(clock);
  expect((await readAll(log, 't')).filter(r => textOf(r.key) === 'gone')).toEqual([]);
});

test('records younger than min.compaction.lag.ms stay', async () => {
  const { log, clock } = await world({ 'cleanup.policy': 'compact', 'min.compaction.lag.ms': DAY_MS });
  await fill(log);
  const before = (await readAll(log, 't')).length;
  await keepHouse(clock);
  expect(await readAll(log, 't')).toHaveLength(before);
});

test('a record of the future holds nothing up where no lag is asked for', async () => {
  const { log, clock } = await world();
  await log.append(t0, [record('v', 'k', clock.nowMs() + DAY_MS)]);
  await fill(log);
  const before = (await readAll(log, 't')).length;
  await keepHouse(clock);
  expect((await readAll(log, 't')).length).toBeLessThan(before / 3);
});

test.each(['log.compact.rename.before', 'log.compact.rename.after'] as const)(
  'a crash at %s loses no key',
  async (point: Failpoint) => {
    for (let seed = 0; seed < 10; seed++) {
      const { log, clock, disk, open } = await world({ 'cleanup.policy': 'compact' }, seed);
      await fill(log);
      const before = await readAll(log, 't');
      let left = 1 + (seed % 3);
      armFailpoints(passed => {
        if (passed === point && --left === 0) disk.crash();
      });
      await keepHouse(clock);
      expect(left).toBeLessThanOrEqual(0);
      armFailpoints(null);
      const again = await open();
      expect(latest(await readAll(again, 't'))).toEqual(latest(before));
    }
  },
);
