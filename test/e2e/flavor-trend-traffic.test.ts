import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, type Millrace, startMillrace } from '../support/millrace.ts';

/** Everything behind the reference data is traffic: two hours of it, then live. */
const TRAFFIC = 'order_id > 10000';
const RATE = 1200;

describe('the traffic of a running Flavor Trend', () => {
  let millrace: Millrace;
  let database: pg.Client;
  beforeAll(async () => {
    millrace = await startMillrace({
      args: ['--generator.rate', String(RATE)],
      env: { MILLRACE_PARAMS_POST_INTERVAL_S: '1', MILLRACE_PARAMS_USER_INTERVAL_S: '1' },
    });
    database = await millrace.database();
  });
  afterAll(async () => {
    await database?.end();
    await millrace?.dispose();
  });

  const number = async (sql: string): Promise<number> => {
    const { rows } = await database.query<Record<string, unknown>>(sql);
    return Number(Object.values(rows[0] ?? {})[0]);
  };
  const share = (table: string, condition: string, of = 'true'): Promise<number> =>
    number(`SELECT avg((${condition})::int) FROM ${table} WHERE ${of}`);

  test('FT-285 FT-295 FT-299: orders, ends, posts, users, weather and reviews come at the rates that were set', async () => {
    const counts = async (): Promise<Record<string, number>> => {
      const { rows } = await database.query<Record<string, number>>(
        `SELECT (SELECT count(*)::int FROM orders) AS orders, (SELECT count(*)::int FROM orders WHERE status = 'Completed') AS ends,
           (SELECT count(*)::int FROM posts) AS posts, (SELECT count(*)::int FROM users) AS users,
           (SELECT count(*)::int FROM order_reviews) AS reviews,
           (SELECT count(*)::int FROM weather_conditions) AS weather`,
      );
      return rows[0]!;
    };
    const before = await counts();
    const began = performance.now();
    await eventually('every producer has written', async () => {
      const now = await counts();
      return ['orders', 'ends', 'posts', 'users', 'reviews'].every(name => now[name]! > before[name]! + 2);
    });
    const seconds = (performance.now() - began) / 1000;
    const after = await counts();
    const placed = (after.orders! - before.orders!) / seconds;
    // 1.0 to 1.43 times the rate, less what a busy machine delays.
    expect(placed).toBeGreaterThan(RATE / 60 / 3);
    expect(placed).toBeLessThan((RATE / 60) * 3);
    expect(after.weather!).toBeGreaterThanOrEqual(2160 + 24);
    expect(await number('SELECT count(*) - count(DISTINCT username) FROM users')).toBe(0);
  });

  test('FT-288 FT-291: an order is placed, picked up 10 to 20 minutes later, and ends when its time has come', async () => {
    const pickup = `extract(epoch FROM pickup_time - order_timestamp) / 60`;
    expect(await share('orders', `${pickup} NOT BETWEEN 10 AND 20`, TRAFFIC)).toBe(0);
    expect(await share('orders', 'total_price NOT BETWEEN 10 AND 50', TRAFFIC)).toBe(0);
    expect(
      await share(
        'orders',
        'time_taken_minutes NOT BETWEEN 5 AND 110',
        `${TRAFFIC} AND status = 'Completed'`,
      ),
    ).toBe(0);
    const { rows } = await database.query<{ id: string }>(
      `SELECT order_id AS id FROM ops.order_plans JOIN orders USING (order_id)
       WHERE kind = 'complete' AND status = 'Processing' ORDER BY due_at LIMIT 1`,
    );
    const ended = await eventually('the order that is due next ends', async () => {
      const found = await database.query<{ early: boolean }>(
        `SELECT pickup_time + time_taken_minutes * interval '1 minute' > now() AS early FROM orders
         WHERE order_id = $1 AND status = 'Completed'`,
        [rows[0]!.id],
      );
      return found.rows[0];
    });
    expect(ended.early).toBe(false);
  });

  test('FT-289 FT-290: customers are near, couriers of the restaurant’s city, well rated restaurants busier', async () => {
    expect(
      await number(
        `SELECT count(*) FROM orders o JOIN restaurants r USING (restaurant_id) JOIN delivery_personnel d USING (delivery_person_id)
         WHERE ${TRAFFIC} AND (d.city_id <> r.city_id OR abs(o.delivery_latitude - r.latitude) > 0.0051
           OR abs(o.delivery_longitude - r.longitude) > 0.0051)`,
      ),
    ).toBe(0);
    const perRestaurant = (condition: string): Promise<number> =>
      number(
        `SELECT count(o.order_id)::float8 / count(DISTINCT r.restaurant_id) FROM restaurants r
         LEFT JOIN orders o ON o.restaurant_id = r.restaurant_id AND o.${TRAFFIC} WHERE ${condition}`,
      );
    expect(await perRestaurant('rating >= 4.5')).toBeGreaterThan(await perRestaurant('rating < 4'));
  });

  test('FT-292 FT-293: weather comes in eight states, lengthens deliveries and cancels orders', async () => {
    expect(
      await number(`SELECT count(*) FROM weather_conditions WHERE weather NOT IN
        ('Sunny', 'Cloudy', 'Rainy', 'Hot', 'Windy', 'Fog', 'Stormy', 'Sandstorms')`),
    ).toBe(0);
    expect(
      await number(`SELECT count(DISTINCT city_id) FROM weather_conditions WHERE weather_id > 2160
        AND timestamp > now() - interval '6 minutes'`),
    ).toBe(24);
    const met = `orders o JOIN LATERAL (SELECT weather FROM weather_conditions w WHERE w.city_id = o.city_id
      AND w.timestamp <= o.order_timestamp ORDER BY w.timestamp DESC, weather_id DESC LIMIT 1) w ON true`;
    const minutes = (weather: string): Promise<number> =>
      number(
        `SELECT avg(time_taken_minutes) FROM ${met} WHERE ${TRAFFIC} AND status = 'Completed' AND ${weather}`,
      );
    const hard = `weather IN ('Rainy', 'Stormy', 'Sandstorms')`;
    expect((await minutes(hard)) - (await minutes(`weather IN ('Sunny', 'Cloudy', 'Hot')`))).toBeGreaterThan(
      8,
    );
  });

  test('FT-294 FT-296 FT-297: reviews, routes and lines belong to their orders', async () => {
    const done = `${TRAFFIC} AND status = 'Completed' AND pickup_time + time_taken_minutes * interval '1 minute'
      < now() - interval '6 minutes'`;
    const reviewed = await share(
      'orders o',
      'EXISTS (SELECT 1 FROM order_reviews r WHERE r.order_id = o.order_id)',
      done,
    );
    expect(Math.abs(reviewed - 0.7)).toBeLessThan(0.08);
    expect(
      await share('order_reviews', `(sentiment = 'positive') <> (rating >= 4) OR review_text = ''`, TRAFFIC),
    ).toBe(0);
    expect(
      await number(`SELECT count(*) FROM orders o WHERE ${TRAFFIC} AND NOT EXISTS
        (SELECT 1 FROM delivery_routes r WHERE r.order_id = o.order_id
          AND route_geometry ->> 'type' = 'LineString'
          AND jsonb_array_length(waypoints) >= 2 AND total_distance_km >= 0 AND estimated_duration_min > 0)`),
    ).toBe(0);
    expect(
      await number(`SELECT count(*) FROM orders o WHERE ${TRAFFIC} AND total_price IS DISTINCT FROM
        (SELECT sum(qty * unit_price) FROM order_items i WHERE i.order_id = o.order_id)`),
    ).toBe(0);
  });

  test('FT-298: a promotion multiplies and flags the orders of its city within the cache time, and expires', async () => {
    await database.query(
      `INSERT INTO ops.simulation_flags VALUES ('promo', 'Tunis', '{"factor": 4}', now() + interval '25 s')`,
    );
    const flagged = `SELECT count(*) FROM orders JOIN cities USING (city_id) WHERE is_promo`;
    await eventually('flagged orders', async () => (await number(`${flagged} AND city_name = 'Tunis'`)) > 3);
    expect(await number(`${flagged} AND city_name <> 'Tunis'`)).toBe(0);
    await eventually(
      'none any more',
      async () => {
        const { rows } = await database.query<{ since: number; promo: number }>(
          `SELECT count(*)::int AS since, count(*) FILTER (WHERE is_promo)::int AS promo FROM orders JOIN cities USING (city_id)
         WHERE city_name = 'Tunis' AND order_timestamp > now() - interval '3 s'`,
        );
        return rows[0]!.since > 0 && rows[0]!.promo === 0;
      },
      60_000,
    );
  });
});
