import { expect, test } from 'vitest';
import type { GroupDescription, PartitionOffsets } from '../../../src/log/mod.ts';
import { groupView } from '../../../src/platform/topics/group-view.ts';
import { bytesView } from '../../../src/platform/topics/record-view.ts';
import { plannedOffset } from '../../../src/platform/topics/reset-plan.ts';
import { TopicRates, type TrafficCounters } from '../../../src/platform/topics/traffic-rates.ts';

const ends = (logStartOffset: number, end: number): PartitionOffsets => ({
  ...{ logStartOffset, logEndOffset: end + 2, highWatermark: end, lastStableOffset: end },
});
const group: GroupDescription = {
  ...{ groupId: 'g', state: 'Stable', protocolType: 'consumer', protocol: 'range' },
  members: [
    {
      ...{ memberId: 'm-1', groupInstanceId: null, clientId: 'app', clientHost: '/127.0.0.1' },
      assignment: [
        { topic: 't', partition: 1 },
        { topic: 't', partition: 0 },
      ],
    },
  ],
};

test('a group is joined with where its partitions end', () => {
  const committed = [
    { topic: 't', partition: 0, offset: 10, metadata: 'm' },
    { topic: 'gone', partition: 0, offset: 5, metadata: '' },
    // What retention deleted before it was read is not left to read.
    { topic: 'u', partition: 0, offset: 3, metadata: '' },
  ];
  const offsets: Record<string, PartitionOffsets> = {
    't/0': ends(0, 25),
    't/1': ends(0, 7),
    'u/0': ends(8, 9),
  };
  const view = groupView(group, committed, (topic, partition) => offsets[`${topic}/${partition}`]);
  expect(
    view.partitions.map(({ topic, partition, lag, memberId }) => [topic, partition, lag, memberId]),
  ).toEqual([
    ['gone', 0, null, null],
    ['t', 0, 15, 'm-1'],
    ['t', 1, null, 'm-1'],
    ['u', 0, 1, null],
  ]);
  expect(view).toMatchObject({ lag: 16, topics: ['gone', 't', 'u'] });
  expect(groupView({ ...group, members: [] }, [], () => undefined)).toMatchObject({
    lag: null,
    partitions: [],
  });
});

test.each([
  ['earliest', { kind: 'earliest' }, undefined, 5, 7],
  ['latest', { kind: 'latest' }, undefined, 20, -8],
  ['an offset', { kind: 'offset', offset: 15 }, undefined, 15, -3],
  ['an offset below the start', { kind: 'offset', offset: 1 }, undefined, 5, 7],
  ['an offset beyond the end', { kind: 'offset', offset: 99 }, undefined, 20, -8],
  ['back', { kind: 'shift', by: -4 }, undefined, 8, 4],
  ['a time', { kind: 'time', timestampMs: 1 }, 9, 9, 3],
  ['a time behind the last record', { kind: 'time', timestampMs: 1 }, undefined, 20, -8],
] as const)('a reset to %s stays within the partition', (_name, to, atTime, after, again) => {
  const at = { topic: 't', partition: 0 };
  expect(plannedOffset(at, 12, to, ends(5, 20), atTime)).toEqual({ ...at, before: 12, after, again });
  expect(plannedOffset(at, null, to, ends(5, 20), atTime).again).toBeNull();
});

const counters = (recordsIn: number, recordsOut: number | null = null): Map<string, TrafficCounters> =>
  new Map([['t', { recordsIn, recordsOut, bytesIn: null, bytesOut: null }]]);

test('rates are those of the last seconds, and unknown behind a pause', () => {
  const rates = new TopicRates();
  expect(rates.update(counters(100), 0)('t').recordsInPerS).toBeNull();
  expect(rates.update(counters(300, 5), 2000)('t')).toMatchObject({
    recordsInPerS: 100,
    recordsOutPerS: null,
  });
  expect(rates.update(counters(300, 25), 4000)('t').recordsInPerS).toBe(50);
  expect(rates.update(counters(300), 4000)('u').recordsInPerS).toBeNull();
  expect(rates.update(counters(9000), 60_000)('t').recordsInPerS).toBeNull();
  expect(rates.update(counters(9010, 3), 61_000)('t').recordsInPerS).toBe(10);
});

test('bytes are text where they are UTF-8, cut between characters', () => {
  const bytes = new TextEncoder().encode('a€b');
  expect(bytesView(bytes, 10)).toEqual({ text: 'a€b', bytes: 5, cut: false });
  expect(bytesView(bytes, 3)).toEqual({ text: 'a', bytes: 5, cut: true });
  expect(bytesView(new Uint8Array([255, 1]), 1)).toEqual({ base64: '/w==', bytes: 2, cut: true });
  expect(bytesView(null, 1)).toBeNull();
});
