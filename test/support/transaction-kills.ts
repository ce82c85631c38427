import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { seededRng } from '../../src/core/mod.ts';
import { nodeStorage, openEmbeddedLog } from '../../src/log/mod.ts';
import { TestClock } from './test-clock.ts';
import { check, type TransactionLedger } from './transaction-crashes.ts';

const program = fileURLToPath(new URL('./transact-until-killed.ts', import.meta.url));

/** Runs the program until its failpoint kills it; takes over what it printed. */
async function runUntilKilled(
  directory: string,
  failpoint: string,
  ledger: TransactionLedger,
): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', program, directory, String(ledger.next)], {
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
  const printed = (letter: string) =>
    [...out.matchAll(new RegExp(`^${letter} (\\d+)$`, 'gm'))].map(match => Number(match[1]));
  const asked = printed('q').at(-1) ?? null;
  ledger.committed.push(...printed('c'));
  ledger.undecided = asked !== null && asked !== ledger.committed.at(-1) ? asked : null;
  ledger.next = Math.max(ledger.next, asked ?? 0) + 1_000;
  return printed('c').length;
}

/** Passed once for each producer that begins; the others with every transaction. */
const RARE = /init|timeout|expire/;

/** Kills a process at each of the steps, one after the other on the same log, and looks at what it left. */
export async function killAtSteps(steps: readonly string[]): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-transactions-'));
  const ledger: TransactionLedger = {
    rng: seededRng(1),
    committed: [],
    undecided: null,
    next: 0,
    plainIds: new Set(),
    ended: 0,
    crashed: false,
  };
  let answered = 0;
  for (const step of steps) {
    answered += await runUntilKilled(directory, `${step}:${RARE.test(step) ? 2 : 23}`, ledger);
    const log = await openEmbeddedLog({ storage: nodeStorage(), clock: new TestClock(), directory });
    await check(ledger, log);
    await log.close();
  }
  await rm(directory, { recursive: true });
  return answered;
}
