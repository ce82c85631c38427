import { describe, expect, test } from 'vitest';
import type { CompressionName } from '../../../src/log/codec/mod.ts';
import { decodeRecords, Refusal } from '../../../src/log/mod.ts';
import { ALL, brokerWorld, clientBatch, resealed } from '../../support/client-batches.ts';
import { readAll, record, values } from '../../support/log-conformance.ts';

const t0 = { topic: 't', partition: 0 };
/** Where the clock of the tests stands. */
const START_MS = Date.UTC(2026, 0, 1);
const three = [record('a', 'k'), record('b', 'k'), record('c')];

async function withTopic(config: Record<string, string> = {}) {
  const world = await brokerWorld();
  await world.log.createTopicAs('t', 1, config);
  return world;
}

test("a client's batch is stored as it was sent, with its place in it", async () => {
  const { log } = await withTopic();
  await log.append(t0, [record('before')]);
  const batch = clientBatch(three);
  const sent = batch.slice();
  expect(await log.appendBatches(t0, batch, ALL)).toEqual({
    baseOffset: 1,
    logAppendTimeMs: -1,
    logStartOffset: 0,
    duplicate: false,
  });
  const { bytes } = await log.read(t0, 1, 1 << 20, 'read_uncommitted');
  expect(bytes.subarray(12)).toEqual(sent.subarray(12));
  expect(values(decodeRecords(bytes))).toEqual(['a', 'b', 'c']);
});

test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('%s stays, and every reader reads it', async codec => {
  const { log, open } = await withTopic();
  const sent = clientBatch(three, { codec, nowMs: 5 });
  await log.appendBatches(t0, sent.slice(), ALL);
  await log.append(t0, [record('plain')]);
  const { bytes } = await log.read(t0, 0, 1 << 20, 'read_uncommitted');
  expect(bytes.subarray(12, sent.length)).toEqual(sent.subarray(12));
  expect(values(decodeRecords(bytes, { fromOffset: 1 }))).toEqual(['b', 'c', 'plain']);
  expect(await log.offsetForTime(t0, 5)).toBe(0);
  await log.close();
  expect(values(await readAll(await open(), 't'))).toEqual(['a', 'b', 'c', 'plain']);
});

const CODECS: readonly CompressionName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
test.each(CODECS.flatMap(to => CODECS.map(from => [from, to] as const)))(
  'what comes in %s is stored in %s where the topic says so',
  async (from, to) => {
    const { log } = await withTopic({ 'compression.type': to === 'none' ? 'uncompressed' : to });
    await log.appendBatches(t0, clientBatch(three, { codec: from }), ALL);
    const { bytes } = await log.read(t0, 0, 1 << 20, 'read_uncommitted');
    expect(CODECS[bytes[22]! & 7]).toBe(to);
    expect(values(decodeRecords(bytes))).toEqual(['a', 'b', 'c']);
  },
);

