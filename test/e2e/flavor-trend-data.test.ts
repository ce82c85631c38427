import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, type Millrace, startMillrace } from '../support/millrace.ts';
import { completeOrder, insertOrder } from '../support/orders.ts';

interface Envelope {
  readonly before: Record<string, unknown> | null;
  readonly after: Record<string, unknown> | null;
  readonly op: string;
  readonly source: { readonly table: string; readonly lsn: number };
}

describe('Flavor Trend as a first start makes it', () => {
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
  const columns = async (table: string): Promise<string[]> => {
    const { rows } = await database.query<{ name: string }>(
      `SELECT column_name AS name FROM information_schema.columns WHERE table_schema || '.' || table_name = $1`,
      [table.includes('.') ? table : `public.${table}`],
    );
    return rows.map(row => row.name);
  };
  /** The last envelopes of a topic, oldest first. */
  const envelopes = async (topic: string): Promise<Envelope[]> => {
    const { stdout } = millrace.cli('consume', topic, '--value');
    const lines = stdout.split('\n').filter(line => line.trim() !== '');
    return lines.map(line => JSON.parse(line) as Envelope);
  };

  test('FT-001 FT-002 FT-003 FT-004 FT-005: cities, users, restaurants, menus and couriers have their columns', async () => {
    expect(await columns('cities')).toEqual(
      expect.arrayContaining(['city_id', 'city_name', 'governorate', 'latitude', 'longitude', 'population']),
    );
    expect(await columns('users')).toEqual(
      expect.arrayContaining(['username', 'email', 'password', 'address']),
    );
    expect(await columns('restaurants')).toEqual(
      expect.arrayContaining(['rating', 'opening_date', 'description']),
    );
    expect(await columns('menu_items')).toEqual(expect.arrayContaining(['item_category', 'item_price']));
    expect(await columns('delivery_personnel')).toEqual(
      expect.arrayContaining(['speed_multiplier', 'ratings']),
    );
    expect(await number('SELECT count(DISTINCT governorate) FROM cities')).toBe(24);
  });

  test('FT-006 FT-007 FT-008 FT-009 FT-011: posts, weather, festivals, orders and their lines have their columns', async () => {
    expect(await columns('posts')).toEqual(expect.arrayContaining(['image_url', 'description', 'posted_at']));
    expect(await columns('weather_conditions')).toEqual(
      expect.arrayContaining(['city_id', 'timestamp', 'weather']),
    );
    expect(await columns('festivals_holidays')).toEqual(
      expect.arrayContaining(['festival_name', 'date', 'type']),
    );
    expect(await columns('orders')).toEqual(
      expect.arrayContaining(['order_timestamp', 'pickup_time', 'time_taken_minutes', 'is_promo', 'post_id']),
    );
    expect(await columns('order_items')).toEqual(
      expect.arrayContaining(['menu_item_id', 'qty', 'unit_price']),
    );
  });

  test('FT-010 FT-012 FT-013 FT-014 FT-032: statuses, reviews, routes, profiles and flags have their rules', async () => {
    const wrong = database.query(`UPDATE orders SET status = 'Delivering' WHERE order_id = 1`);
    await expect(wrong).rejects.toThrow(/check constraint/);
    await expect(
      database.query(`INSERT INTO order_reviews (order_id, sentiment, review_text, rating, posted_at)
        VALUES (1, 'positive', 'x', 6, now())`),
    ).rejects.toThrow(/check constraint/);
    expect(await columns('delivery_routes')).toEqual(expect.arrayContaining(['route_geometry', 'waypoints']));
    expect(await number('SELECT count(*) FROM courier_profiles JOIN cities USING (city_name)')).toBe(100);
    expect((await columns('ops.simulation_flags')).sort()).toEqual(['city_name', 'key', 'params', 'until']);
  });

  test('FT-015: every reference is enforced, the post of an order may be missing', async () => {
    await expect(database.query('UPDATE orders SET restaurant_id = -1 WHERE order_id = 1')).rejects.toThrow(
      /foreign key/,
    );
    await expect(database.query('UPDATE posts SET restaurant_id = -1 WHERE post_id = 1')).rejects.toThrow(
      /foreign key/,
    );
    expect(await number('SELECT count(*) FROM orders WHERE post_id IS NULL')).toBeGreaterThan(1000);
  });

  test('FT-041: the reference data are there', async () => {
    const sizes = {
      cities: 24,
      restaurants: 200,
      menu_items: 2044,
      delivery_personnel: 100,
      festivals_holidays: 13,
    };
    for (const [table, size] of Object.entries(sizes))
      expect(await number(`SELECT count(*) FROM ${table}`)).toBe(size);
    expect(await number(`SELECT count(*) FROM orders WHERE order_id <= 10000 AND status = 'Completed'`)).toBe(
      8987,
    );
    expect(await number(`SELECT count(*) FROM orders WHERE order_id <= 10000 AND status = 'Cancelled'`)).toBe(
      1013,
    );
  });

  test('FT-056 FT-067 FT-071 FT-076: each change is captured once, with its rows before and after', async () => {
    const topics = (await millrace.get<{ name: string }[]>('/api/topics')).map(topic => topic.name);
    expect(topics).toEqual(
      expect.arrayContaining(['flavor.public.orders', 'flavor.public.order_reviews', 'flavor.public.cities']),
    );
    const orderId = await insertOrder(database);
    await completeOrder(database, orderId, 20);
    await database.query('DELETE FROM orders WHERE order_id = $1', [orderId]);
    const changes = await eventually('three changes in the topic', async () => {
      const all = await envelopes('flavor.public.orders');
      const ours = all.filter(({ before, after }) => (before ?? after)?.order_id === orderId);
      return ours.length >= 3 ? ours : null;
    });
    expect(changes.map(change => change.op)).toEqual(['c', 'u', 'd']);
    expect(changes[1]?.before?.status).toBe('Processing');
    expect(changes[1]?.after?.status).toBe('Completed');
    expect(changes[2]?.before?.time_taken_minutes).toBe(20);
    expect(changes[2]?.after).toBeNull();
  });

  test('FT-079 FT-018 FT-019: reviews are summed in five-minute windows for restaurants and couriers', async () => {
    for (const [table, column] of [
      ['restaurant_live_sentiment', 'restaurant_id'],
      ['courier_live_sentiment', 'delivery_person_id'],
    ]) {
      const { rows } = await eventually(`rows in ${table}`, async () => {
        const found = await database.query(
          `SELECT s.*, (SELECT count(*) FROM order_reviews r JOIN orders o USING (order_id)
             WHERE o.${column} = s.${column} AND r.posted_at >= s.window_start
               AND r.posted_at < s.window_end) AS reviews
           FROM ${table} s WHERE window_end < now() - interval '1 minute' ORDER BY window_start LIMIT 20`,
        );
        return found.rows.length > 5 ? found : null;
      });
      for (const row of rows) {
        expect(Number(row.review_count)).toBe(Number(row.reviews));
        expect(Number(row.pos_reviews) + Number(row.neg_reviews)).toBe(Number(row.review_count));
        expect(row.window_end.getTime() - row.window_start.getTime()).toBe(300_000);
      }
    }
  });

  test('FT-061: violations are events on their topic as well', async () => {
    const orderId = await insertOrder(database);
    await completeOrder(database, orderId, 77);
    await eventually('the event', async () =>
      millrace.cli('consume', 'sla_violations', '--value').stdout.includes(String(orderId)),
    );
  });
});
