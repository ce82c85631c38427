import { afterAll, beforeAll, expect, test } from 'vitest';
import generator from '../../../apps/flavor-trend/generator.ts';
import { makeDataSet } from '../../../apps/flavor-trend/reference/data-set.ts';
import { loadTables } from '../../../apps/flavor-trend/reference/load.ts';
import { weatherAt } from '../../../apps/flavor-trend/traffic/weather.ts';
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
  const began = new Date().toISOString();
  await generator.backfill(context);
  const placed = await number('SELECT count(*) FROM orders');
  expect(placed).toBeGreaterThan(10_000 + 120 * 15 * 0.8);
  await generator.backfill(context);
  expect(await number('SELECT count(*) FROM orders')).toBe(placed);
  const inFuture = `coalesce(pickup_time, order_timestamp) + make_interval(mins => time_taken_minutes) > now()`;
  expect(await number(`SELECT count(*) FROM orders WHERE status = 'Completed' AND ${inFuture}`)).toBe(0);
  expect(await number(`SELECT count(*) FROM orders WHERE status = 'Processing'`)).toBeGreaterThan(100);
  expect(await number('SELECT count(*) FROM order_reviews')).toBeGreaterThan(300);
  expect(await number(`SELECT count(*) FROM ops.order_plans WHERE due_at <= '${began}'`)).toBe(0);
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

test('a promotion in force multiplies and flags the orders of its city, an expired one does not', async () => {
  await flavor.pool.query(`INSERT INTO ops.simulation_flags VALUES
    ('promo', 'Tunis', '{"factor": 5}', now() + interval '1 hour'), ('promo', 'Sfax', '{"factor": 5}', now() - interval '1 s')`);
  const last = await number('SELECT max(order_id) FROM orders');
  const share = (since: string): Promise<number> =>
    number(`SELECT avg((city_name = 'Tunis')::int) FROM orders JOIN cities USING (city_id) WHERE ${since}`);
  await live(
    { rate: 30_000 },
    async () => (await number(`SELECT count(*) FROM orders WHERE order_id > ${last}`)) > 500,
  );
  const promoted = `SELECT count(*) FROM orders JOIN cities USING (city_id) WHERE order_id > ${last} AND is_promo`;
  expect(await number(`${promoted} AND city_name = 'Tunis'`)).toBeGreaterThan(0);
  expect(await number(`${promoted} AND city_name <> 'Tunis'`)).toBe(0);
  expect(await share(`order_id > ${last}`)).toBeGreaterThan(
    2 * (await share(`order_id BETWEEN 10001 AND ${last}`)),
  );
  await flavor.pool.query('DELETE FROM ops.simulation_flags');
});

test('a courier outage removes its share of the couriers of its city, and of no other', async () => {
  await flavor.pool.query(`INSERT INTO ops.simulation_flags VALUES
    ('courier_outage', 'Tunis', '{"pct_offline": 0.6}', now() + interval '1 hour')`);
  const last = await number('SELECT max(order_id) FROM orders');
  await live(
    { rate: 60_000 },
    async () => (await number(`SELECT count(*) FROM orders WHERE order_id > ${last}`)) > 2000,
  );
  const working = (city: string): Promise<number> =>
    number(`SELECT count(DISTINCT delivery_person_id)::float8 / (SELECT count(*) FROM delivery_personnel JOIN cities
      USING (city_id) WHERE city_name = '${city}') FROM orders JOIN cities USING (city_id)
      WHERE city_name = '${city}' AND order_id > ${last}`);
  expect(await working('Tunis')).toBeLessThanOrEqual(0.5);
  expect(await working('Sfax')).toBe(1);
  await flavor.pool.query('DELETE FROM ops.simulation_flags');
});

