import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  finishPacked,
  type Log,
  type LogSettings,
  nodeStorage,
  openEmbeddedLog,
  packedBatches,
  RecordPacker,
} from '../../../src/log/mod.ts';
import { readAll, record, values } from '../../support/log-conformance.ts';
import { throughChannel } from '../../support/remote-log.ts';
import { TestClock } from '../../support/test-clock.ts';

const t0 = { topic: 't', partition: 0 };
const clock = new TestClock();
let folder: string;
let log: Log;

const open = (settings: Partial<LogSettings> = {}): Promise<Log> =>
  openEmbeddedLog({ storage: nodeStorage(), clock, directory: join(folder, 'log'), ...settings });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-adopt-'));
  log = await open();
  await log.createTopic('t', 1);
});
afterEach(async () => {
  await log.close();
  rmSync(folder, { recursive: true });
});

const numbered = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${from + i}`.padEnd((from + i) % 500, '.'));

/** A file of finished batches with these values; its path and size. */
function sealed(texts: readonly string[]): [path: string, sizeBytes: number] {
  const packer = new RecordPacker();
  for (const text of texts) packer.add(null, Buffer.from(text), 0, Buffer.byteLength(text));
  const chunks = packer.chunks();
  for (const chunk of chunks) finishPacked(chunk);
  const path = join(folder, `staged-${texts[0]}`);
  writeFileSync(path, Buffer.concat(chunks));
  return [path, statSync(path).size];
}

const segments = (): string[] => readdirSync(join(folder, 'log/t-0')).filter(name => name.endsWith('.log'));
const temporary = (): string[] => readdirSync(join(folder, 'log/t-0')).filter(name => name.endsWith('.tmp'));

const sums = (texts: readonly string[]): number => texts.reduce((sum, { length }) => sum + length, 0);

describe.each(['here', 'in another thread'])('a log that is %s', place => {
  test('takes files into a transaction without a copy, in their order, between what else is written', async () => {
    const far = place === 'here' ? null : throughChannel(log);
    const writer = await (far?.log ?? log).openWriter('w');
    const [first, second, last] = [numbered(0, 9000), numbered(9000, 700), numbered(9700, 5)];
    const [path, size] = sealed(first);
    expect(await writer.adopt!(t0, path, size)).toBe(true);
    await log.append(t0, [record('plain')]);
    expect(await readAll(log, 't')).toEqual([]);
    expect(await writer.adopt!(t0, ...sealed(second))).toBe(true);
    const parts = [{ ...t0, records: last.map(text => record(text)) }];
    await writer.commit({ sequence: 1, position: null, parts });
    await log.append(t0, [record('behind')]);
    const all = [...first, 'plain', ...second, ...last, 'behind'];
    expect(values(await readAll(log, 't'))).toEqual(all);
    expect(readFileSync(path).length).toBeGreaterThan(size);
    expect(segments().length).toBe(2);
    await writer.close();
    far?.close();
    await log.close();
    log = await open();
    const again = await readAll(log, 't');
    expect(values(again)).toEqual(all);
    expect(again.map(({ offset }) => offset)).toEqual([...new Set(again.map(({ offset }) => offset))]);
    expect(temporary()).toEqual([]);
  });
});

test('a reader that waits in an empty segment goes on in the file that takes its place', async () => {
  await log.append(t0, [record('before')]);
  const texts = numbered(0, 300);
  let offset = 1;
  expect((await log.read(t0, offset, 1 << 20, 'read_committed')).bytes.length).toBe(0);
  const writer = await log.openWriter('w');
  for (const sequence of [1, 2, 3]) {
    await writer.adopt!(t0, ...sealed(texts.map(text => `${sequence} ${text}`)));
    await writer.commit({ sequence, position: null, parts: [] });
    const { nextOffset } = await log.read(t0, offset, 1 << 20, 'read_committed');
    // The records, and the marker of the transaction before.
    expect(nextOffset - offset).toBeGreaterThanOrEqual(texts.length);
    offset = nextOffset;
  }
  expect((await readAll(log, 't')).length).toBe(1 + 3 * texts.length);
});

test('what was taken and not committed is aborted, and the file is good for a copy still', async () => {
  const texts = numbered(0, 2000);
  const [path, size] = sealed(texts);
  const lost = await log.openWriter('w');
  expect(await lost.adopt!(t0, path, size)).toBe(true);
  const writer = await log.openWriter('w');
  expect(await readAll(log, 't')).toEqual([]);
  const batches = packedBatches(Uint8Array.from(readFileSync(path).subarray(0, size)));
  await writer.stage([{ ...t0, records: { packed: batches } }]);
  await writer.commit({ sequence: 1, position: null, parts: [] });
  expect(values(await readAll(log, 't'))).toEqual(texts);
});

test('a file is left alone where it is not there, not of its size, or larger than the topic allows', async () => {
  const texts = numbered(0, 2000);
  const [path, size] = sealed(texts);
  const former = readFileSync(path);
  await log.createTopic('small', 1, { 'max.message.bytes': 1000 });
  await log.createTopic('short', 1, { 'segment.bytes': size - 1 });
  const writer = await log.openWriter('w');
  expect(await writer.adopt!(t0, `${path}-gone`, size)).toBe(false);
  expect(await writer.adopt!(t0, path, size - 1)).toBe(false);
  expect(await writer.adopt!({ topic: 'small', partition: 0 }, path, size)).toBe(false);
  expect(await writer.adopt!({ topic: 'short', partition: 0 }, path, size)).toBe(false);
  expect(statSync(path).nlink).toBe(1);
  expect(readFileSync(path).equals(former)).toBe(true);
  await writer.commit({ sequence: 1, position: null, parts: [{ ...t0, records: [record('only')] }] });
  expect(values(await readAll(log, 't'))).toEqual(['only']);
});

test('a file that is cut off within a batch is refused and not taken', async () => {
  const [path, size] = sealed(numbered(0, 2000));
  writeFileSync(path, readFileSync(path).subarray(0, size - 1));
  const writer = await log.openWriter('w');
  await expect(writer.adopt!(t0, path, size - 1)).rejects.toMatchObject({ code: 'FORMAT_INVALID' });
  expect([statSync(path).nlink, temporary()]).toEqual([1, []]);
});

test('counts and sizes are those of the records', async () => {
  const texts = numbered(0, 1000);
  const before = log.stats();
  const [path, size] = sealed(texts);
  const writer = await log.openWriter('w');
  await writer.adopt!(t0, path, size);
  await writer.commit({ sequence: 1, position: null, parts: [] });
  const after = log.stats();
  expect(after.recordsAppended - before.recordsAppended).toBeGreaterThanOrEqual(texts.length);
  expect(after.bytesAppended - before.bytesAppended).toBeGreaterThan(sums(texts));
  expect(after.bytesOnDisk - before.bytesOnDisk).toBeGreaterThanOrEqual(size);
});
