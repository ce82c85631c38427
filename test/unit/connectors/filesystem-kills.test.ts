import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../support/files-until-killed.ts', import.meta.url));
const ROWS = 30_000;
/** Five starts of a program, on a machine that may be busy. */
const TIMEOUT_MS = 120_000;

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

function linesBelow(path: string): string[] {
  const files = readdirSync(path, { recursive: true, withFileTypes: true });
  return files
    .filter(e => e.isFile() && e.name.startsWith('part-'))
    .flatMap(e => readFileSync(join(e.parentPath, e.name), 'utf8').trimEnd().split('\n'));
}

/** Invariant: whatever step a kill -9 meets, each row is in exactly one visible file at the end. */
test('a job killed at every step of its files ends with each row once', { timeout: TIMEOUT_MS }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-files-kill-'));
  const points = [
    'files.append.after:4',
    'files.state.before:3',
    'files.state.after:2',
    'files.publish.after:5',
  ];
  try {
    const seen: number[] = [];
    for (const point of points) {
      expect((await run(directory, point)).signal, point).toBe('SIGKILL');
      seen.push(linesBelow(join(directory, 'out')).length);
    }
    expect(
      seen.some(count => count > 0 && count < ROWS),
      `rows in flight: ${seen}`,
    ).toBe(true);
    expect(await run(directory, '')).toEqual({ signal: null, out: 'FINISHED\n' });
    const numbers = linesBelow(join(directory, 'out')).map(line => (JSON.parse(line) as { n: number }).n);
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: ROWS }, (_, i) => i + 1));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