describe('what is refused as Kafka refuses it, with nothing stored', () => {
  const good = clientBatch(three);
  const cases: [string, string, Uint8Array, Record<string, string>?][] = [
    ['nothing', 'INVALID_RECORD', new Uint8Array(0)],
    ['a head cut off', 'CORRUPT_MESSAGE', good.subarray(0, 40)],
    ['a batch cut off', 'CORRUPT_MESSAGE', good.subarray(0, good.length - 1)],
    ['two batches', 'INVALID_RECORD', Buffer.concat([good, good])],
    ['the format before', 'INVALID_RECORD', resealed(good, v => v.setInt8(16, 1))],
    ['a wrong checksum', 'CORRUPT_MESSAGE', resealed(good, () => undefined).fill(9, 70, 71)],
    ['an offset', 'INVALID_RECORD', resealed(good, v => v.setBigInt64(0, 5n))],
    ['control records', 'INVALID_RECORD', resealed(good, v => v.setInt16(21, 0x20))],
    ['an unknown codec', 'UNSUPPORTED_COMPRESSION_TYPE', resealed(good, v => v.setInt16(21, 5))],
    ['bytes that are no gzip', 'INVALID_RECORD', resealed(good, v => v.setInt16(21, 1))],
    ['bytes that are no snappy', 'INVALID_RECORD', resealed(good, v => v.setInt16(21, 2))],
    ['bytes that are no lz4', 'INVALID_RECORD', resealed(good, v => v.setInt16(21, 3))],
    ['bytes that are no zstd', 'INVALID_RECORD', resealed(good, v => v.setInt16(21, 4))],
    ['fewer offsets than records', 'INVALID_RECORD', resealed(good, v => v.setInt32(23, 1))],
    [
      'more records than there are',
      'INVALID_RECORD',
      resealed(good, v => {
        v.setInt32(23, 3);
        v.setInt32(57, 4);
      }),
    ],
    [
      'fewer records than there are',
      'INVALID_RECORD',
      resealed(good, v => {
        v.setInt32(23, 1);
        v.setInt32(57, 2);
      }),
    ],
    [
      'no records',
      'INVALID_RECORD',
      resealed(good, v => {
        v.setInt32(23, -1);
        v.setInt32(57, 0);
      }),
    ],
    [
      'a producer without sequence',
      'INVALID_RECORD',
      clientBatch(three, { producerId: 1, baseSequence: -1 }),
    ],
    ['a time beyond all', 'INVALID_TIMESTAMP', resealed(good, v => v.setBigInt64(27, 2n ** 60n))],
    [
      'a time set by the producer as that of the append',
      'INVALID_TIMESTAMP',
      resealed(good, v => v.setInt16(21, 8)),
    ],
    ['a time in the future', 'INVALID_TIMESTAMP', clientBatch([record('x', 'k', START_MS + 3_600_001)])],
    [
      'a time too long ago',
      'INVALID_TIMESTAMP',
      clientBatch([record('x', 'k', -2000)]),
      { 'message.timestamp.before.max.ms': '1000' },
    ],
    ['too many bytes', 'MESSAGE_TOO_LARGE', good, { 'max.message.bytes': String(good.length - 1) }],
    ['more than a segment', 'RECORD_LIST_TOO_LARGE', good, { 'segment.bytes': String(good.length - 1) }],
    ['no key in a compacted topic', 'INVALID_RECORD', good, { 'cleanup.policy': 'compact' }],
    ['fewer replicas than asked', 'NOT_ENOUGH_REPLICAS', good, { 'min.insync.replicas': '2' }],
  ];
  test.each(cases)('%s: %s', async (...[, error, bytes, config = {}]) => {
    const { log } = await withTopic(config);
    const refused = log.appendBatches(t0, bytes.slice(), ALL);
    await expect(refused).rejects.toMatchObject({ error });
    await expect(refused).rejects.toBeInstanceOf(Refusal);
    expect((await log.offsets(t0)).logEndOffset).toBe(0);
  });

  test('records are named, by their number in the batch', async () => {
    const { log } = await withTopic({ 'cleanup.policy': 'compact' });
    const refused = log.appendBatches(t0, clientBatch(three, { codec: 'lz4' }), ALL);
    await expect(refused).rejects.toMatchObject({
      error: 'INVALID_RECORD',
      recordErrors: [{ batchIndex: 2, message: expect.stringContaining('key') }],
    });
  });

  test('what any change of a byte makes of a batch is refused or stored whole', async () => {
    const { log } = await withTopic();
    for (let i = 0; i < good.length; i++) {
      const changed = resealed(good, view => view.setUint8(i, view.getUint8(i) ^ 0x81));
      const { logEndOffset } = await log.offsets(t0);
      const outcome = await log.appendBatches(t0, changed, ALL).catch(error => error);
      const after = (await log.offsets(t0)).logEndOffset;
      if (outcome instanceof Refusal) expect(after).toBe(logEndOffset);
      else expect([i, outcome.baseOffset, after]).toEqual([i, logEndOffset, logEndOffset + 3]);
    }
    await readAll(log, 't', 'read_uncommitted');
  });
});

test('the time of the append stands for all records, where the topic says so', async () => {
  const { log, clock } = await withTopic({ 'message.timestamp.type': 'LogAppendTime' });
  clock.advance(1000);
  const now = clock.nowMs();
  const answer = await log.appendBatches(t0, clientBatch([record('a', null, 5), record('b', null, 9)]), ALL);
  expect(answer.logAppendTimeMs).toBe(now);
  expect((await readAll(log, 't')).map(r => r.timestampMs)).toEqual([now, now]);
  expect(await log.listOffset(t0, { timestampMs: now }, 'read_committed')).toEqual({
    offset: 0,
    timestampMs: now,
  });
});

test('what would fill the memory when it is decompressed is refused', async () => {
  const { log } = await withTopic();
  const huge = [{ key: null, value: new Uint8Array(65 << 20) }];
  for (const codec of ['gzip', 'lz4', 'zstd'] as const) {
    const bomb = clientBatch(huge, { codec });
    expect(bomb.length).toBeLessThan(1 << 20);
    await expect(log.appendBatches(t0, bomb, ALL)).rejects.toMatchObject({ error: 'INVALID_RECORD' });
  }
}, 30_000);
