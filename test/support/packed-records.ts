import { expect, test } from 'vitest';
import {
  type LogRecord,
  type NewRecord,
  type NewRecords,
  packedBatches,
  RecordPacker,
} from '../../src/log/mod.ts';
import { type Context, readAll, record } from './log-conformance.ts';

/** The same records, laid out ahead. */
function packed(records: readonly NewRecord[]): NewRecords {
  const packer = new RecordPacker();
  for (const { key, value } of records)
    packer.add(key, value ?? Buffer.of(), value ? 0 : -1, value?.length ?? 0);
  return { packed: packer.chunks().flatMap(packedBatches) };
}

const t0 = { topic: 't', partition: 0 };

/** What the Log contract promises of records laid out ahead, and of reads into memory that is given. */
export function packedRecords({ log, reopen }: Context): void {
  test('packed records come back as single ones do, in appends and in transactions, with any limit', async () => {
    await log().createTopic('t', 1);
    await log().createTopic('small', 1, { 'max.message.bytes': 200 });
    const made = Array.from({ length: 3000 }, (_, i) =>
      record(`value ${i}`.padEnd(i % 97, '.'), i % 3 ? `${i}` : null),
    );
    made.push({ key: Buffer.from('gone'), value: null });
    await log().append(t0, packed(made));
    await log().append(t0, packed(made), { producer: 'p', sequence: 0 });
    const writer = await log().openWriter('w');
    const parts = [packed(made), made, packed(made)].map(records => ({ ...t0, records }));
    await writer.commit({ sequence: 1, position: null, parts });
    await log().append({ topic: 'small', partition: 0 }, packed(made));
    const plain = made.map(({ key, value }) => [key?.toString() ?? null, value?.toString() ?? null]);
    const shown = (records: readonly LogRecord[]) =>
      records.map(({ key, value }) => [key && `${Buffer.from(key)}`, value && `${Buffer.from(value)}`]);
    const all = await readAll(log(), 't');
    expect(shown(all)).toEqual(Array(5).fill(plain).flat());
    expect(shown(await readAll(log(), 'small'))).toEqual(plain);
    const large = packed([record('x'.repeat(300))]);
    await expect(log().append({ topic: 'small', partition: 0 }, large)).rejects.toMatchObject({
      code: 'RECORD_TOO_LARGE',
    });
    await reopen();
    expect(await readAll(log(), 't')).toEqual(all);
  });

  test('a read may use memory that is given, and is right where it is too small', async () => {
    await log().createTopic('t', 1);
    for (let i = 0; i < 20; i++) await log().append(t0, [record(`${i}`.repeat(i * 10))]);
    const into = new Uint8Array(500);
    for (let offset = 0; offset < 20; ) {
      const { bytes, nextOffset } = await log().read(t0, offset, 500, 'read_committed', into);
      const plain = await log().read(t0, offset, 500, 'read_committed');
      expect(Buffer.compare(bytes, plain.bytes)).toBe(0);
      expect(bytes.buffer === into.buffer).toBe(bytes.length <= 500);
      offset = nextOffset;
    }
  });
}
