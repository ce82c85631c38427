import { expect, test } from 'vitest';
import { type LogDirs, sizesOf } from '../../../src/kafka/client/sizes.ts';

/** A disk with partitions of topics: `[topic, partition, bytes, is a copy on its way]`. */
function disk(...partitions: readonly (readonly [string, number, number, boolean?])[]): LogDirs[number] {
  const topics = partitions.map(([name, partitionIndex, partitionSize, isFutureKey = false]) => ({
    name,
    partitions: [{ partitionIndex, partitionSize, offsetLag: 0, isFutureKey }],
  }));
  return { errorCode: 0, logDir: 'd', topics, totalBytes: -1, usableBytes: -1, isCordoned: false };
}

test('of each partition the size at its leader counts, on the disk where it is and not where it goes', () => {
  const leaders = new Map([
    ['a', [1, 2]],
    ['new', [1]],
  ]);
  const told = new Map([
    [1, [disk(['a', 0, 100], ['a', 1, 7]), disk(['a', 0, 3, true], ['gone', 0, 5])]],
    [2, [disk(['a', 1, 50], ['a', 0, 9])]],
  ]);
  expect(Object.fromEntries(sizesOf(leaders, told))).toEqual({ a: [100, 50], new: [0] });
});

test('a topic of which a leader does not tell has no size, which is not 0', () => {
  const leaders = new Map([
    ['here', [1]],
    ['half', [1, 2]],
    ['leaderless', [-1]],
  ]);
  const told = new Map([[1, [disk(['here', 0, 100], ['half', 0, 100])]]]);
  expect(Object.fromEntries(sizesOf(leaders, told))).toEqual({ here: [100] });
});
