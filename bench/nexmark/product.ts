/**
 * The built program, as users run it: what is measured is what the build made, not what a loader makes of the
 * sources.
 */
export const built = async <M>(module: string): Promise<M> =>
  (await import(new URL(`../../dist/${module}.js`, import.meta.url).href)) as M;

type Engine = typeof import('../../src/engine/mod.ts');
type Log = typeof import('../../src/log/mod.ts');
type Plan = typeof import('../../src/plan/mod.ts');
type Tables = typeof import('../../src/platform/tables.ts');
type Clock = typeof import('../../src/platform/system-clock.ts');

export type Product = Engine & Log & Plan & Tables & Clock;

/** Loads the parts of the built program that a job needs. */
export async function loadProduct(): Promise<Product> {
  return {
    ...(await built<Engine>('engine/mod')),
    ...(await built<Log>('log/mod')),
    ...(await built<Plan>('plan/mod')),
    ...(await built<Tables>('platform/tables')),
    ...(await built<Clock>('platform/system-clock')),
  };
}
