import { expect, test } from 'vitest';
import { seededRng } from '../../../src/core/mod.ts';
import { openEmbeddedLog } from '../../../src/log/mod.ts';
import { readAll, record, values } from '../../support/log-conformance.ts';
import { MemoryDisk } from '../../support/memory-disk.ts';
import { TestClock } from '../../support/test-clock.ts';

/**
 * Invariant: markers are not flushed, so a start gives each committed part its own, also of former
 * transactions.
 */
test('a part of an earlier transaction whose marker the crash took stays committed', async () => {
  let open = 0;
  for (let seed = 0; seed < 40; seed++) {
    const disk = new MemoryDisk(seededRng(seed));
    const start = () => openEmbeddedLog({ storage: disk.mount(), clock: new TestClock(), directory: '/log' });
    const log = await start();
    for (const topic of ['t', 'u', 'v']) await log.createTopic(topic, 1);
    const writer = await log.openWriter('w');
    const commit = (sequence: number, ...topics: string[]) =>
      writer.commit({
        sequence,
        position: null,
        parts: topics.map(topic => ({ topic, partition: 0, records: [record(`c${sequence}`)] })),
      });
    await commit(0, 't', 'u');
    await commit(1, 'v');
    await commit(2, 'v', 't');
    await commit(3, 'v');
    disk.crash();
    const again = await start();
    if ((await again.offsets({ topic: 'u', partition: 0 })).highWatermark === 2) open++;
    expect(values(await readAll(again, 'u')), `seed ${seed}`).toEqual(['c0']);
    expect(values(await readAll(again, 't')), `seed ${seed}`).toEqual(['c0', 'c2']);
    expect(values(await readAll(again, 'v')), `seed ${seed}`).toEqual(['c1', 'c2', 'c3']);
    await again.close();
  }
  expect(open).toBeGreaterThan(0);
});
