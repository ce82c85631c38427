import { describe, expect, test } from 'vitest';
import { seededRng } from '../../../src/core/mod.ts';
import { type LogSettings, openEmbeddedLog } from '../../../src/log/mod.ts';
import { readAll, record, values } from '../../support/log-conformance.ts';
import { MemoryDisk } from '../../support/memory-disk.ts';
import { TestClock } from '../../support/test-clock.ts';

const t0 = { topic: 't', partition: 0 };
const segmentsOf = (disk: MemoryDisk) => disk.paths().filter(path => /t-0\/\d{20}\.log$/.test(path));

function world(settings: Partial<LogSettings> = {}) {
  const disk = new MemoryDisk(seededRng(7));
  const clock = new TestClock();
  const open = () => openEmbeddedLog({ storage: disk.mount(), clock, directory: '/log', ...settings });
  return { disk, clock, open };
}

describe('a full disk', () => {
  test.each(['ack', 'interval'] as const)(
    'refuses appends, loses nothing, and works again with room (%s)',
    async flush => {
      const { disk, open } = world({ flush });
      const log = await open();
      await log.createTopic('t', 1);
      await log.append(t0, [record('a')], { producer: 'p', sequence: 0 });
      disk.faults.roomBytes = 70;
      const refused = await Promise.allSettled(
        [1, 2].map(sequence => log.append(t0, [record(`b${sequence}`)], { producer: 'p', sequence })),
      );
      expect(refused).toMatchObject([{ reason: { code: 'LOG_FULL' } }, { reason: { code: 'LOG_FULL' } }]);
      expect(values(await readAll(log, 't'))).toEqual(['a']);
      expect(log.stats().failure).toContain('no room');
      disk.faults.roomBytes = Number.POSITIVE_INFINITY;
      await log.append(t0, [record('b1')], { producer: 'p', sequence: 1 });
      expect(log.stats().failure).toBeNull();
      disk.kill();
      const again = await open();
      expect(values(await readAll(again, 't'))).toEqual(['a', 'b1']);
      expect(await again.lastSequence(t0, 'p')).toBe(1);
    },
  );

  test('lets a topic be deleted', async () => {
    const { disk, open } = world();
    const log = await open();
    await log.createTopic('t', 2);
    for (const partition of [0, 1]) await log.append({ topic: 't', partition }, [record('a')]);
    // Enough for the catalog to say that it is gone, not for a snapshot of its state.
    disk.faults.roomBytes = 150;
    await log.deleteTopic('t');
    expect(disk.paths().filter(path => path.includes('/t-'))).toEqual([]);
  });

  test('lets records be deleted, as far as they fill segments', async () => {
    const { disk, open } = world({ segmentBytes: 400 });
    const log = await open();
    await log.createTopic('t', 1);
    for (let i = 0; i < 20; i++) await log.append(t0, [record(`v${i}`)]);
    const before = segmentsOf(disk).length;
    disk.faults.roomBytes = 0;
    await expect(log.deleteRecords(t0, 12)).rejects.toMatchObject({ code: 'LOG_FULL' });
    expect(segmentsOf(disk).length).toBeLessThan(before);
    disk.faults.roomBytes = Number.POSITIVE_INFINITY;
    expect(await log.deleteRecords(t0, 12)).toBe(12);
    expect(values(await readAll(log, 't'))).toEqual([12, 13, 14, 15, 16, 17, 18, 19].map(i => `v${i}`));
  });

  test('lets retention remove all segments that are closed', async () => {
    const { disk, clock, open } = world({
      segmentBytes: 400,
      retentionMs: 1000,
      retentionCheckIntervalMs: 5000,
    });
    const log = await open();
    await log.createTopic('t', 1);
    for (let i = 0; i < 20; i++) await log.append(t0, [record(`v${i}`)]);
    expect(segmentsOf(disk).length).toBeGreaterThan(2);
    disk.faults.roomBytes = 0;
    clock.advance(5000);
    await expect.poll(() => segmentsOf(disk)).toHaveLength(1);
    expect(values(await readAll(log, 't')).at(-1)).toBe('v19');
  });

  test('at any byte of a transaction leaves all of it or nothing', async () => {
    let [all, none] = [0, 0];
    for (let room = 0; room < 900; room += 13) {
      const { disk, open } = world();
      const log = await open();
      await log.createTopic('t', 1);
      await log.createTopic('u', 1);
      const writer = await log.openWriter('w');
      disk.faults.roomBytes = room;
      const parts = ['t', 'u'].map(topic => ({ topic, partition: 0, records: [record('x')] }));
      const acknowledged = await writer.commit({ sequence: 1, position: 1, parts }).then(
        () => true,
        () => false,
      );
      disk.faults.roomBytes = Number.POSITIVE_INFINITY;
      const { state } = await log.openWriter('w');
      const found = [await readAll(log, 't'), await readAll(log, 'u')].map(records => records.length);
      expect(found).toEqual(state.sequence === 1 ? [1, 1] : [0, 0]);
      if (acknowledged) expect(state.sequence).toBe(1);
      if (state.sequence === 1) all++;
      else none++;
    }
    expect(Math.min(all, none)).toBeGreaterThan(5);
  });
});