test('the weather that orders met is the one of the weather table as of their time, also under a rain flag', async () => {
  await flavor.pool.query(`INSERT INTO ops.simulation_flags VALUES
    ('rain', 'Nabeul', '{}', now() + interval '1 hour'), ('rain', 'Sousse', '{"on": false}', now() + interval '1 hour')`);
  const last = await number('SELECT max(order_id) FROM orders');
  await live(
    { rate: 60_000 },
    async () => (await number(`SELECT count(*) FROM orders WHERE order_id > ${last}`)) > 1500,
  );
  await flavor.pool.query('DELETE FROM ops.simulation_flags');
  const { rows } = await flavor.pool.query<{
    id: number;
    city: number;
    ms: number;
    name: string;
    weather: string;
  }>(
    `SELECT order_id AS id, o.city_id AS city, extract(epoch FROM order_timestamp)::float8 * 1000 AS ms, city_name AS name,
       (SELECT weather FROM weather_conditions w
        WHERE w.city_id = o.city_id AND w.timestamp <= order_timestamp
        ORDER BY w.timestamp DESC, weather_id DESC LIMIT 1) AS weather
     FROM orders o JOIN cities USING (city_id)
     WHERE order_id > 10000 AND (order_id % 5 = 0 OR order_id > ${last})`,
  );
  expect(rows.length).toBeGreaterThan(1500);
  const wrong = rows.filter(
    ({ id, city, ms, name, weather }) =>
      weather !== weatherAt(42, city, ms, 300_000, name === 'Nabeul' && Number(id) > last),
  );
  expect(wrong).toEqual([]);
  expect(
    await number(`SELECT min((details ->> 'minutes')::int) FROM ops.order_plans JOIN orders USING (order_id)
    JOIN cities USING (city_id) WHERE kind = 'complete' AND city_name = 'Nabeul' AND order_id > ${last}`),
  ).toBeGreaterThanOrEqual(15);
});

test('a load that was cut short goes on with the tables that are empty', async () => {
  const other = await openFlavorDatabase();
  try {
    const context = other.context({}, new AbortController().signal);
    const data = makeDataSet(42);
    await loadTables(context, new Map([...data].filter(([table]) => ['cities', 'users'].includes(table))));
    await generator.load(context);
    const { rows } = await other.pool.query(
      `SELECT (SELECT count(*)::int FROM users) AS users, (SELECT count(*)::int FROM orders) AS orders,
         nextval(pg_get_serial_sequence('orders', 'order_id'))::int AS next`,
    );
    expect(rows).toEqual([{ users: 5000, orders: 10_000, next: 10_001 }]);
    const said: string[] = [];
    const logger = {
      info: (text: string) => void said.push(text),
      warn: (text: string) => void said.push(text),
    };
    expect(await loadTables({ ...context, logger }, data)).toBe(0);
    expect(said.at(-1)).toBe('no reference data were loaded');
    await other.pool.query(`DELETE FROM order_reviews; UPDATE users SET address = 'elsewhere'`);
    expect(await loadTables(context, data, true)).toBe([...data.values()].flat().length);
    const { rowCount } = await other.pool.query(`SELECT 1 FROM users WHERE address = 'elsewhere'`);
    expect(rowCount).toBe(0);
  } finally {
    await other.close();
  }
}, 60_000);

test('a past that was cut short is gone on with: each minute once, in order', async () => {
  const other = await openFlavorDatabase();
  try {
    await generator.load(other.context({}, new AbortController().signal));
    const stop = new AbortController();
    const context = other.context({}, stop.signal);
    let transactions = 0;
    await generator.backfill({
      ...context,
      database: {
        ...context.database,
        transaction: async statements => {
          if (++transactions === 3) stop.abort();
          await context.database.transaction(statements);
        },
      },
    });
    const half = await other.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM orders`);
    await generator.backfill(other.context({}, new AbortController().signal));
    const { rows } = await other.pool.query(
      `SELECT count(*)::int AS n, count(DISTINCT date_trunc('minute', order_timestamp))::int AS minutes,
         count(*) FILTER (WHERE order_timestamp < before)::int AS wrong
       FROM (SELECT *, lag(order_timestamp) OVER (ORDER BY order_id) AS before
         FROM orders WHERE order_id > 10000) o`,
    );
    expect(half.rows[0]!.n).toBeGreaterThan(10_000);
    expect(rows[0].n).toBeGreaterThan(half.rows[0]!.n - 10_000);
    expect(rows[0].minutes).toBeGreaterThan(115);
    expect(rows[0].wrong).toBe(0);
    const due = await other.pool.query(
      `SELECT 1 FROM ops.order_plans WHERE due_at < now() - interval '1 minute'`,
    );
    expect(due.rowCount).toBe(0);
  } finally {
    await other.close();
  }
}, 60_000);
