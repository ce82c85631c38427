import { expect, test } from 'vitest';
import { inferFields } from '../../../web/src/shaping/fields.ts';
import {
  assignmentText,
  type Group,
  lagIn,
  listGroups,
  resetEffect,
} from '../../../web/src/shaping/groups.ts';
import { EMPTY_LIST, LIVE_MAX, type ListEvent, messageList } from '../../../web/src/shaping/message-list.ts';
import {
  ExactNumber,
  hexDump,
  jsonOf,
  type Message,
  prettyJson,
  preview,
} from '../../../web/src/shaping/messages.ts';
import { newTopicBody, wrongTopicName } from '../../../web/src/shaping/new-topic.ts';
import {
  EMPTY_FORM,
  formLike,
  notWhole,
  recordLine,
  textKind,
  wrongForm,
} from '../../../web/src/shaping/produce.ts';
import { resetBody } from '../../../web/src/shaping/reset.ts';
import { readSeek, seekParams, streamQuery } from '../../../web/src/shaping/seek.ts';
import { EventParser } from '../../../web/src/shaping/sse.ts';
import {
  byteText,
  listTopics,
  pressedSort,
  readSort,
  settingMeaning,
  type Topic,
  timeSpan,
  totalsOf,
} from '../../../web/src/shaping/topics.ts';
import { stampIn, timeOfField, utcStamp } from '../../../web/src/shaping/zoned-time.ts';

const rates = { recordsInPerS: null, recordsOutPerS: null, bytesInPerS: null, bytesOutPerS: null };
const topic = (name: string, records: number, part: Partial<Topic> = {}): Topic => ({
  ...{ name, records, internal: false, replicationFactor: 1, config: {}, cleanupPolicy: 'delete' },
  ...{ retentionMs: null, sizeBytes: null, rates, partitions: [], ...part },
});
const text = (value: string) => ({ text: value, bytes: value.length, cut: false });
const message = (offset: number, value: string | null): Message => ({
  ...{ partition: 0, offset, timestamp: offset, key: null, headers: [], batch: null },
  value: value === null ? null : text(value),
});

test('topics are filtered by words, hidden when internal, sorted with the unknown last', () => {
  const topics = [
    topic('b.orders', 5, { sizeBytes: 10 }),
    topic('a.orders', 7),
    topic('c', 9, { sizeBytes: 20 }),
    topic('__offsets', 1, { internal: true }),
  ];
  const names = (filter: string, internal: boolean, sort: string | null) =>
    listTopics(topics, filter, internal, readSort(sort)).map(({ name }) => name);
  expect(names('', false, null)).toEqual(['a.orders', 'b.orders', 'c']);
  expect(names('ORD b', false, null)).toEqual(['b.orders']);
  expect(names('', true, '-records')).toEqual(['c', 'a.orders', 'b.orders', '__offsets']);
  expect(names('', false, '-size')).toEqual(['c', 'b.orders', 'a.orders']);
  expect(names('', false, 'size')).toEqual(['b.orders', 'c', 'a.orders']);
  expect(names('', false, 'nonsense')).toEqual(names('', false, null));
  expect(totalsOf(topics)).toMatchObject({
    topics: 3,
    internal: 1,
    records: 22,
    sizeBytes: 30,
    recordsInPerS: null,
  });
});

test('a column head begins with the largest figure and turns, names begin with A', () => {
  const press = (now: string | null, column: 'name' | 'size') => pressedSort(readSort(now), column);
  expect(press(null, 'size')).toBe('-size');
  expect(press('-size', 'size')).toBe('size');
  expect(press('size', 'size')).toBe('-size');
  expect(press('-size', 'name')).toBeNull();
  expect(press(null, 'name')).toBe('-name');
  expect(press('-name', 'name')).toBeNull();
});

test('bytes, spans and settings are said in words', () => {
  expect([0, 999, 1000, 12_345, 999_999, 5e9].map(byteText)).toEqual([
    ...['0 B', '999 B', '1.00 kB', '12.3 kB', '1.00 MB', '5.00 GB'],
  ]);
  expect([604_800_000, 86_400_000, 5_400_000, 1500, -1].map(timeSpan)).toEqual([
    ...['7 days', '1 day', '90 minutes', '1500 ms', 'for ever'],
  ]);
  expect(settingMeaning('retention.ms', '3600000')).toBe('1 hour');
  expect(settingMeaning('retention.bytes', '-1')).toBe('without limit');
  expect(settingMeaning('cleanup.policy', 'compact')).toBeNull();
});

