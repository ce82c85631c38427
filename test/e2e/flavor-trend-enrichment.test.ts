import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, type Millrace, startMillrace } from '../support/millrace.ts';
import { insertOrder } from '../support/orders.ts';

interface Enriched {
  readonly order_id: number;
  readonly weather: string;
  readonly is_rain: boolean;
  readonly weather_category: string;
}

describe('orders enriched with the weather of their time', () => {
  let millrace: Millrace;
  let database: pg.Client;
  beforeAll(async () => {
    millrace = await startMillrace();
    database = await millrace.database();
  });
  afterAll(async () => {
    await database?.end();
    await millrace?.dispose();
  });

  /** The last value of each key of a topic, as who comes late reads it. */
  const latest = <T extends object>(topic: string, key: keyof T): ReadonlyMap<unknown, T> => {
    const { stdout } = millrace.cli('consume', topic, '--value');
    const rows = new Map<unknown, T>();
    for (const line of stdout.split('\n')) {
      const row = line === '' ? null : (JSON.parse(line) as T | null);
      if (row !== null) rows.set(row[key], row); // a tombstone comes before the row that follows it
    }
    return rows;
  };

  test('FT-080 FT-020: an order meets the weather of its instant, though it comes before the weather does', async () => {
    const at = new Date(Date.now() + 1000);
    const after = (seconds: number): Date => new Date(at.getTime() + seconds * 1000);
    const first = await insertOrder(database);
    const second = await insertOrder(database);
    // An order is read as the event that placed it, so both are placed anew with their instants.
    const { rows: copies } = await database.query<{ order_id: string; city_id: number }>(
      `INSERT INTO orders (user_id, restaurant_id, delivery_person_id, order_timestamp, pickup_time, delivery_latitude,
         delivery_longitude, status, total_price, city_id)
       SELECT user_id, restaurant_id, delivery_person_id,
         CASE order_id WHEN $1 THEN $3 ELSE $4 END::timestamptz, now(),
         delivery_latitude, delivery_longitude, 'Processing', total_price, (SELECT city_id FROM orders WHERE order_id = $1)
       FROM orders WHERE order_id IN ($1, $2) ORDER BY order_id RETURNING order_id, city_id`,
      [first, second, after(1), after(3)],
    );
    const [early, late] = copies.map(({ order_id }) => Number(order_id));
    const weather = (city: number, when: Date, state: string) =>
      database.query('INSERT INTO weather_conditions (city_id, timestamp, weather) VALUES ($1, $2, $3)', [
        ...[city, when, state],
      ]);
    const { city_id: city } = copies[0]!;
    await weather(city, at, 'Fog');
    await weather(city, after(2), 'Sandstorms');
    await weather(city === 1 ? 2 : 1, after(20), 'Sunny'); // event time goes on
    const found = await eventually(
      'both orders',
      async () => {
        const { rows } = await database.query<Enriched>(
          `SELECT order_id::int, weather, is_rain, weather_category FROM order_weather_enriched
           WHERE order_id IN ($1, $2) ORDER BY order_id`,
          [early, late],
        );
        return rows.length === 2 ? rows : null;
      },
      60_000,
    );
    expect(found).toEqual([
      { order_id: early, weather: 'Fog', is_rain: false, weather_category: 'fog' },
      { order_id: late, weather: 'Sandstorms', is_rain: false, weather_category: 'windy' },
    ]);
    const prediction = await eventually('the order to predict', async () =>
      latest<Enriched>('new_orders_for_prediction', 'order_id').get(early),
    );
    expect(prediction.weather).toBe('Fog');
  });

  test('FT-081: what is derived follows from weather and local time', async () => {
    const { rows } = await database.query<{ total: number; wrong: number }>(
      `SELECT count(*)::int AS total, count(*) FILTER (WHERE
         is_rain IS DISTINCT FROM weather IN ('Rainy', 'Stormy')
         OR hour_of_day <> extract(hour FROM local) OR day_of_week <> extract(isodow FROM local)
         OR is_weekend <> (extract(isodow FROM local) >= 6) OR order_date <> local::date
         OR is_rush_hour <> (extract(hour FROM local) IN (12, 13, 19, 20)))::int AS wrong
       FROM (SELECT *, event_time AT TIME ZONE 'Africa/Tunis' AS local FROM order_weather_enriched) e`,
    );
    expect(rows[0]!.total).toBeGreaterThan(10_000);
    expect(rows[0]!.wrong).toBe(0);
    const { rows: kinds } = await database.query<{ weather: string; kinds: number }>(
      `SELECT weather, count(DISTINCT weather_category)::int AS kinds FROM order_weather_enriched
       WHERE weather IS NOT NULL GROUP BY weather`,
    );
    expect(kinds.length).toBeGreaterThan(4);
    expect(kinds.every(row => row.kinds === 1)).toBe(true);
  });

  test('FT-066: the latest enrichment of each order is readable by who comes late', async () => {
    const { rows } = await database.query<Enriched>(
      `SELECT order_id::int, weather, is_rain, weather_category FROM order_weather_enriched
       WHERE event_time < now() - interval '30 minutes' AND time_taken_minutes IS NOT NULL ORDER BY order_id DESC LIMIT 50`,
    );
    const topic = latest<Enriched>('orders_enriched_weather', 'order_id');
    for (const row of rows) expect(topic.get(row.order_id)).toMatchObject(row);
    expect(rows.length).toBe(50);
  });

  test('FT-083 FT-060: restaurants report their last quarter and hour, each minute', async () => {
    interface Features {
      readonly restaurant_id: number;
      readonly report_timestamp: string;
      readonly orders_last_15m: number;
      readonly avg_prep_time_last_hour: number;
      readonly is_promo_active: boolean;
    }
    const topic = (
      await millrace.get<{ name: string; config: Record<string, unknown> }[]>('/api/topics')
    ).find(({ name }) => name === 'restaurant_features_live');
    expect(topic?.config).toMatchObject({ 'cleanup.policy': 'compact', 'min.compaction.lag.ms': 60_000 });
    const checked = await eventually('the same figures from the orders', async () => {
      // Orders by hand come ten minutes late: only the windows that are open then count them.
      const byHand = await database.query<{ id: number }>(
        'SELECT restaurant_id AS id FROM orders WHERE order_id > 1000000',
      );
      const late = new Set(byHand.rows.map(({ id }) => id));
      const reports = [...latest<Features>('restaurant_features_live', 'restaurant_id').values()]
        .filter(report => !late.has(report.restaurant_id))
        .slice(-40);
      const { rows } = await database.query<{ id: number; n: number; prep: number; promo: boolean }>(
        `SELECT f.restaurant_id AS id,
           count(*) FILTER (WHERE o.order_timestamp >= f.until - interval '15 min')::int AS n,
           avg(extract(epoch FROM date_trunc('second', pickup_time - order_timestamp)) / 60)::float8 AS prep,
           bool_or(o.is_promo) AS promo
         FROM jsonb_to_recordset($1) AS r(restaurant_id int, report_timestamp timestamptz)
         CROSS JOIN LATERAL (SELECT r.restaurant_id, r.report_timestamp + interval '1 ms' AS until) f
         JOIN orders o ON o.restaurant_id = f.restaurant_id AND o.order_id > 10000
           AND o.order_timestamp >= f.until - interval '1 hour' AND o.order_timestamp < f.until
         GROUP BY 1`,
        [JSON.stringify(reports)],
      );
      const expected = new Map(rows.map(row => [row.id, row]));
      return (
        reports.length === 40 &&
        reports.every(report => {
          const row = expected.get(report.restaurant_id);
          const isSame = row?.n === report.orders_last_15m && row.promo === report.is_promo_active;
          return isSame && Math.abs(row.prep - report.avg_prep_time_last_hour) < 1e-6;
        })
      );
    });
    expect(checked).toBe(true);
  });

  test('FT-082 FT-059 FT-052: couriers report what they carry and how fast they were', async () => {
    interface Features {
      readonly delivery_person_id: number;
      readonly active_deliveries_count: number;
      readonly avg_delivery_speed_today: number | null;
    }
    const checked = await eventually('the same figures from the orders', async () => {
      const features = latest<Features>('courier_features_live', 'delivery_person_id');
      const { rows } = await database.query<{ id: number; active: number; speed: number | null }>(
        `SELECT o.delivery_person_id AS id, count(*) FILTER (WHERE status = 'Processing')::int AS active,
           avg(km * 60 / time_taken_minutes) FILTER (WHERE status = 'Completed' AND day = last_day) AS speed
         FROM (SELECT *, max(day) FILTER (WHERE status = 'Completed') OVER (PARTITION BY delivery_person_id) AS last_day
           FROM (SELECT o.*, ((coalesce(pickup_time, order_timestamp)
               + coalesce(time_taken_minutes, 0) * interval '1 min')
               AT TIME ZONE 'Africa/Tunis')::date AS day,
               2 * 6371.0088 * asin(sqrt(power(sin(radians(delivery_latitude - r.latitude) / 2), 2)
                 + cos(radians(r.latitude)) * cos(radians(delivery_latitude))
                 * power(sin(radians(delivery_longitude - r.longitude) / 2), 2))) AS km
             FROM orders o JOIN restaurants r USING (restaurant_id)) o) o
         GROUP BY 1`,
      );
      return (
        rows.length === 100 &&
        rows.every(({ id, active, speed }) => {
          const row = features.get(id);
          const isSame = row?.active_deliveries_count === active;
          return isSame && Math.abs((row.avg_delivery_speed_today ?? 0) - (speed ?? 0)) < 1e-6;
        })
      );
    });
    expect(checked).toBe(true);
  });

  test('FT-087: a compacted topic is a changelog before it is joined: the old value goes, the new one comes', async () => {
    await millrace.post('/api/topics', { name: 'prices', partitions: 1 });
    const file = join(millrace.dataDirectory, 'prices.txt');
    writeFileSync(
      file,
      '{"id":1}|{"id":1,"price":5}\n{"id":2}|{"id":2,"price":7}\n{"id":1}|{"id":1,"price":6}\n',
    );
    expect(millrace.cli('produce', 'prices', '-f', file, '-K', '|').status).toBe(0);
    const tables = `CREATE TABLE prices (id INT, price INT, PRIMARY KEY (id) NOT ENFORCED) WITH (
        'connector' = 'upsert-kafka', 'topic' = 'prices', 'key.format' = 'json', 'value.format' = 'json');
      CREATE VIEW joined AS SELECT p.id, p.price, n.name FROM prices p
        JOIN (VALUES (1, 'one'), (2, 'two')) AS n (id, name) ON p.id = n.id;`;
    const plan = millrace.cli('sql', '-e', `${tables} EXPLAIN SELECT * FROM joined`);
    expect(plan.status, plan.stderr).toBe(0);
    expect(plan.stdout).toMatch(/Join[\s\S]*ChangelogNormalize\(key=\[id\]/);
    const answer = millrace.cli('sql', '--json', '-e', `${tables} SELECT * FROM joined`);
    const rows = answer.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { id: number });
    expect(rows.sort((a, b) => a.id - b.id)).toEqual([
      { id: 1, price: 6, name: 'one' },
      { id: 2, price: 7, name: 'two' },
    ]);
  });
});
