import { expect, test } from 'vitest';
import { seededRng } from '../../../src/core/mod.ts';
import {
  BATCH_HEADER_BYTES,
  batchIsIntact,
  encodeBatch,
  encodeMarker,
  markerAt,
  PLAIN_PRODUCER,
  packedBatches,
  placeBatch,
  RecordPacker,
  readBatchHeader,
  rewriteHeader,
  sealPacked,
} from '../../../src/log/codec/mod.ts';
import { decodeRecords, type NewRecord, RecordCursor } from '../../../src/log/mod.ts';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s+/g, ''), 'hex');

/**
 * Written down by hand from Kafka's description of the format; the checksum is filled in from its
 * definition.
 */
const BY_HAND = `
  0000000000000000 00000047 00000000 02 00000000
  0000 00000001 0000000000000fa0 0000000000000fa5 ffffffffffffffff ffff ffffffff 00000002
  1c 00 00 00 02 6b 06 616263 02 02 68 02 31
  0c 00 0a 02 01 01 00`;

/** CRC-32C straight from its definition (reflected polynomial 0x82f63b78), independent of the library. */
function crc32cSlow(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

test('a batch has the bytes that the format prescribes', () => {
  const records: NewRecord[] = [
    {
      key: Buffer.from('k'),
      value: Buffer.from('abc'),
      timestampMs: 4000,
      headers: [{ key: 'h', value: Buffer.from('1') }],
    },
    { key: null, value: null, timestampMs: 4005 },
  ];
  const body = hex(BY_HAND);
  body.writeUInt32BE(crc32cSlow(body.subarray(21)), 17);
  const { bytes, maxTimestamp, recordCount } = encodeBatch(records, 0, 2, PLAIN_PRODUCER, 0);
  expect(Buffer.from(bytes).toString('hex')).toBe(body.toString('hex'));
  expect([maxTimestamp, recordCount]).toEqual([4005, 2]);
});

test('a commit marker has the bytes that the format prescribes', () => {
  const { bytes } = encodeMarker({ producerId: 7, producerEpoch: 3 }, 'commit', 1000);
  const body = hex(`
    0000000000000000 00000042 00000000 02 00000000
    0030 00000000 00000000000003e8 00000000000003e8 0000000000000007 0003 ffffffff 00000001
    20 00 00 00 08 0000 0001 0c 0000 00000000 00`);
  body.writeUInt32BE(crc32cSlow(body.subarray(21)), 17);
  expect(Buffer.from(bytes).toString('hex')).toBe(body.toString('hex'));
  expect(markerAt(bytes, 0)).toBe('commit');
  expect(markerAt(encodeMarker({ producerId: 7, producerEpoch: 3 }, 'abort', 1000).bytes, 0)).toBe('abort');
});

test('what is encoded is decoded, for all sizes and times', () => {
  const rng = seededRng(1);
  const bytesOf = (max: number): Buffer | null =>
    rng.next() < 0.1 ? null : Buffer.alloc(rng.int(0, max), rng.int(0, 255));
  for (let round = 0; round < 200; round++) {
    const records: NewRecord[] = Array.from({ length: rng.int(1, 100) }, () => ({
      key: bytesOf(100),
      value: bytesOf(rng.pick([0, 63, 64, 200, 9000, 70_000])),
      timestampMs: rng.int(0, 4_000_000_000_000),
      headers: Array.from({ length: rng.pick([0, 0, 1, 3]) }, () => ({
        key: `h${rng.int(0, 9)}ß`,
        value: bytesOf(80),
      })),
    }));
    const { bytes } = encodeBatch(records, 0, records.length, PLAIN_PRODUCER, 0);
    const base = rng.int(0, 2 ** 50);
    placeBatch(bytes, 0, base);
    expect(batchIsIntact(bytes, 0)).toBe(true);
    expect(readBatchHeader(bytes, 0)).toMatchObject({
      baseOffset: base,
      lastOffset: base + records.length - 1,
    });
    const plain = (part: Uint8Array | null): string | null => part && Buffer.from(part).toString('hex');
    const flat = (r: NewRecord) => [
      plain(r.key),
      plain(r.value),
      r.timestampMs,
      r.headers?.map(h => [h.key, plain(h.value)]),
    ];
    const decoded = decodeRecords(bytes);
    expect(decoded.map(flat)).toEqual(records.map(flat));
    expect(decoded.map(r => r.offset)).toEqual(records.map((_, i) => base + i));
  }
});

test('any changed byte behind the checksum is noticed', () => {
  const { bytes } = encodeBatch(
    [{ key: null, value: Buffer.from('hello'), timestampMs: 1 }],
    0,
    1,
    PLAIN_PRODUCER,
    0,
  );
  for (let at = 16; at < bytes.length; at++) {
    const changed = bytes.slice();
    changed[at]! ^= 1;
    expect(batchIsIntact(changed, 0)).toBe(false);
  }
});

/** Batches back to back, at ascending offsets. */
function logOf(...batches: { bytes: Uint8Array; recordCount: number }[]): Buffer {
  let offset = 0;
  for (const batch of batches) {
    placeBatch(batch.bytes, 0, offset);
    offset += batch.recordCount;
  }
  return Buffer.concat(batches.map(b => b.bytes));
}
const data = (producerId: number, transactional: boolean, ...texts: string[]) =>
  encodeBatch(
    texts.map(text => ({ key: null, value: Buffer.from(text) })),
    0,
    texts.length,
    { producerId, producerEpoch: 0, baseSequence: 0, transactional },
    5,
  );
const marker = (producerId: number, outcome: 'commit' | 'abort') =>
  encodeMarker({ producerId, producerEpoch: 0 }, outcome, 5);
const textsOf = (records: readonly { value: Uint8Array | null }[]): string[] =>
  records.map(r => Buffer.from(r.value ?? []).toString());

test('the cursor passes over markers, aborted transactions and records below the asked offset', () => {
  // offsets: 0,1 · 2 · 3 · 4 (abort of 1) · 5 · 6 (commit of 1) · 7 (commit of 2)
  const bytes = logOf(
    data(1, true, 'lost0', 'lost1'),
    data(2, true, 'kept2'),
    data(-1, false, 'plain3'),
    marker(1, 'abort'),
    data(1, true, 'kept5'),
    marker(1, 'commit'),
    marker(2, 'commit'),
  );
  const aborted = [{ producerId: 1n, firstOffset: 0 }];
  expect(textsOf(decodeRecords(bytes, { aborted }))).toEqual(['kept2', 'plain3', 'kept5']);
  expect(textsOf(decodeRecords(bytes, { aborted, fromOffset: 3 }))).toEqual(['plain3', 'kept5']);
  expect(textsOf(decodeRecords(bytes, { aborted, isolation: 'read_uncommitted', fromOffset: 1 }))).toEqual([
    'lost1',
    'kept2',
    'plain3',
    'kept5',
  ]);
});

test('the cursor points into the bytes and refuses what is no batch', () => {
  const bytes = logOf(data(-1, false, 'ab', 'cde'));
  const cursor = new RecordCursor();
  cursor.reset(bytes);
  const seen: string[] = [];
  while (cursor.next()) {
    seen.push(bytes.subarray(cursor.valueStart, cursor.valueStart + cursor.valueLength).toString());
    expect(cursor.keyLength).toBe(-1);
  }
  expect(seen).toEqual(['ab', 'cde']);
  for (const cut of [bytes.length - 1, 30, 5]) {
    cursor.reset(bytes.subarray(0, cut));
    expect(() => cursor.next()).toThrow(expect.objectContaining({ code: 'FORMAT_INVALID' }));
  }
});

test('values written in place come back, whatever lengths and counts take in bytes', () => {
  const rng = seededRng(29);
  const lengths = [0, 1, 58, 63, 64, 65, 100, 8182, 8183, 8184, 8191, 8192, 70_000, 1_100_000];
  const values: number[] = Array.from({ length: 300 }, () => lengths[rng.int(0, lengths.length - 2)]!);
  values.push(...new Array<number>(2000).fill(64), 1_100_000, 64, 64);
  const packer = new RecordPacker(8);
  let start = packer.begin();
  for (const [i, length] of values.entries()) {
    if (start + length > packer.limit) start = packer.room(start, length);
    packer.u8.fill(i & 255, start, start + length);
    start = packer.end(start, start + length);
  }
  const read = packer
    .handOver()
    .flatMap(chunk => packedBatches(chunk.subarray(8)))
    .flatMap(batch => decodeRecords(sealPacked(batch, PLAIN_PRODUCER, 7).bytes));
  expect(read.map(({ key, value }) => [key, value?.length])).toEqual(values.map(length => [null, length]));
  for (const [i, { value }] of read.entries()) expect(value?.every(byte => byte === (i & 255))).toBe(true);
});

test('a header that is written anew has the checksum that the whole batch would get', () => {
  const rng = seededRng(5);
  for (const length of [0, 1, 2, 63, 64, 1000, 65_535, 65_536, 300_001]) {
    const value = Buffer.from(Array.from({ length }, () => rng.int(0, 255)));
    const batch = encodeBatch([{ key: null, value }], 0, 1, PLAIN_PRODUCER, 0).bytes.slice();
    for (let turn = 0; turn < 3; turn++) {
      const producer = {
        producerId: rng.int(0, 2 ** 40),
        producerEpoch: rng.int(0, 32_767),
        baseSequence: rng.int(0, 2 ** 31 - 1),
        transactional: turn < 2,
      };
      const whole = batch.slice();
      const made = sealPacked(whole, producer, 1_700_000_000_000 + turn);
      rewriteHeader(batch.subarray(0, BATCH_HEADER_BYTES), producer, 1_700_000_000_000 + turn);
      expect(Buffer.compare(batch, made.bytes)).toBe(0);
      expect(batchIsIntact(batch, 0)).toBe(true);
    }
  }
});
