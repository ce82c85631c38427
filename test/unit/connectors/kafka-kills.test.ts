import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { decodeRecords, type Log, nodeStorage, openEmbeddedLog } from '../../../src/log/mod.ts';
import { systemClock as clock } from '../../../src/platform/system-clock.ts';

const program = fileURLToPath(new URL('../../support/topic-until-killed.ts', import.meta.url));
const ROWS = 60_000;
/** Ten starts of a program, on a machine that may be busy. */
const TIMEOUT_MS = 240_000;

async function run(directory: string, failpoint: string): Promise<{ signal: string | null; out: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', program, directory, String(ROWS)], {
    env: { ...process.env, MILLRACE_FAILPOINT: failpoint },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', chunk => {
    out += String(chunk);
  });
  child.stderr.on('data', chunk => {
    err += String(chunk);
  });
  const [code, signal] = await once(child, 'close');
  expect(code ?? 0, err).toBe(0);
  return { signal, out };
}

/** The committed numbers of one partition, in order. */
async function numbersOf(log: Log, partition: number): Promise<number[]> {
  const at = { topic: 'out', partition };
  const numbers: number[] = [];
  const { lastStableOffset } = await log.offsets(at);
  for (let offset = 0; offset < lastStableOffset; ) {
    const read = await log.read(at, offset, 1 << 22, 'read_committed');
    for (const { value } of decodeRecords(read.bytes, { aborted: read.aborted }))
      numbers.push((JSON.parse(Buffer.from(value!).toString()) as { n: number }).n);
    offset = read.nextOffset;
  }
  return numbers;
}

async function committed(directory: string): Promise<number[][]> {
  const log = await openEmbeddedLog({ storage: nodeStorage(), clock, directory: join(directory, 'log') });
  const numbers = [await numbersOf(log, 0), await numbersOf(log, 1)];
  await log.close();
  return numbers;
}

/** Invariant: whatever step a kill -9 meets, each row is in the topic once, in the order of its partition. */
test('a job killed at every step of what it stages in files ends with each row once', {
  timeout: TIMEOUT_MS,
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-topic-kill-'));
  const points = [
    'staging.append.after:3',
    'staging.release.after:1',
    'staging.seal.after:1',
    'staging.sync.after:2',
    'checkpoint.rename.after:2',
    'sink.commit.before:2',
    // Within the transaction that takes the file over: after some of its parts, and around its commit point.
    'log.append.written.after:6',
    'log.transaction.data.after:2',
    'log.transaction.prepare.after:1',
  ];
  try {
    const seen: number[] = [];
    for (const point of points) {
      expect((await run(directory, point)).signal, point).toBe('SIGKILL');
      seen.push((await committed(directory)).flat().length);
    }
    expect(
      seen.some(count => count > 0 && count < ROWS),
      `rows in flight: ${seen}`,
    ).toBe(true);
    expect(readdirSync(join(directory, 'checkpoints')).some(name => name.startsWith('staged-'))).toBe(true);
    expect(await run(directory, '')).toEqual({ signal: null, out: 'FINISHED\n' });
    const partitions = await committed(directory);
    for (const numbers of partitions) expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    const all = partitions.flat().sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: ROWS }, (_, i) => i + 1));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