test.each(['EIO', 'ENOSPC'] as const)(
  'a flush that fails with %s makes its partition read-only',
  async code => {
    const { disk, open } = world();
    const log = await open();
    await log.createTopic('t', 2);
    await log.append(t0, [record('a')]);
    disk.faults.failSync = /t-0\/.*\.log$/;
    disk.faults.syncError = code;
    await expect(log.append(t0, [record('b')])).rejects.toMatchObject({ code: 'LOG_IO' });
    disk.faults.failSync = null;
    await expect(log.append(t0, [record('c')])).rejects.toMatchObject({ code: 'LOG_IO' });
    expect(log.stats().failure).toContain('t-0');
    expect(values(await readAll(log, 't'))).toEqual(['a']);
    await log.append({ topic: 't', partition: 1 }, [record('d')]);
    await log.close();
    const again = await open();
    expect(values(await readAll(again, 't')).slice(0, 1)).toEqual(['a']);
    const { highWatermark } = await again.offsets(t0);
    expect(await again.append(t0, [record('e')])).toMatchObject({ baseOffset: highWatermark });
    expect(again.stats().failure).toBeNull();
  },
);

test('a segment whose flush finds no room is not followed by another', async () => {
  const { disk, open } = world({ flush: 'interval', segmentBytes: 100 });
  const log = await open();
  await log.createTopic('t', 1);
  await log.append(t0, [record('a')]);
  Object.assign(disk.faults, { failSync: /t-0\/.*\.log$/, syncError: 'ENOSPC' });
  await expect(log.append(t0, [record('b')])).rejects.toMatchObject({ code: 'LOG_IO' });
  disk.faults.failSync = null;
  await expect(log.append(t0, [record('c')])).rejects.toMatchObject({ code: 'LOG_IO' });
});

test('flushed by time, a background flush that fails stops the partition too', async () => {
  const { disk, clock, open } = world({ flush: 'interval', flushIntervalMs: 50 });
  const log = await open();
  await log.createTopic('t', 1);
  const { flushes } = log.stats();
  await log.append(t0, [record('a')]);
  expect(log.stats().flushes).toBe(flushes);
  disk.faults.failSync = /t-0\/.*\.log$/;
  clock.advance(50);
  await expect.poll(() => log.stats().failure).toContain('t-0');
  await expect(log.append(t0, [record('b')])).rejects.toMatchObject({ code: 'LOG_IO' });
});

describe('broken bytes', () => {
  const path = '/log/t-0/00000000000000000000.log';

  async function three(settings: Partial<LogSettings> = {}) {
    const w = world(settings);
    const log = await w.open();
    await log.createTopic('t', 1);
    const ends: number[] = [];
    for (const text of ['a', 'b', 'c']) {
      w.clock.advance(1000);
      await log.append(t0, [record(text)]);
      ends.push(w.disk.contentOf(path).length);
    }
    return { ...w, log, ends };
  }

  test('behind what is known to be durable are a torn tail and cut off', async () => {
    const { disk, open, ends } = await three({ flush: 'interval' });
    disk.kill();
    disk.flipByte(path, (ends[1] as number) + 30);
    const log = await open();
    expect(values(await readAll(log, 't'))).toEqual(['a', 'b']);
    expect(await log.append(t0, [record('d')])).toMatchObject({ baseOffset: 2 });
    expect(values(await readAll(log, 't'))).toEqual(['a', 'b', 'd']);
  });

  test('before it stop the start and name the file', async () => {
    const { disk, open, ends } = await three();
    disk.kill();
    disk.flipByte(path, (ends[0] as number) + 30);
    await expect(open()).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      message: expect.stringContaining(path),
    });
  });

  test('after a clean stop are found by the reader, who is told the file', async () => {
    const { disk, open, log, ends } = await three();
    await log.close();
    disk.flipByte(path, (ends[0] as number) + 30);
    const again = await open();
    await expect(readAll(again, 't')).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      message: expect.stringContaining(path),
    });
  });

  test('of an index are of no account: it is made anew', async () => {
    const { disk, open, log } = await three({ segmentBytes: 100 });
    await log.close();
    for (const name of disk.paths()) if (/index$/.test(name)) await disk.mount().remove(name);
    const again = await open();
    expect(values(await readAll(again, 't'))).toEqual(['a', 'b', 'c']);
    expect(values(await readAll(again, 't', 'read_committed', 0, 1))).toEqual(['b', 'c']);
  });
});
