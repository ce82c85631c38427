import { afterEach, expect, test } from 'vitest';
import { armFailpoints, seededRng } from '../../../src/core/mod.ts';
import { type LogSettings, openEmbeddedLog } from '../../../src/log/mod.ts';
import { readAll, record, values } from '../../support/log-conformance.ts';
import { MemoryDisk } from '../../support/memory-disk.ts';
import { TestClock } from '../../support/test-clock.ts';

/** Who sleeps while the log has nothing to do: its housekeeping and that of the groups. */
const IDLE_SLEEPERS = 2;
const t0 = { topic: 't', partition: 0 };
const DAY_MS = 86_400_000;

function world(settings: Partial<LogSettings> = {}, seed = 3) {
  const disk = new MemoryDisk(seededRng(seed));
  const clock = new TestClock();
  const open = () => openEmbeddedLog({ storage: disk.mount(), clock, directory: '/log', ...settings });
  return { disk, clock, open };
}

afterEach(() => {
  armFailpoints(null);
});

test('segments roll by size, keep offsets, and are found by any offset after a restart', async () => {
  const { disk, open } = world({ segmentBytes: 400 });
  const log = await open();
  await log.createTopic('t', 1);
  for (let i = 0; i < 40; i++) await log.append(t0, [record(`v${i}`)]);
  const segments = disk.paths().filter(path => /t-0\/\d{20}\.log$/.test(path));
  expect(segments.length).toBeGreaterThan(5);
  for (const path of segments) expect(disk.contentOf(path).length).toBeLessThanOrEqual(400);
  await log.close();
  const again = await open();
  for (let i = 0; i < 40; i++) {
    expect(values(await readAll(again, 't', 'read_committed', 0, i))[0]).toBe(`v${i}`);
  }
});

test('segments roll by age', async () => {
  const { disk, clock, open } = world({ segmentMs: DAY_MS });
  const log = await open();
  await log.createTopic('t', 1);
  await log.append(t0, [record('a')]);
  clock.advance(DAY_MS);
  await log.append(t0, [record('b')]);
  expect(disk.paths().filter(path => /t-0\/\d{20}\.log$/.test(path))).toHaveLength(2);
});

test('retention by bytes removes the oldest segments and moves the start, durably', async () => {
  const { disk, clock, open } = world({ segmentBytes: 400, retentionCheckIntervalMs: 1000 });
  const log = await open();
  await log.createTopic('t', 1, { 'retention.bytes': 800 });
  for (let i = 0; i < 40; i++) await log.append(t0, [record(`v${i}`)]);
  const before = log.stats().bytesOnDisk;
  clock.advance(1000);
  await expect.poll(() => log.stats().bytesOnDisk).toBeLessThan(before);
  const { logStartOffset, logEndOffset } = await log.offsets(t0);
  expect(logEndOffset).toBe(40);
  expect(logStartOffset).toBeGreaterThan(20);
  await expect(log.read(t0, 0, 100, 'read_committed')).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
  disk.kill();
  const again = await open();
  expect(await again.offsets(t0)).toMatchObject({ logStartOffset, logEndOffset: 40 });
  expect(values(await readAll(again, 't'))[0]).toBe(`v${logStartOffset}`);
});

test('a crash while retention removes segments leaves a log without gaps', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const { disk, clock, open } = world(
      { segmentBytes: 400, retentionCheckIntervalMs: 1000, retentionBytes: 500 },
      seed,
    );
    const log = await open();
    await log.createTopic('t', 1);
    for (let i = 0; i < 40; i++) await log.append(t0, [record(`v${i}`)]);
    let [left, crashed] = [1 + (seed % 4), false];
    armFailpoints(name => {
      if (name !== 'log.retention.remove.before' || --left > 0) return;
      crashed = true;
      disk.crash();
    });
    clock.advance(1000);
    await expect.poll(() => crashed).toBe(true);
    armFailpoints(null);
    const again = await open();
    const { logStartOffset } = await again.offsets(t0);
    const expected = Array.from({ length: 40 - logStartOffset }, (_, i) => `v${logStartOffset + i}`);
    expect(values(await readAll(again, 't'))).toEqual(expected);
  }
});

