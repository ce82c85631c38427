import { expect } from 'vitest';
import type { Rng } from '../../src/core/mod.ts';
import { eventually, type Millrace } from './millrace.ts';

/** What dies: Node, PostgreSQL, or both at once. */
export type Victim = 'node' | 'postgres' | 'both';
export const VICTIMS: readonly Victim[] = ['node', 'postgres', 'both'];

interface Status {
  readonly log: { readonly recordsAppended: number };
}

/** Records appended to the log so far, as the running process counts them. */
export const appended = async (millrace: Millrace): Promise<number> =>
  (await millrace.get<Status>('/api/status')).log.recordsAppended;

/** Waits until records flow, so that a kill hits work in flight; returns how many arrived meanwhile. */
export async function underLoad(millrace: Millrace): Promise<number> {
  const before = await appended(millrace);
  return eventually('records flow', async () => (await appended(millrace)) - before, 30_000);
}

/** kill -9 of the victim, then everything runs again. */
export async function killAndRecover(millrace: Millrace, victim: Victim): Promise<void> {
  const postgres = millrace.postgresPid();
  if (victim !== 'node') millrace.killPostgres();
  if (victim !== 'postgres') {
    await millrace.kill();
    await millrace.start();
  }
  // Until the supervisor has noticed, everything looks well: ask for another server first.
  const ready = async (): Promise<boolean> =>
    (victim === 'node' || millrace.postgresPid() !== postgres) && (await fetch(`${millrace.url}/readyz`)).ok;
  await eventually('ready again', ready, 60_000).catch(error => {
    throw new Error(`${error.message}\n${millrace.output().slice(-4000)}`);
  });
}

/**
 * Kill one victim at a random moment under load, and require that every result still equals its
 * recomputation.
 */
export async function randomKill(millrace: Millrace, rng: Rng, round: number): Promise<void> {
  const victim = rng.pick(VICTIMS);
  const inFlight = await underLoad(millrace);
  await new Promise(resolve => setTimeout(resolve, rng.int(0, 700)));
  console.log(`kill ${round}: ${victim}, ${inFlight} records just appended`);
  await killAndRecover(millrace, victim);
}

/** `validate` agrees, with its output in the failure. */
export function expectValid(millrace: Millrace): void {
  const { status, stdout, stderr } = millrace.cli('validate', 'flavor-trend');
  expect(status, `${stdout}${stderr}\n${millrace.output().slice(-3000)}`).toBe(0);
}
