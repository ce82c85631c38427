import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { seededRng } from '../../../src/core/mod.ts';
import { Segment } from '../../../src/log/partition/segment.ts';
import { SegmentList } from '../../../src/log/partition/segment-list.ts';
import { MemoryDisk } from '../../support/memory-disk.ts';
import { TestClock } from '../../support/test-clock.ts';

const indexOf = async (segment: Segment): Promise<WeakRef<object>> => new WeakRef(await segment.index());

async function expectCollected(held: WeakRef<object>): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let turn = 0; turn < 100 && held.deref() !== undefined; turn++) {
    await new Promise(resolve => setImmediate(resolve));
    collect();
  }
  expect(held.deref()).toBeUndefined();
}

test('the index of a closed segment is in memory only while somebody uses it', async () => {
  const storage = new MemoryDisk(seededRng(1)).mount();
  const closed = await Segment.open(storage, '/t-0', 0, 0);
  closed.startIndex();
  const index = await indexOf(closed);
  const list = new SegmentList(storage, '/t-0', new TestClock(), [closed], 0);
  closed.sizeBytes = 10_000;
  (await closed.index()).add(3, 0, 5_000, 42);
  (await closed.index()).add(6, 5_000, 5_000, 43);
  await list.roll(7);
  await expectCollected(index);
  const again = await indexOf(closed);
  expect((await closed.index()).positionFor(6)).toBe(5_000);
  await expectCollected(again);
  expect(await closed.maxTimestamp()).toBe(43);
});
