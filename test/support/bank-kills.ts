import { expect } from 'vitest';
import type { Failpoint, Rng } from '../../src/core/mod.ts';
import type { Bank } from './bank.ts';
import { killAndRecover, VICTIMS } from './kills.ts';
import { eventually } from './millrace.ts';

/** Passings of a failpoint before the process dies there. */
const PASSINGS_MAX = 3;

/**
 * One round: transfers come, some are in the balances, then `kill` strikes while they go on; all of them arrive
 * in the end.
 */
export async function killUnderLoad(bank: Bank, kill: () => Promise<string>): Promise<string> {
  const before = bank.fed();
  let isOver = false;
  const fed = (async (): Promise<void> => {
    do await bank.feed();
    while (!isOver);
  })();
  const struck = async (): Promise<string> => {
    const held = await requireProgress(bank, before).catch(error => {
      throw new Error(`${error.message}\n${bank.millrace.output().slice(-4000)}`);
    });
    return `${await kill()}, ${held} transfers in the balances`;
  };
  const strike = struck().finally(() => {
    isOver = true;
  });
  const [what] = await Promise.all([strike, fed]);
  return what;
}

/** Transfers go on, and what is read of the balances adds up. Returns how many they hold. */
async function requireProgress(bank: Bank, beyond: number): Promise<number> {
  return eventually(
    `more than ${beyond} transfers in the balances`,
    async () => {
      const { sum, transfers } = await bank.look();
      expect(sum).toBe(0);
      return transfers > beyond ? transfers : null;
    },
    60_000,
  );
}

/** kill -9 of Node, of PostgreSQL or of both after a random while. */
export async function killAtRandom(bank: Bank, rng: Rng): Promise<string> {
  const victim = rng.pick(VICTIMS);
  await new Promise(resolve => setTimeout(resolve, rng.int(0, 800)));
  await killAndRecover(bank.millrace, victim);
  return victim;
}

/** kill -9 at a random passing of a named step. */
export async function killAtFailpoint(bank: Bank, rng: Rng, name: Failpoint): Promise<string> {
  await bank.millrace.stop();
  const passing = rng.int(1, PASSINGS_MAX);
  const armed = { MILLRACE_FAILPOINT: `${name}:${passing}` };
  await bank.millrace.startUntilKilled(armed).catch(async error => {
    const status = JSON.stringify(await bank.millrace.get('/api/status'));
    throw new Error(`${name}:${passing} was not passed\n${status}\n${error.message}`);
  });
  await bank.millrace.start();
  return `${name}:${passing}`;
}
