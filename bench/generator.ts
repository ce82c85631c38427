import flavorTrend from '../apps/flavor-trend/generator.ts';
import { makeDataSet } from '../apps/flavor-trend/reference/data-set.ts';
import { type FlavorDatabase, openFlavorDatabase } from '../test/support/flavor-database.ts';

const RATE_PER_MIN = 60_000;
const SECONDS = 10;

/**
 * Flavor Trend's data and traffic on an embedded PostgreSQL: how long a first start takes, what rate it
 * keeps.
 */
export async function bench(): Promise<void> {
  const flavor = await openFlavorDatabase();
  try {
    await timed('making the reference data', async () => void makeDataSet(42));
    const idle = flavor.context({}, new AbortController().signal);
    await timed('making and loading them by COPY', () => flavorTrend.load(idle));
    await timed('writing the last two hours', () => flavorTrend.backfill(idle));
    await sustained(flavor, 'placing 1,000 orders/s', 0);
    await sustained(flavor, 'placing 1,000/s while 1,000/s end', RATE_PER_MIN);
  } finally {
    await flavor.close();
  }
}

async function timed(what: string, work: () => Promise<void>): Promise<void> {
  const began = performance.now();
  await work();
  console.log(`${what.padEnd(36)} ${((performance.now() - began) / 1000).toFixed(2)} s`);
}

/** Live traffic for some seconds; with `endingPerMin`, as many of the open orders end meanwhile. */
async function sustained(flavor: FlavorDatabase, what: string, endingPerMin: number): Promise<void> {
  if (endingPerMin > 0) await spreadEnds(flavor, endingPerMin);
  const before = await counts(flavor);
  const stop = new AbortController();
  const began = performance.now();
  const running = flavorTrend.run(flavor.context({ rate: RATE_PER_MIN }, stop.signal));
  await new Promise(done => setTimeout(done, SECONDS * 1000));
  stop.abort();
  await running;
  const seconds = (performance.now() - began) / 1000;
  const after = await counts(flavor);
  const rate = (key: 'placed' | 'ended' | 'reviewed'): string =>
    `${((after[key] - before[key]) / seconds).toFixed(0)} ${key}/s`;
  console.log(`${what.padEnd(36)} ${rate('placed')}, ${rate('ended')}, ${rate('reviewed')}`);
}

async function spreadEnds({ pool }: FlavorDatabase, perMin: number): Promise<void> {
  await pool.query(
    `UPDATE ops.order_plans SET due_at = now() + make_interval(secs => n * 60.0 / $1)
     FROM (SELECT order_id AS id, row_number() OVER (ORDER BY order_id) AS n FROM ops.order_plans
           WHERE kind <> 'review') numbered WHERE order_id = id`,
    [perMin],
  );
}

async function counts({ pool }: FlavorDatabase) {
  const { rows } = await pool.query<{ placed: number; ended: number; reviewed: number }>(
    `SELECT count(*)::int AS placed, (count(*) FILTER (WHERE status <> 'Processing'))::int AS ended,
       (SELECT count(*)::int FROM order_reviews) AS reviewed FROM orders`,
  );
  return rows[0]!;
}