test('numbers that JavaScript can not hold keep their digits where the engine tells them', () => {
  const parsed = jsonOf(text('{"id":9007199254740993,"n":1.50,"s":"x","none":null,"list":[]}'))!;
  const shown = prettyJson(parsed.json);
  // Engines that tell a reviver its source keep all digits; older ones show what JSON.parse made of them.
  expect(shown).toMatch(/"id": 900719925474099[23]/);
  expect(prettyJson({ id: new ExactNumber('9007199254740993') })).toBe('{\n  "id": 9007199254740993\n}');
  expect(prettyJson({ a: [], b: {}, c: [1, 'x'] })).toBe(
    '{\n  "a": [],\n  "b": {},\n  "c": [\n    1,\n    "x"\n  ]\n}',
  );
  expect(jsonOf(text('plain'))).toBeUndefined();
  expect(jsonOf({ text: '{"a":1}', bytes: 900, cut: true })).toBeUndefined();
});

test('a preview is one line; bytes are hex', () => {
  expect(preview(text('a\n  b\tc'))).toBe('a b c');
  expect(preview({ base64: '/wAB', bytes: 3, cut: false })).toBe('ff 00 01');
  expect(preview(null)).toBe('null');
  expect(hexDump(new TextEncoder().encode('{"a":"0123456789"}')).split('\n')).toEqual([
    '00000000  7b 22 61 22 3a 22 30 31 32 33 34 35 36 37 38 39  |{"a":"0123456789|',
    `00000010  22 7d${' '.repeat(42)}  |"}|`,
  ]);
});

test('fields are inferred over messages that differ', () => {
  const tree = inferFields([
    message(1, '{"id":1,"who":{"name":"a"},"tags":["x","y"]}'),
    message(2, '{"id":"2","who":null,"late":true}'),
    message(3, 'no json'),
    message(4, null),
  ]);
  expect(tree).toMatchObject({ looked: 4, json: 2 });
  expect(tree.fields.map(({ path, depth, present }) => [path, depth, present])).toEqual([
    ['', 0, 2],
    ['id', 1, 2],
    ['who', 1, 2],
    ['who.name', 2, 1],
    ['tags', 1, 1],
    ['tags[]', 2, 1],
    ['late', 1, 1],
  ]);
  expect(tree.fields[1]!.types.map(({ type }) => type)).toEqual(['integer', 'string']);
  expect(tree.fields[3]!.example).toBe('a');
});

test('fields may be named as they like: nothing about an object is asked of the object itself', () => {
  const fields = (value: string) =>
    inferFields([message(1, value)]).fields.map(({ path, types }) => [path, types[0]!.type]);
  expect(fields('{"constructor":null}')).toEqual([
    ['', 'object'],
    ['constructor', 'null'],
  ]);
  expect(fields('{"constructor":{"name":"ExactNumber"}}')).toEqual([
    ['', 'object'],
    ['constructor', 'object'],
    ['constructor.name', 'string'],
  ]);
  expect(fields('{"\\u0000":1}')).toEqual([
    ['', 'object'],
    ['\0', 'integer'],
  ]);
});

test('what is asked stands in the address and comes back from it', () => {
  const seek = readSeek(
    new URLSearchParams('from=offset&offset=12&partition=2&search=x%20y&in=key,nonsense'),
  );
  expect(seek).toMatchObject({ kind: 'offset', offset: '12', partition: 2, search: 'x y', places: ['key'] });
  const params = Object.entries(seekParams(seek)).filter(([, value]) => value !== null) as [string, string][];
  expect(readSeek(new URLSearchParams(params))).toEqual(seek);
  const nothing = readSeek(new URLSearchParams('from=nowhere&partition=x'));
  expect(Object.values(seekParams(nothing)).every(value => value === null)).toBe(true);
});

test('the question to the API follows from it', () => {
  const query = (address: string, next: Record<string, number> | null = null) =>
    Object.fromEntries(
      new URLSearchParams(streamQuery(readSeek(new URLSearchParams(address)), 'Africa/Tunis', 50, next)),
    );
  expect(query('')).toEqual({ limit: '50', direction: 'backward' });
  expect(query('from=oldest&partition=1')).toEqual({ limit: '50', partitions: '1' });
  expect(query('from=time&time=2026-11-21T18:00')).toEqual({
    limit: '50',
    time: String(Date.UTC(2026, 10, 21, 17)),
  });
  expect(query('from=live&search=a&in=key')).toEqual({
    ...{ limit: '50', offset: 'latest', follow: 'true', search: 'a', in: 'key' },
  });
  expect(query('from=offset&offset=7', { 0: 9, 1: 4 })).toEqual({ limit: '50', positions: '0:9,1:4' });
});

