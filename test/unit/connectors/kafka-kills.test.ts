import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { decodeRecords, type Log, nodeStorage, openEmbeddedLog } from '../../../src/log/mod.ts';
import { systemClock as clock } from '../../../src/platform/system-clock.ts';

const program = fileURLToPath(new URL('../../support/topic-until-killed.ts', import.meta.url));
const ROWS = 20_000;
/** Two starts of a program, on a machine that may be busy. */
const TIMEOUT_MS = 60_000;

/** Epochs whose files are copied into the log, and one with files so large that the log takes them. */
const SHORT_MS = '600';
const LONG_MS = '60000';

async function run(
  directory: string,
  failpoint: string,
  intervalMs: string,
): Promise<{ signal: string | null; out: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', program, directory, String(ROWS), intervalMs], {
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

/**
 * Each with how many rows are visible then: none before the commit point of the first epoch, some behind it.
 */
const POINTS: readonly (readonly [point: string, visible: 'none' | 'some', intervalMs?: typeof LONG_MS])[] = [
  ['staging.append.after:2', 'none'],
  ['staging.seal.after:1', 'none'],
  ['staging.sync.after:1', 'none'],
  ['checkpoint.rename.after:1', 'none'],
  ['sink.commit.before:1', 'none'],
  // Within the transaction that takes the file over, after some of its parts.
  ['log.append.written.after:6', 'none'],
  ['log.transaction.data.after:1', 'none'],
  ['log.transaction.prepare.after:1', 'some'],
  ['staging.release.after:1', 'some'],
  ['log.adopt.synced.after:1', 'none', LONG_MS],
  // Between the two files, and behind them.
  ['log.adopt.synced.after:2', 'none', LONG_MS],
  ['log.roll.create.after:2', 'none', LONG_MS],
  ['log.transaction.data.after:1', 'none', LONG_MS],
  ['log.transaction.prepare.after:1', 'some', LONG_MS],
];

/** Invariant: whatever step a kill -9 meets, each row is in the topic once, in the order of its partition. */
test.each(POINTS.map(([point, visible, intervalMs = SHORT_MS]) => [point, visible, intervalMs] as const))(
  'a job whose staged output lies in files ends with each row once, killed at %s',
  {
    timeout: TIMEOUT_MS,
  },
  async (point, visible, intervalMs) => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-topic-kill-'));
    try {
      expect((await run(directory, point, intervalMs)).signal).toBe('SIGKILL');
      const seen = (await committed(directory)).flat().length;
      expect(seen > 0 ? 'some' : 'none', `${seen} rows`).toBe(visible);
      const kept = readdirSync(join(directory, 'checkpoints'));
      expect(kept.some(name => name.startsWith('staged-'))).toBe(true);
      expect(await run(directory, '', intervalMs)).toEqual({ signal: null, out: 'FINISHED\n' });
      const partitions = await committed(directory);
      for (const numbers of partitions) expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      const all = partitions.flat().sort((a, b) => a - b);
      expect(all).toEqual(Array.from({ length: ROWS }, (_, i) => i + 1));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
);

test('the log takes large files as they are: they have a second name there', {
  timeout: TIMEOUT_MS,
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-topic-kill-'));
  try {
    expect(await run(directory, '', LONG_MS)).toEqual({ signal: null, out: 'FINISHED\n' });
    const staged = readdirSync(join(directory, 'checkpoints')).filter(name => name.startsWith('staged-'));
    expect(staged.map(name => statSync(join(directory, 'checkpoints', name)).nlink)).toEqual([2, 2]);
    expect((await committed(directory)).flat().length).toBe(ROWS);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
