import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeStorage, openEmbeddedLog } from '../../../src/log/mod.ts';
import { readAll, values } from '../../support/log-conformance.ts';
import { TestClock } from '../../support/test-clock.ts';

const program = fileURLToPath(new URL('../../support/append-until-killed.ts', import.meta.url));
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-kill-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** Runs the program until its failpoint kills it; returns the highest acknowledged sequences. */
async function runUntilKilled(
  failpoint: string,
): Promise<{ append: number; commit: number; printed: number }> {
  const child = spawn(process.execPath, ['--import', 'tsx', program, directory], {
    env: { ...process.env, MILLRACE_FAILPOINT: failpoint },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', chunk => {
    out += String(chunk);
  });
  child.stderr.on('data', chunk => {
    err += String(chunk);
  });
  const [, signal] = await once(child, 'close');
  expect(signal, err).toBe('SIGKILL');
  const highest = (letter: string): number =>
    Math.max(-1, ...[...out.matchAll(new RegExp(`^${letter} (\\d+)$`, 'gm'))].map(match => Number(match[1])));
  return { append: highest('a'), commit: highest('c'), printed: out.length };
}

/** Invariant: whatever was acknowledged before a kill -9 is there afterwards, once and in order. */
test('a process killed in the middle of its work leaves all that it acknowledged', async () => {
  const points = [
    'log.append.written.after:150',
    'log.append.synced.after:151',
    'log.roll.create.after:3',
    'log.snapshot.rename.before:4',
    'log.transaction.data.after:60',
    'log.transaction.prepare.after:61',
  ];
  for (const point of points) {
    const acknowledged = await runUntilKilled(point);
    expect(acknowledged.printed, 'records were in flight').toBeGreaterThan(0);
    const log = await openEmbeddedLog({ storage: nodeStorage(), clock: new TestClock(), directory });
    const found = values(await readAll(log, 't'));
    const appends = found.filter(text => text.startsWith('a'));
    const commits = found.filter(text => text.startsWith('c'));
    expect(appends).toEqual(appends.map((_, i) => `a${i}`));
    expect(commits).toEqual(commits.map((_, i) => `c${i}`));
    expect(appends.length - 1).toBeGreaterThanOrEqual(acknowledged.append);
    expect(commits.length - 1).toBeGreaterThanOrEqual(acknowledged.commit);
    const writer = await log.openWriter('w');
    expect(writer.state.sequence).toBe(commits.length - 1);
    await log.close();
  }
});
