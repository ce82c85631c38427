import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../../src/core/mod.ts';
import { type Log, nodeStorage, openEmbeddedLog, RecordCursor } from '../../../src/log/mod.ts';
import { throughChannel } from '../../support/remote-log.ts';
import { TestClock } from '../../support/test-clock.ts';

const AT = { topic: 'events', partition: 0 };
const FILLING = 'x'.repeat(1000);
const READ_BYTES = 100_000;

let directory: string;
let near: Log;
let far: ReturnType<typeof throughChannel>;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-remote-log-'));
  near = await openEmbeddedLog({
    ...{ storage: nodeStorage(), clock: new TestClock(), directory },
    ...{ flush: 'interval', segmentBytes: 1_000_000 },
  });
  await near.createTopic('events', 1);
  far = throughChannel(near);
});
afterEach(async () => {
  far.close();
  await near.close();
  await rm(directory, { recursive: true });
});

async function append(from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += 50) {
    const records = Array.from({ length: Math.min(50, to - first) }, (_, i) => ({
      key: null,
      value: encodeUtf8(`${first + i} ${FILLING}`),
    }));
    await near.append(AT, records);
  }
}

/** Numbers of the records from `offset` on, read in pieces; `between` runs after each piece. */
async function numbers(log: Log, offset: number, between = async (): Promise<void> => {}): Promise<number[]> {
  const found: number[] = [];
  const cursor = new RecordCursor();
  const memory = new Uint8Array(READ_BYTES);
  for (let at = offset; ; ) {
    const result = await log.read(AT, at, READ_BYTES, 'read_committed', memory);
    if (result.nextOffset === at) return found;
    cursor.reset(result.bytes, at, result.aborted);
    while (cursor.next()) {
      found.push(Number(decodeUtf8(result.bytes, cursor.valueStart, cursor.valueLength).split(' ')[0]));
    }
    at = result.nextOffset;
    await between();
  }
}
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

test('what lies in several files is read to its end, wherever the reading begins, and counted', async () => {
  await append(0, 5000);
  expect((await readdir(join(directory, 'events-0'))).filter(n => n.endsWith('.log')).length).toBeGreaterThan(
    3,
  );
  const [all, some] = await Promise.all([numbers(far.log, 0), numbers(far.log, 1234)]);
  expect(all).toEqual(range(0, 5000));
  expect(some).toEqual(range(1234, 5000));
  const { recordsRead, bytesRead } = near.stats();
  expect(recordsRead).toBeGreaterThan(8000);
  expect(bytesRead).toBeGreaterThan(8_000_000);
});

test('what is appended while it is read comes too', async () => {
  await append(0, 1000);
  let end = 1000;
  const found = await numbers(far.log, 0, async () => {
    if (end < 3000) await append(end, (end += 100));
  });
  expect(found).toEqual(range(0, 3000));
});

test('what was aborted is not read, on either side of it nothing is missing', async () => {
  await append(0, 600);
  const writer = await near.openWriter('w');
  const value = encodeUtf8(`-1 ${FILLING}`);
  const records = Array.from({ length: 50 }, () => ({ key: null, value }));
  await writer.stage([{ ...AT, records }]);
  await append(600, 1200);
  await near.openWriter('w'); // ends what the former holder left open
  await append(1200, 2000);
  expect(await numbers(far.log, 0)).toEqual(range(0, 2000));
});

test('a topic that is removed, and made again under its name, is not read from its old files', async () => {
  await append(0, 900);
  const first = await far.log.read(AT, 0, READ_BYTES, 'read_committed');
  await near.deleteTopic('events');
  await expect(far.log.read(AT, first.nextOffset, READ_BYTES, 'read_committed')).rejects.toMatchObject({
    code: 'UNKNOWN_TOPIC',
  });
  await near.createTopic('events', 1);
  await append(5000, 5900);
  const again = await numbers(far.log, first.nextOffset);
  expect(again).toEqual(range(5000 + first.nextOffset, 5900));
});

test('damage in a file is told by its name', async () => {
  await append(0, 900);
  const file = join(directory, 'events-0', '00000000000000000000.log');
  await writeFile(file, new Uint8Array(100), { flag: 'r+' });
  await expect(numbers(far.log, 0)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
});
