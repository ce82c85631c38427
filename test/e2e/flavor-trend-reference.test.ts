import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Millrace, startMillrace } from '../support/millrace.ts';

/** What a first start loads, apart from what the traffic adds behind it. */
const DIGEST = `SELECT md5(string_agg(line, '|' ORDER BY line)) AS digest FROM (
  SELECT t::text AS line FROM cities t UNION ALL SELECT t::text FROM restaurants t
  UNION ALL SELECT t::text FROM menu_items t UNION ALL SELECT t::text FROM delivery_personnel t
  UNION ALL SELECT t::text FROM users t WHERE user_id <= 5000
  UNION ALL SELECT t::text FROM posts t WHERE post_id <= 5000
  UNION ALL SELECT t::text FROM weather_conditions t WHERE weather_id <= 2160
  UNION ALL SELECT t::text FROM orders t WHERE order_id <= 10000) lines`;

describe('the reference data in the database of a running Flavor Trend', () => {
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

  const number = async (sql: string): Promise<number> => {
    const { rows } = await database.query<Record<string, unknown>>(sql);
    return Number(Object.values(rows[0] ?? {})[0]);
  };
  const share = (table: string, condition: string, of = 'true'): Promise<number> =>
    number(`SELECT avg((${condition})::int) FROM ${table} WHERE ${of}`);

  test('FT-042: the same seed gives the same rows, another seed others', async () => {
    const digestOf = async (args: readonly string[]): Promise<string> => {
      const other = await startMillrace({ args });
      const client = await other.database();
      const { rows } = await client.query<{ digest: string }>(DIGEST);
      await client.end();
      await other.dispose();
      return rows[0]!.digest;
    };
    const { rows } = await database.query<{ digest: string }>(DIGEST);
    expect(await digestOf([])).toBe(rows[0]!.digest);
    expect(await digestOf(['--params.seed', '7'])).not.toBe(rows[0]!.digest);
  });

  test('FT-053: keys and references of the data are checked, and the result is told', async () => {
    expect(millrace.output()).toMatch(/reference data: every key is unique, every reference has its row/);
    expect(
      await number(`SELECT count(*) FROM orders o LEFT JOIN posts p USING (post_id)
        WHERE o.post_id IS NOT NULL AND p.post_id IS NULL`),
    ).toBe(0);
  });

  test('FT-043 FT-044: people live where the cities are, most have come lately', async () => {
    const { rows } = await database.query<{ off: number; far: number }>(
      `SELECT max(abs(u.n / 5000.0 - c.population / total.population::float8)) AS off, max(u.far) AS far
       FROM cities c JOIN (SELECT city_id, count(*)::float8 AS n,
         max(greatest(abs(u.latitude - c.latitude), abs(u.longitude - c.longitude))) AS far
         FROM users u JOIN cities c USING (city_id) WHERE user_id <= 5000 GROUP BY city_id) u USING (city_id),
       (SELECT sum(population) AS population FROM cities) total`,
    );
    expect(rows[0]!.off).toBeLessThan(0.015);
    expect(rows[0]!.far).toBeLessThanOrEqual(0.0501);
    const last = `(SELECT max(registration_date) FROM users WHERE user_id <= 5000)`;
    const recent = await share(
      'users',
      `registration_date > ${last} - interval '6 months'`,
      'user_id <= 5000',
    );
    expect(Math.abs(recent - 0.6)).toBeLessThan(0.03);
    expect(
      await share('users', `registration_date < ${last} - interval '2 years 1 day'`, 'user_id <= 5000'),
    ).toBe(0);
  });

  test('FT-045 FT-046: ratings grow with age, names follow their patterns, no description stands thrice', async () => {
    const mean = (condition: string) => number(`SELECT avg(rating) FROM restaurants WHERE ${condition}`);
    expect(await mean(`opening_date < '2020-03-31'`)).toBeGreaterThan(4.5);
    expect(await mean(`opening_date > '2023-03-31'`)).toBeLessThan(4);
    expect(await share('restaurants', 'rating NOT BETWEEN 3 AND 5')).toBe(0);
    expect(Math.abs((await share('restaurants', `name ~* 'bistro'`)) - 0.3)).toBeLessThan(0.1);
    expect(
      await number(`SELECT max(n) FROM (SELECT count(*) AS n FROM restaurants GROUP BY description) d`),
    ).toBeLessThanOrEqual(2);
  });

  test('FT-047 FT-048: menus and couriers keep their bands', async () => {
    expect(
      await number(`SELECT count(*) FROM (SELECT 1 FROM menu_items GROUP BY restaurant_id
        HAVING count(*) NOT BETWEEN 5 AND 15) wrong`),
    ).toBe(0);
    const { rows } = await database.query<{ category: string; low: string; high: string }>(
      `SELECT item_category AS category, min(item_price) AS low, max(item_price) AS high
       FROM menu_items GROUP BY 1 ORDER BY 1`,
    );
    const bands: Readonly<Record<string, readonly [number, number]>> = {
      Casual: [15, 30],
      Dessert: [5, 10],
      Drinks: [2, 8],
      'Fast Food': [5, 15],
    };
    expect(rows).toHaveLength(4);
    for (const { category, low, high } of rows) {
      const band = Object.entries(bands).find(([name]) => category.startsWith(name))?.[1];
      expect(band, category).toBeDefined();
      expect(Number(low)).toBeGreaterThanOrEqual(band![0]);
      expect(Number(high)).toBeLessThanOrEqual(band![1]);
    }
    expect(Math.abs((await share('menu_items', 'item_price IS NULL')) - 0.05)).toBeLessThan(0.02);
    expect(await share('menu_items', 'available_quantity NOT BETWEEN 10 AND 100')).toBe(0);
    expect(await number('SELECT count(DISTINCT vehicle_type) FROM delivery_personnel')).toBe(4);
    expect(
      await share(
        'delivery_personnel',
        `vehicle_condition NOT BETWEEN 1 AND 5 OR age NOT BETWEEN 20 AND 50 OR ratings NOT BETWEEN 3 AND 5
         OR speed_multiplier <> 1 + 0.1 * (5 - vehicle_condition)`,
      ),
    ).toBe(0);
  });

  test('FT-050 FT-051: past orders peak, meet the weather of their day, and take longer in rain', async () => {
    const wanted = { Sunny: 0.3, Cloudy: 0.2, Rainy: 0.2, Hot: 0.15, Windy: 0.15 };
    for (const [weather, part] of Object.entries(wanted)) {
      const found = await share('weather_conditions', `weather = '${weather}'`, 'weather_id <= 2160');
      expect(Math.abs(found - part), weather).toBeLessThan(0.03);
    }
    const past = 'order_id <= 10000';
    const hour = `extract(hour FROM order_timestamp AT TIME ZONE 'Africa/Tunis')`;
    expect(await share('orders', `${hour} NOT BETWEEN 8 AND 21`, past)).toBe(0);
    expect(Math.abs((await share('orders', `${hour} IN (12, 13, 18, 19)`, past)) - 12 / 22)).toBeLessThan(
      0.03,
    );
    expect(Math.abs((await share('orders', 'total_price > 50', past)) - 0.02)).toBeLessThan(0.01);
    expect(Math.abs((await share('orders', 'post_id IS NOT NULL', past)) - 0.3)).toBeLessThan(0.03);
    expect(
      await number(
        `SELECT count(*) FROM orders o JOIN posts p USING (post_id) WHERE p.restaurant_id <> o.restaurant_id`,
      ),
    ).toBe(0);
    const ratio = await number(
      `SELECT avg(time_taken_minutes) FILTER (WHERE weather = 'Rainy') / avg(time_taken_minutes) FILTER (WHERE weather <> 'Rainy')
       FROM orders o JOIN weather_conditions w ON w.city_id = o.city_id AND w.weather_id <= 2160
         AND (w.timestamp AT TIME ZONE 'UTC')::date = (o.order_timestamp AT TIME ZONE 'UTC')::date
       WHERE o.${past} AND status = 'Completed'`,
    );
    expect(Math.abs(ratio - 1.3)).toBeLessThan(0.05);
    expect(await share('orders', 'time_taken_minutes < 15', `${past} AND status = 'Completed'`)).toBe(0);
  });
});
