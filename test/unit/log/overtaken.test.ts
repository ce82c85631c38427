import { expect, test } from 'vitest';
import { seededRng } from '../../../src/core/mod.ts';
import { BATCH_HEADER_BYTES } from '../../../src/log/codec/mod.ts';
import { decodeRecords, openEmbeddedLog, type TopicConfig } from '../../../src/log/mod.ts';
import { readAll, record, values } from '../../support/log-conformance.ts';
import { type Meanwhile, once, withMeanwhile } from '../../support/meanwhile.ts';
import { MemoryDisk } from '../../support/memory-disk.ts';
import { TestClock } from '../../support/test-clock.ts';

/** Who sleeps while the log has nothing to do: its housekeeping and that of the groups. */
const IDLE_SLEEPERS = 2;
const t0 = { topic: 't', partition: 0 };
const CHECK_MS = 1000;
const DAY_MS = 86_400_000;

/** Segments of five records. */
async function world(config: TopicConfig = {}) {
  const disk = new MemoryDisk(seededRng(3));
  const clock = new TestClock();
  const meanwhile: Meanwhile = {};
  const open = () =>
    openEmbeddedLog({
      storage: withMeanwhile(disk.mount(), meanwhile),
      clock,
      directory: '/log',
      segmentBytes: 400,
      retentionCheckIntervalMs: CHECK_MS,
    });
  const log = await open();
  await log.createTopic('t', 1, config);
  return { disk, clock, meanwhile, open, log };
}

/** Let housekeeping run once to its end. */
async function keepHouse(clock: TestClock): Promise<void> {
  await expect.poll(() => clock.sleeping).toBe(IDLE_SLEEPERS);
  clock.advance(CHECK_MS);
  await expect.poll(() => clock.sleeping).toBe(IDLE_SLEEPERS);
}

test('retention takes what is too old alone, though records are deleted while it counts', async () => {
  const { clock, meanwhile, open, log } = await world();
  const nowMs = clock.nowMs();
  for (let i = 0; i < 40; i++) {
    await log.append(t0, [record(`v${i}`, null, i < 20 ? nowMs - 8 * DAY_MS : nowMs)]);
  }
  await log.close();
  const again = await open();
  let start = 0;
  // Of a segment that is not too old.
  meanwhile.readFile = once(/20\.timeindex$/, async () => {
    start = await again.deleteRecords(t0, 10);
  });
  await keepHouse(clock);
  expect(start).toBe(10);
  expect(values(await readAll(again, 't'))).toEqual(Array.from({ length: 20 }, (_, i) => `v${20 + i}`));
});

test('a read tells what was aborted, though the records are deleted before its bytes come', async () => {
  const { meanwhile, log } = await world();
  const writer = await log.openWriter('w');
  await writer.stage([{ ...t0, records: [record('aborted')] }]);
  await log.openWriter('w');
  await log.append(t0, [record('plain')]);
  const remove = once(/\.log$/, () => log.deleteRecords(t0, -1));
  // Not yet while the place is looked for, header by header.
  meanwhile.read = async (path, sizeBytes) => (sizeBytes > BATCH_HEADER_BYTES ? remove(path) : undefined);
  const { bytes, aborted } = await log.read(t0, 0, 1 << 20, 'read_committed');
  expect((await log.offsets(t0)).logStartOffset).toBe(3);
  expect(aborted).toMatchObject([{ firstOffset: 0 }]);
  expect(values(decodeRecords(bytes, { isolation: 'read_committed', aborted }))).toEqual(['plain']);
});

test('segments that are deleted while they are compacted stay so', async () => {
  const { disk, clock, meanwhile, log } = await world({ 'cleanup.policy': 'compact,delete' });
  // Something of each segment stays.
  for (let i = 0; i < 40; i++) await log.append(t0, [record(`v${i}`, i % 4 > 0 ? 'k' : `k${i}`)]);
  let start = 0;
  meanwhile.rename = once(/\d\.log$/, async () => {
    start = await log.deleteRecords(t0, 12);
  });
  await keepHouse(clock);
  expect(start).toBe(12);
  const bases = disk.paths().flatMap(path => /t-0\/(\d+)\.log$/.exec(path)?.slice(1).map(Number) ?? []);
  expect(bases.filter(base => base <= 12)).toHaveLength(1);
  expect(log.stats().failure).toBeNull();
});

test('the last stable offset is never below the start, where records of an open transaction are deleted', async () => {
  const { log } = await world();
  const writer = await log.openWriter('w');
  await writer.stage([{ ...t0, records: [record('open')] }]);
  expect(await log.offsets(t0)).toMatchObject({ lastStableOffset: 0 });
  await log.deleteRecords(t0, -1);
  expect(await log.offsets(t0)).toMatchObject({ logStartOffset: 1, lastStableOffset: 1 });
});
