import { expect, test } from 'vitest';
import { MillraceError, seededRng } from '../../../src/core/mod.ts';
import { APIS, decodeRequest } from '../../../src/kafka/messages/mod.ts';
import { Reader, readRequestHeader } from '../../../src/kafka/protocol/mod.ts';
import { mutated, validFrames } from '../../support/kafka-mutations.ts';

const FRAMES = 20_000;
const HEAP_BYTES_MAX = 256 << 20;

test('a request that fits no grammar is refused as such, and nothing else happens', () => {
  const rng = seededRng(5);
  const frames = validFrames(11, 2);
  const refused = { read: 0, refused: 0 };
  for (let i = 0; i < FRAMES; i++) {
    const frame = mutated(rng, frames);
    try {
      const reader = new Reader(frame, 4);
      const { apiKey, apiVersion } = readRequestHeader(reader, key => APIS.get(key));
      const api = APIS.get(apiKey);
      if (api === undefined || apiVersion < api.versions[0] || apiVersion > api.versions[1]) continue;
      decodeRequest(api, apiVersion, reader);
      refused.read++;
    } catch (error) {
      expect(error, String(error)).toBeInstanceOf(MillraceError);
      expect((error as MillraceError).code).toBe('FORMAT_INVALID');
      refused.refused++;
    }
  }
  expect(refused.refused).toBeGreaterThan(FRAMES / 10);
  expect(refused.read).toBeGreaterThan(FRAMES / 10);
});

test('the largest array that a message of a hundred megabytes can claim does not fill the memory', () => {
  const whole = new Uint8Array(100 << 20);
  const metadata = APIS.get(3)!;
  whole.fill(1);
  new DataView(whole.buffer).setInt32(0, 50 << 20);
  const before = process.memoryUsage().heapUsed;
  expect(() => decodeRequest(metadata, 1, new Reader(whole))).toThrow('elements');
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(HEAP_BYTES_MAX);
});