test('times of a field are those of the time zone, over a change of the clocks too', () => {
  expect(timeOfField('2026-11-21T18:00', 'Africa/Tunis')).toBe(Date.UTC(2026, 10, 21, 17));
  expect(timeOfField('2026-10-25T01:30:00', 'Europe/Berlin')).toBe(Date.UTC(2026, 9, 24, 23, 30));
  expect(timeOfField('2026-10-25T12:00:00', 'Europe/Berlin')).toBe(Date.UTC(2026, 9, 25, 11));
  expect(timeOfField('', 'Africa/Tunis')).toBeNull();
  expect(stampIn(Date.UTC(2026, 10, 21, 17, 4, 5, 7), 'Africa/Tunis')).toBe('2026-11-21 18:04:05.007');
  expect(utcStamp(Date.UTC(2026, 10, 21, 17, 4, 5, 7))).toBe('2026-11-21T17:04:05.007Z');
});

test('a time that no date stands for stays a number', () => {
  expect([8.64e15, -8.64e15].map(utcStamp)).toEqual([
    '+275760-09-13T00:00:00.000Z',
    '-271821-04-20T00:00:00.000Z',
  ]);
  expect([8.64e15 + 1, -8.64e15 - 1, Number.NaN].map(utcStamp)).toEqual([null, null, null]);
  expect(stampIn(8.64e15 + 1, 'Africa/Tunis')).toBe('8640000000000001');
});

test('a list grows while it is read, keeps the latest while it is live, and holds what comes', () => {
  const after = (...events: ListEvent[]) => events.reduce(messageList, EMPTY_LIST);
  const records = (...offsets: number[]): ListEvent => ({
    ...{ kind: 'records', skipped: 0, records: offsets.map(offset => message(offset, 'v')) },
  });
  const offsets = (list: { readonly messages: readonly Message[] }) =>
    list.messages.map(({ offset }) => offset);
  const progress = { scannedRecords: 9, scannedBytes: 90, found: 2 };
  const end = { ...progress, reason: 'limit', next: { 0: 3 } } as const;
  const read = after(records(1, 2), { kind: 'end', end }, { kind: 'more' }, records(3));
  expect(offsets(read)).toEqual([1, 2, 3]);
  expect(read).toMatchObject({ phase: 'reading', end: null });

  const live = after({ kind: 'live' }, records(1, 2), records(3));
  expect(offsets(live)).toEqual([3, 2, 1]);
  const held = [{ kind: 'hold' } as const, records(4), { ...records(5), skipped: 7 } as ListEvent].reduce(
    messageList,
    live,
  );
  expect(offsets(held)).toEqual([3, 2, 1]);
  expect(held).toMatchObject({ received: 12, skipped: 7 });
  expect(offsets(messageList(held, { kind: 'release' }))).toEqual([5, 4, 3, 2, 1]);
  const many = after({ kind: 'live' }, records(...Array.from({ length: LIVE_MAX + 5 }, (_, i) => i)));
  expect(many.messages).toHaveLength(LIVE_MAX);
  expect(after(records(1), { kind: 'failed', message: 'gone' })).toMatchObject({
    phase: 'failed',
    error: 'gone',
  });
});

test('events are taken out of pieces of text', () => {
  const parser = new EventParser();
  expect(parser.feed('event: records\ndata: {"a"')).toEqual([]);
  expect(parser.feed(':1}\n\nevent: end\ndata: 2\n\n: still there\n\n')).toEqual([
    { event: 'records', data: { a: 1 } },
    { event: 'end', data: 2 },
  ]);
});

test('a new topic says only what differs from the defaults, and bad names are told', () => {
  const form = { name: 't', partitions: '3', policy: 'delete', retention: '', extras: [] };
  expect(newTopicBody(form)).toEqual({ name: 't', partitions: 3, config: {} });
  const extras = [
    { name: ' segment.ms ', value: '1000' },
    { name: '', value: 'x' },
  ];
  expect(newTopicBody({ ...form, policy: 'compact', retention: '5', extras }).config).toEqual({
    ...{ 'cleanup.policy': 'compact', 'segment.ms': 1000 },
  });
  expect(wrongTopicName('a b')).toMatch(/only letters/);
  expect(wrongTopicName('..')).not.toBeNull();
  expect(wrongTopicName('flavor.public.orders')).toBeNull();
});

