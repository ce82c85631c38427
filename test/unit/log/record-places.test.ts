import { expect, test } from 'vitest';
import { seededRng } from '../../../src/core/mod.ts';
import { encodeBatch, PLAIN_PRODUCER, placeBatch } from '../../../src/log/codec/mod.ts';
import { type NewRecord, RecordCursor, RecordPlaces } from '../../../src/log/mod.ts';

const placed = (p: RecordPlaces) =>
  Array.from({ length: p.count }, (_, i) => [
    p.offsets[i],
    p.timestamps[i],
    [p.keyStarts[i], p.keyEnds[i]],
    [p.starts[i], p.ends[i]],
    p.headersStarts[i],
  ]);

/** The same places by the cursor's own way, one record after the other. */
function oneByOne(bytes: Uint8Array, from: number, end: number): unknown[] {
  const cursor = new RecordCursor();
  cursor.reset(bytes, from);
  const seen: unknown[] = [];
  while (cursor.next() && cursor.offset < end) {
    const { keyStart, keyLength, valueStart, valueLength } = cursor;
    seen.push([
      cursor.offset,
      cursor.timestampMs,
      [keyLength < 0 ? -1 : keyStart, keyStart + Math.max(0, keyLength)],
      [valueLength < 0 ? -1 : valueStart, valueStart + Math.max(0, valueLength)],
      cursor.headersStart,
    ]);
  }
  return seen;
}

test('places are those of the records one by one, whatever their lengths, times and offsets take', () => {
  const rng = seededRng(3);
  const bytesOf = (max: number) => (rng.next() < 0.2 ? null : Buffer.alloc(rng.int(0, max), 7));
  for (let round = 0; round < 150; round++) {
    const later = rng.pick([0, 60, 8000, 20_000, 4_000_000_000]);
    const counts = [rng.pick([1, 3, 70]), rng.pick([1, 2, 9000])];
    let next = rng.int(0, 2 ** 40);
    const first = next;
    const batches = counts.map(count => {
      const records: NewRecord[] = Array.from({ length: count }, () => ({
        key: bytesOf(rng.pick([0, 70])),
        value: bytesOf(rng.pick([0, 63, 64, 200, 9000])),
        timestampMs: 1_700_000_000_000 + rng.int(0, later),
        headers: rng.next() < 0.1 ? [{ key: 'h', value: null }] : [],
      }));
      const { bytes } = encodeBatch(records, 0, count, PLAIN_PRODUCER, 0);
      placeBatch(bytes, 0, next);
      next += count;
      return bytes;
    });
    const bytes = Buffer.concat(batches);
    const from = rng.pick([0, first, Math.min(first + 2, next - 1)]);
    const end = rng.pick([Number.POSITIVE_INFINITY, next, next - 1]);
    const [cursor, places] = [new RecordCursor(), new RecordPlaces()];
    cursor.reset(bytes, from);
    expect(cursor.collect(places, end)).toBe(end < next);
    expect(placed(places)).toEqual(oneByOne(bytes, from, end));
  }
});
