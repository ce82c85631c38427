import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compress, decompress } from '../../../src/log/codec/mod.ts';
import { type CompressionName, decodeRecords, type LogRecord } from '../../../src/log/mod.ts';
import { ALL, brokerWorld } from '../../support/client-batches.ts';

/** Batches as the Java client's own classes make them: `Batches.java` beside them says how. */
const FIXTURES = readFileSync('test/fixtures/kafka/batches.tsv', 'utf8')
  .trim()
  .split('\n')
  .map(line => {
    const [codec, count, base64] = line.split('\t') as [CompressionName, string, string];
    return { codec, count: Number(count), bytes: new Uint8Array(Buffer.from(base64, 'base64')) };
  });

/** The records that `Batches.java` made. */
function expected(count: number): unknown[] {
  return Array.from({ length: count }, (_, i) => ({
    offset: i,
    timestampMs: 1_700_000_000_000 + i,
    key: i % 3 === 0 ? null : `key-${i % 10}`,
    value:
      i % 7 === 6
        ? null
        : `{"id":${i},"name":"user-${(i * 7919) % 1000}","city":"Berlin","amount":${(i * 31) % 997}}`,
    headers:
      i === 1
        ? [
            { key: 'h', value: [1] },
            { key: 'n', value: null },
          ]
        : [],
  }));
}

const textOf = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString();
const plain = ({ key, value, headers, ...rest }: LogRecord): unknown => ({
  ...rest,
  key: textOf(key),
  value: textOf(value),
  headers: headers.map(h => ({ key: h.key, value: h.value && [...h.value] })),
});

test.each(FIXTURES)('$count records of the Java client in $codec are taken and read', async fixture => {
  const { log } = await brokerWorld();
  await log.createTopicAs('t', 1, {});
  const at = { topic: 't', partition: 0 };
  await log.appendBatches(at, fixture.bytes.slice(), ALL);
  expect(log.activeProducers(at)).toMatchObject([
    { producerId: 7, producerEpoch: 3, lastSequence: 39 + fixture.count },
  ]);
  const { bytes } = await log.read(at, 0, 1 << 20, 'read_committed');
  expect(bytes.subarray(16)).toEqual(fixture.bytes.subarray(16));
  expect(decodeRecords(bytes).map(plain)).toEqual(expected(fixture.count));
});

test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('%s comes back, whatever the size', codec => {
  for (const size of [1, 100, 65_535, 65_536, 70_000, 1 << 20]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * i) >> 7);
    expect(Buffer.compare(decompress(codec, compress(codec, bytes)), bytes)).toBe(0);
  }
  expect(() => decompress(codec, compress(codec, new Uint8Array(2000)), 1000)).toThrow(/FORMAT|bytes|read/);
});

test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('damaged %s is refused, never a crash', codec => {
  const bytes = compress(codec, Buffer.from('something that repeats something '.repeat(100)));
  let refused = 0;
  for (let i = 0; i < bytes.length; i++) {
    const broken = bytes.slice();
    broken[i] = broken[i]! ^ 0x55;
    for (const damaged of [broken, bytes.subarray(0, i)]) {
      try {
        expect(decompress(codec, damaged).length).toBeLessThanOrEqual(64 << 20);
      } catch (error) {
        expect(error).toMatchObject({ code: 'FORMAT_INVALID' });
        refused++;
      }
    }
  }
  expect(refused).toBeGreaterThan(bytes.length);
});
