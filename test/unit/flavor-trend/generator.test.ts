import { afterAll, beforeAll, expect, test } from 'vitest';
import generator from '../../../apps/flavor-trend/generator.ts';
import { type FlavorDatabase, openFlavorDatabase } from '../../support/flavor-database.ts';
import { eventually } from '../../support/millrace.ts';

let flavor: FlavorDatabase;
beforeAll(async () => {
  flavor = await openFlavorDatabase();
  await generator.load(flavor.context({}, new AbortController().signal));
}, 60_000);
afterAll(() => flavor.close());

async function number(sql: string): Promise<number> {
  const { rows } = await flavor.pool.query<Record<string, unknown>>(sql);
  return Number(Object.values(rows[0] ?? {})[0]);
}

/** Run live traffic with the parameters until `enough`, then stop it. */
async function live(parameters: Record<string, number>, enough: () => Promise<boolean>): Promise<void> {
  const stop = new AbortController();
  const running = generator.run(flavor.context(parameters, stop.signal));
  try {
    await eventually('enough traffic', enough, 20_000);
  } finally {
    stop.abort();
    await running;
  }
}

test('the reference data are loaded once', async () => {
  await generator.load(flavor.context({}, new AbortController().signal));
  expect(await number('SELECT count(*) FROM orders')).toBe(10_000);
});

test('the past of two hours is written once, in the order of its instants, and leaves open orders open', async () => {
  const context = flavor.context({}, new AbortController().signal);
  await generator.backfill(context);
  const placed = await number('SELECT count(*) FROM orders');
  expect(placed).toBeGreaterThan(10_000 + 120 * 15 * 0.8);
  await generator.backfill(context);
  expect(await number('SELECT count(*) FROM orders')).toBe(placed);
  const inFuture = `coalesce(pickup_time, order_timestamp) + make_interval(mins => time_taken_minutes) > now()`;
  expect(await number(`SELECT count(*) FROM orders WHERE status = 'Completed' AND ${inFuture}`)).toBe(0);
  expect(await number(`SELECT count(*) FROM orders WHERE status = 'Processing'`)).toBeGreaterThan(100);
  expect(await number('SELECT count(*) FROM order_reviews')).toBeGreaterThan(300);
  expect(await number(`SELECT count(*) FROM ops.order_plans WHERE due_at <= now() - interval '5 s'`)).toBe(0);
});

test('every order has lines that add up to its price, a route and a plan or an end', async () => {
  const since = `order_id > 10000`;
  expect(
    await number(`SELECT count(*) FROM orders o WHERE ${since} AND total_price <>
      (SELECT sum(qty * unit_price) FROM order_items i WHERE i.order_id = o.order_id)`),
  ).toBe(0);
  expect(
    await number(`SELECT count(*) FROM orders WHERE ${since} AND total_price NOT BETWEEN 10 AND 50`),
  ).toBe(0);
  expect(
    await number(`SELECT count(*) FROM orders o WHERE status = 'Processing' AND NOT EXISTS
      (SELECT 1 FROM ops.order_plans p WHERE p.order_id = o.order_id AND kind IN ('complete', 'cancel'))`),
  ).toBe(0);
});

test('it places a thousand orders a second, and stops', async () => {
  const before = await number('SELECT count(*) FROM orders');
  const began = performance.now();
  await live({ rate: 60_000 }, async () => (await number('SELECT count(*) FROM orders')) - before > 3000);
  console.log(`3000 orders in ${((performance.now() - began) / 1000).toFixed(1)} s`);
});

test('orders whose end came while it was stopped are ended at their own instants', async () => {
  await flavor.pool.query(`UPDATE ops.order_plans SET due_at = now() - interval '90 s' + random() * interval '80 s'
    WHERE order_id IN (SELECT order_id FROM ops.order_plans WHERE kind = 'complete' ORDER BY 1 LIMIT 50)`);
  await live(
    { rate: 0 },
    async () => (await number('SELECT count(*) FROM ops.order_plans WHERE due_at < now()')) === 0,
  );
  expect(
    await number(`SELECT count(*) FROM orders WHERE status = 'Processing' AND order_id IN
    (SELECT order_id FROM order_reviews)`),
  ).toBe(0);
});

test('a courier outage and a promotion in force are obeyed, an expired flag is not', async () => {
  await flavor.pool.query(`INSERT INTO ops.simulation_flags VALUES
    ('promo', 'Tunis', '{"factor": 3}', now() + interval '1 hour'), ('promo', 'Sfax', '{"factor": 3}', now() - interval '1 s')`);
  const last = await number('SELECT max(order_id) FROM orders');
  await live(
    { rate: 30_000 },
    async () => (await number(`SELECT count(*) FROM orders WHERE order_id > ${last}`)) > 300,
  );
  const promoted = `SELECT count(*) FROM orders JOIN cities USING (city_id) WHERE order_id > ${last} AND is_promo`;
  expect(await number(`${promoted} AND city_name = 'Tunis'`)).toBeGreaterThan(0);
  expect(await number(`${promoted} AND city_name <> 'Tunis'`)).toBe(0);
});