test('a form for a message becomes a line of the API', () => {
  const form = { ...EMPTY_FORM, value: '{"a":1}', headers: [{ id: 1, key: ' h ', value: 'x' }] };
  expect(JSON.parse(recordLine(form))).toEqual({ value: '{"a":1}', headers: { h: 'x' } });
  const keyed = { ...form, headers: [], key: '', noKey: false, partition: '2', noValue: true };
  expect(JSON.parse(recordLine(keyed))).toEqual({ key: '', value: null, partition: 2 });
  expect(wrongForm({ ...form, noValue: true })).toMatch(/needs the key/);
  expect(wrongForm({ ...form, headers: [...form.headers, { id: 2, key: 'h', value: '' }] })).toMatch(/twice/);
  expect(wrongForm(form)).toBeNull();
  expect(formLike({ ...message(1, 'v'), key: text('k') })).toMatchObject({
    key: 'k',
    noKey: false,
    value: 'v',
  });
  expect(['', '1', '{"a"', 'plain'].map(textKind)).toEqual(['empty', 'json', 'broken-json', 'text']);
});

test('a message like another one has its texts to the letter, and says what it has not', () => {
  const long = `${'x'.repeat(300)}\n  end`;
  const like = formLike({
    ...message(1, null),
    key: { base64: '/wAB', bytes: 3, cut: false },
    headers: [
      { key: 'trace', value: text('a \t b\n') },
      { key: 'none', value: null },
      { key: 'bytes', value: { base64: '/wAB', bytes: 3, cut: false } },
      { key: 'cut', value: { text: 'begin', bytes: 9000, cut: true } },
      { key: 'long', value: text(long) },
    ],
  });
  expect(like.headers.map(({ key, value }) => [key, value])).toEqual([
    ['trace', 'a \t b\n'],
    ['long', long],
  ]);
  expect(new Set(like.headers.map(({ id }) => id)).size).toBe(2);
  expect(like.leftOut).toEqual([
    'the key (bytes that are no text)',
    'header none (null)',
    'header bytes (bytes that are no text)',
    'header cut (too long)',
  ]);
  expect(formLike(message(1, 'v')).leftOut).toEqual([]);
});

test('no message is made like one of which only the beginning is here', () => {
  const cut = { text: 'begin', bytes: 9000, cut: true };
  expect(notWhole({ key: text('k'), value: cut })).toMatch(/beginning of its value is here/);
  expect(notWhole({ key: cut, value: cut })).toMatch(/its value and key/);
  expect(notWhole({ key: cut, value: null })).toMatch(/its key/);
  expect(notWhole({ key: null, value: text('v') })).toBeNull();
});

const group = (groupId: string, lags: readonly (number | null)[]): Group => ({
  ...{
    groupId,
    state: 'Empty',
    protocolType: 'consumer',
    protocol: '',
    members: [],
    lag: null,
    topics: ['t'],
  },
  partitions: lags.map((lag, partition) => ({
    ...{
      topic: partition > 1 ? 'u' : 't',
      partition,
      committedOffset: 0,
      logStartOffset: 0,
      logEndOffset: 0,
      lag,
    },
    ...{ metadata: '', memberId: null, clientId: null },
  })),
});

test('groups are found by name and topic; their lag and a reset are summed up', () => {
  expect(listGroups([group('b', []), group('a', [])], 't').map(({ groupId }) => groupId)).toEqual(['a', 'b']);
  expect(listGroups([group('b', [])], 'x')).toEqual([]);
  expect(lagIn(group('g', [3, null, 9]), 't')).toBe(3);
  expect(lagIn(group('g', [null]), 't')).toBeNull();
  expect(
    assignmentText([
      { topic: 't', partition: 2 },
      { topic: 'u', partition: 0 },
      { topic: 't', partition: 0 },
    ]),
  ).toBe('t 0, 2 · u 0');
  const planned = (before: number | null, after: number) => ({
    ...{ topic: 't', partition: 0, before, after, again: before === null ? null : before - after },
  });
  expect(resetEffect([planned(9, 4), planned(1, 3), planned(2, 2), planned(null, 5)])).toEqual({
    ...{ again: 5, skipped: 2, unchanged: 1 },
  });
});

test('a form for a reset becomes a question, or says what is missing', () => {
  const form = { kind: 'earliest', topic: '', partition: '3', offset: '', shift: '-5', time: '' } as const;
  expect(resetBody(form, 'UTC')).toEqual({ body: { to: 'earliest' } });
  expect(resetBody({ ...form, kind: 'shift', topic: 't' }, 'UTC')).toEqual({
    body: { to: { shift: -5 }, topic: 't', partitions: [3] },
  });
  expect(resetBody({ ...form, kind: 'time', time: '1970-01-01T00:00:01' }, 'UTC')).toEqual({
    body: { to: { time: 1000 } },
  });
  for (const kind of ['offset', 'time'] as const)
    expect(resetBody({ ...form, kind }, 'UTC')).toHaveProperty('wrong');
});
