import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Log, type NewRecord, nodeStorage, openEmbeddedLog, RecordCursor } from '../src/log/mod.ts';
import { systemClock } from '../src/platform/system-clock.ts';
import { percentile, printFigures } from './print.ts';

const VALUE_BYTES = 290;
const BATCH_RECORDS = 1000;
const BATCHES = 400;
const IN_FLIGHT = 8;
const SINGLES = 500;
const READ_BYTES = 1 << 20;
const at = { topic: 'bench', partition: 0 };

const records: NewRecord[] = Array.from({ length: BATCH_RECORDS }, (_, i) => ({
  key: Buffer.from(`key-${i}`),
  value: Buffer.alloc(VALUE_BYTES, 97 + (i % 26)),
}));

async function secondsOf(run: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await run();
  return (performance.now() - from) / 1000;
}

/** `width` workers share `count` calls. */
async function together(count: number, width: number, call: () => Promise<unknown>): Promise<void> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: width }, worker));
}

async function latencies(count: number, call: () => Promise<unknown>): Promise<number[]> {
  const all: number[] = [];
  for (let i = 0; i < count; i++) all.push((await secondsOf(call)) * 1000);
  return all.sort((a, b) => a - b);
}

/** Writing the same number of bytes to a plain file, flushed after every write or once at the end. */
async function plainWrite(
  path: string,
  batchBytes: number,
  batches: number,
  flushEach: boolean,
): Promise<number> {
  const file = await open(path, 'w');
  const bytes = Buffer.alloc(batchBytes, 97);
  const seconds = await secondsOf(async () => {
    for (let i = 0; i < batches; i++) {
      await file.write(bytes, 0, bytes.length);
      if (flushEach) await file.datasync();
    }
  });
  await file.close();
  return seconds;
}

async function benchAppend(directory: string, flush: 'ack' | 'interval'): Promise<void> {
  const log = await openEmbeddedLog({
    storage: nodeStorage(),
    clock: systemClock,
    directory: `${directory}/${flush}`,
    flush,
  });
  await log.createTopic('bench', 1);
  await log.append(at, records);
  const seconds = await secondsOf(() => together(BATCHES, IN_FLIGHT, () => log.append(at, records)));
  const stats = log.stats();
  const batchBytes = Math.round(stats.bytesAppended / (BATCHES + 1));
  const plain = await plainWrite(`${directory}/plain`, batchBytes, BATCHES, flush === 'ack');
  const perSecond = (BATCHES * BATCH_RECORDS) / seconds;
  printFigures(`append, flush ${flush}`, {
    'records/s': perSecond,
    'MB/s': (BATCHES * batchBytes) / seconds / 1e6,
    'plain file MB/s': (BATCHES * batchBytes) / plain / 1e6,
    ratio: plain / seconds,
    flushes: stats.flushes,
  });
  await benchRead(log, `${directory}/plain`, flush);
  await benchSingle(log, `${directory}/single`, flush);
  await benchTransactions(log, flush);
  await log.close();
}

async function benchRead(log: Log, plainPath: string, flush: string): Promise<void> {
  const cursor = new RecordCursor();
  let [count, bytes] = [0, 0];
  const seconds = await secondsOf(async () => {
    for (let offset = 0, end = false; !end; ) {
      const read = await log.read(at, offset, READ_BYTES, 'read_committed');
      cursor.reset(read.bytes, offset, read.aborted);
      while (cursor.next()) count++;
      bytes += read.bytes.length;
      end = read.nextOffset === offset;
      offset = read.nextOffset;
    }
  });
  const file = await open(plainPath, 'r');
  const plainSeconds = await secondsOf(async () => {
    for (let position = 0; ; ) {
      const { bytesRead } = await file.read(Buffer.allocUnsafeSlow(READ_BYTES), 0, READ_BYTES, position);
      if (bytesRead === 0) return;
      position += bytesRead;
    }
  });
  const plainBytes = (await file.stat()).size;
  await file.close();
  const [ours, plain] = [bytes / seconds / 1e6, plainBytes / plainSeconds / 1e6];
  printFigures(`read and iterate, flush ${flush}`, {
    'records/s': count / seconds,
    'MB/s': ours,
    'plain pread MB/s': plain,
    ratio: ours / plain,
  });
}

async function benchSingle(log: Log, plainPath: string, flush: 'ack' | 'interval'): Promise<void> {
  const one = records.slice(0, 1);
  const ours = await latencies(SINGLES, () => log.append(at, one));
  const file = await open(plainPath, 'w');
  const bytes = Buffer.alloc(VALUE_BYTES + 70);
  const plain = await latencies(SINGLES, async () => {
    await file.write(bytes, 0, bytes.length);
    if (flush === 'ack') await file.datasync();
  });
  await file.close();
  printFigures(`one record at a time, flush ${flush}`, {
    'p50 ms': percentile(ours, 0.5),
    'p99 ms': percentile(ours, 0.99),
    'plain p50 ms': percentile(plain, 0.5),
    'plain p99 ms': percentile(plain, 0.99),
  });
}

/** Small transactions over four topics, many under way at once, as capture writes them. */
async function benchTransactions(log: Log, flush: string): Promise<void> {
  const topics = ['a', 'b', 'c', 'd'];
  for (const topic of topics) await log.createTopic(topic, 1);
  const writer = await log.openWriter('bench');
  const parts = topics.map(topic => ({ topic, partition: 0, records: records.slice(0, 5) }));
  let sequence = 0;
  const commit = (): Promise<void> =>
    writer.commit({ sequence: ++sequence, position: { lsn: sequence }, parts });
  const alone = await latencies(200, commit);
  const count = 10_000;
  const seconds = await secondsOf(() => together(count, 256, commit));
  await writer.close();
  printFigures(`transactions of 20 records, flush ${flush}`, {
    'commits/s': count / seconds,
    'records/s': (count * 20) / seconds,
    'alone p50 ms': percentile(alone, 0.5),
    'alone p99 ms': percentile(alone, 0.99),
  });
}

/** The log's appends, reads and transactions beside plain files of the same bytes in the same run. */
export async function bench(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-bench-log-'));
  try {
    await benchAppend(directory, 'interval');
    await benchAppend(directory, 'ack');
  } finally {
    await rm(directory, { recursive: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await bench();
