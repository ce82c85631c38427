import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Millrace } from './millrace.ts';

const bin = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'bin', 'millrace.mjs');

/** Run `millrace replay` beside the test, so that the server can be killed under it. */
export function spawnReplay(
  millrace: Millrace,
  ...args: readonly string[]
): { readonly done: Promise<number | null>; errors(): string } {
  const child = spawn(process.execPath, [bin, 'replay', ...args], {
    env: { ...process.env, MILLRACE_DATA: millrace.dataDirectory },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', chunk => {
    errors = (errors + String(chunk)).slice(-4000);
  });
  const done = new Promise<number | null>(resolve => {
    // Not at its exit: what it said may come later.
    child.once('close', status => {
      if (status !== 0) console.log(`replay ended with ${status}:\n${errors}`);
      resolve(status);
    });
  });
  return { done, errors: () => errors };
}