test('retention by age takes closed segments, then rolls an old active one', async () => {
  const { clock, open } = world({ retentionCheckIntervalMs: DAY_MS, retentionMs: 7 * DAY_MS });
  const log = await open();
  await log.createTopic('t', 1);
  await log.append(t0, [record('old')]);
  clock.advance(8 * DAY_MS);
  await expect.poll(() => clock.sleeping).toBe(IDLE_SLEEPERS);
  await log.append(t0, [record('new')]);
  clock.advance(DAY_MS);
  await expect.poll(async () => (await log.offsets(t0)).logStartOffset).toBe(1);
  expect(values(await readAll(log, 't'))).toEqual(['new']);
});

test('retention leaves an open transaction alone', async () => {
  const { clock, open } = world({ segmentBytes: 300, retentionCheckIntervalMs: 1000, retentionBytes: 0 });
  const log = await open();
  await log.createTopic('t', 1);
  const writer = await log.openWriter('w');
  await writer.stage([{ topic: 't', partition: 0, records: [record('staged')] }]);
  for (let i = 0; i < 20; i++) await log.append(t0, [record(`v${i}`)]);
  clock.advance(1000);
  await expect.poll(() => clock.sleeping).toBe(IDLE_SLEEPERS);
  await writer.commit({ sequence: 1, position: null, parts: [] });
  expect(values(await readAll(log, 't'))).toHaveLength(21);
});

test("the log's own topics are compacted: their size follows what lives, not what happened", async () => {
  const { disk, open } = world();
  const log = await open();
  await log.createTopic('t', 1);
  const writer = await log.openWriter('w');
  const position = { padding: 'x'.repeat(20_000) };
  let compactions = 0;
  armFailpoints(name => {
    if (name === 'log.table.compact.before') compactions++;
  });
  for (let sequence = 1; sequence <= 500; sequence++) await writer.commit({ sequence, position, parts: [] });
  expect(compactions).toBeGreaterThan(0);
  expect(log.stats().bytesOnDisk).toBeLessThan(6 << 20);
  disk.crash();
  expect((await (await open()).openWriter('w')).state.sequence).toBe(500);
});

test('a crash while the log compacts its own topic loses nothing', async () => {
  const { disk, open } = world();
  const log = await open();
  const writer = await log.openWriter('w');
  const position = { padding: 'x'.repeat(20_000) };
  let crashed = false;
  armFailpoints(name => {
    if (name !== 'log.table.compact.before') return;
    crashed = true;
    disk.crash();
  });
  let acknowledged = 0;
  for (let sequence = 1; !crashed; sequence++) {
    await writer.commit({ sequence, position, parts: [] }).then(() => {
      acknowledged = sequence;
    }, expectGone);
  }
  armFailpoints(null);
  const state = (await (await open()).openWriter('w')).state;
  expect(state.sequence).toBeGreaterThanOrEqual(acknowledged);
});

test('a crash behind the deletion of a topic leaves no bytes of it', async () => {
  const { disk, open } = world();
  const log = await open();
  await log.createTopic('t', 1);
  await log.append(t0, [record('secret')]);
  armFailpoints(name => {
    if (name === 'log.topic.delete.after') disk.kill();
  });
  await log.deleteTopic('t').catch(expectGone);
  armFailpoints(null);
  const again = await open();
  expect(await again.describeTopic('t')).toBeUndefined();
  expect(disk.paths().filter(path => path.includes('/t-0/'))).toEqual([]);
});

function expectGone(error: unknown): void {
  expect(String(error)).toContain('the machine is gone');
}

test('the data directory is locked, and one of a newer version is left untouched', async () => {
  const { disk, open } = world();
  const log = await open();
  await expect(open()).rejects.toMatchObject({ code: 'DATA_DIR_LOCKED' });
  await log.close();
  const file = await disk.mount().open('/log/version');
  await file.write(0, [Buffer.from('2\n')]);
  const before = disk.paths();
  await expect(open()).rejects.toMatchObject({ code: 'DATA_DIR_NEWER' });
  expect(disk.paths()).toEqual(before);
});
