import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { DeltaFrame, ServerFrame } from '../../src/live/protocol.ts';
import { eventually, type Millrace, startMillrace } from '../support/millrace.ts';
import { completeOrder, insertOrder } from '../support/orders.ts';

interface Kpi {
  readonly orders_per_min: number | null;
  readonly orders_per_min_window: number | null;
  readonly sla_today: number;
  readonly eta_mae_1h: number | null;
  readonly window_ms: number;
  readonly calculated_at: number;
}
interface Violation {
  readonly order_id: number;
  readonly city_name: string;
  readonly delay_minutes: number;
}
interface LiveOrder {
  readonly order_id: number;
  readonly status: string;
  readonly is_live: boolean;
  readonly city_name: string;
}
interface Answer<T> {
  readonly rows?: readonly T[];
}

interface Group {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly lag: number | null;
}

/** Endpoints answer a bare array or `{ rows, version }`. */
const rowsOf = <T>(answer: readonly T[] | Answer<T>): readonly T[] =>
  Array.isArray(answer) ? answer : ((answer as Answer<T>).rows ?? []);

describe('Flavor Trend over HTTP', () => {
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

  const list = async <T>(path: string): Promise<readonly T[]> =>
    rowsOf(await millrace.get<readonly T[] | Answer<T>>(path));

  test('FT-113: liveness, readiness and their short forms answer', async () => {
    for (const path of ['/health', '/health/ready', '/api/health', '/healthz', '/readyz']) {
      expect((await fetch(millrace.url + path)).status, path).toBe(200);
    }
  });

  test('FT-110: the API documents itself', async () => {
    expect((await fetch(`${millrace.url}/docs`)).status).toBe(200);
    const openapi = await eventually('the OpenAPI document', async () => {
      for (const path of ['/docs/openapi.json', '/openapi.json', '/docs/json']) {
        const answer = await fetch(millrace.url + path);
        if (answer.ok) return (await answer.json()) as { paths: Record<string, unknown> };
      }
      return null;
    });
    expect(Object.keys(openapi.paths)).toContain('/api/kpi');
  });

  test('FT-118 FT-186: orders per minute are exactly those of the latest closed minute', async () => {
    const kpi = await eventually(
      'the latest minute, the same in the tile, in its table and in the orders',
      async () => {
        const now = await millrace.get<Kpi>('/api/kpi');
        const { rows } = await database.query<{ summed: number; counted: number }>(
          `SELECT (SELECT sum(order_count)::int FROM city_orders_per_minute WHERE window_start = m.start) AS summed,
           (SELECT count(*)::int FROM orders o WHERE o.status = 'Completed'
             AND coalesce(o.pickup_time, o.order_timestamp)
               + o.time_taken_minutes * interval '1 minute' >= m.start
             AND coalesce(o.pickup_time, o.order_timestamp) + o.time_taken_minutes * interval '1 minute'
               < m.start + interval '1 minute') AS counted
         FROM (SELECT to_timestamp($1 / 1000.0) AS start) m`,
          [now.orders_per_min_window],
        );
        const { summed, counted } = rows[0]!;
        return now.orders_per_min === summed && summed === counted && summed > 0 ? now : null;
      },
    );
    expect(kpi.window_ms).toBe(60_000);
    expect(kpi.orders_per_min_window! % 60_000).toBe(0);
    expect(kpi.calculated_at - kpi.orders_per_min_window!).toBeGreaterThan(60_000);
    expect(kpi.eta_mae_1h).toBeNull();
  });

  test('FT-120 FT-078 FT-017 FT-187: an order of 60 minutes is a violation with its total minutes', async () => {
    const orderId = await insertOrder(database);
    await completeOrder(database, orderId, 60);
    const found = await eventually('the violation', async () =>
      (await list<Violation>('/api/sla?limit=50')).find(row => Number(row.order_id) === orderId),
    );
    expect(found.delay_minutes).toBe(60);
    const onTime = await insertOrder(database);
    await completeOrder(database, onTime, 45);
    const next = await insertOrder(database);
    await completeOrder(database, next, 46);
    await eventually('the next violation', async () =>
      (await list<Violation>('/api/sla/violations?limit=100')).find(row => Number(row.order_id) === next),
    );
    const all = await list<Violation>('/api/sla/violations?limit=100');
    expect(all.map(row => Number(row.order_id))).not.toContain(onTime);
  });

  test('FT-145 FT-199: live orders have their shape', async () => {
    const orderId = await insertOrder(database);
    const found = await eventually('the order', async () =>
      (await list<LiveOrder>('/api/orders/live?limit=100')).find(row => Number(row.order_id) === orderId),
    );
    expect(found.status).toBe('Delivering'); // its pickup time has passed
    expect(found.is_live).toBe(true);
  });

  test('FT-121 FT-140 FT-141 FT-142 FT-148: the other endpoints answer rows from live data', async () => {
    for (const path of [
      '/api/city_demand?minutes=120',
      '/api/sentiment?minutes=120&kind=restaurant',
      '/api/sentiment?minutes=120&kind=courier',
      '/api/revenue/by_city?minutes=120',
      '/api/heatmap/cities?minutes=60',
    ]) {
      const rows = await eventually(path, async () => {
        const answer = await list<Record<string, unknown>>(path);
        return answer.length > 0 ? answer : null;
      });
      expect(Object.keys(rows[0] ?? {}).length, path).toBeGreaterThan(2);
    }
    const kpis = await millrace.get<Record<string, number>>('/api/revenue/kpis?minutes=60');
    expect(kpis.orders_window).toBeGreaterThan(0);
    expect(kpis.gmv_window).toBeGreaterThan(0);
    expect(Number(kpis.aov_window)).toBeCloseTo(Number(kpis.gmv_window) / Number(kpis.orders_window), 1);
  });

  test('FT-326: each job is a consumer group: it tells how far behind it is, and catches up', async () => {
    const groups = () => millrace.get<readonly Group[]>('/api/groups');
    const jobs = await millrace.get<readonly { readonly name: string }[]>('/api/jobs');
    const expected = [...jobs.map(({ name }) => `flavor.${name}`), 'flavor.order_enrichment.placed'];
    await eventually('a group of each job', async () => {
      const ids = (await groups()).map(({ groupId }) => groupId);
      return expected.length > 6 && expected.every(id => ids.includes(id));
    });
    const kpi = (await groups()).find(({ groupId }) => groupId === 'flavor.city_kpi');
    expect(kpi?.topics.toSorted()).toEqual(['flavor.public.cities', 'flavor.public.orders']);
    await eventually('all have read all', async () => (await groups()).every(({ lag }) => lag === 0));
  });

  test('FT-191 FT-192: revenue counts orders by their completion, today by their placing', async () => {
    const found = await eventually('the same figures from the orders', async () => {
      const kpis = await millrace.get<Record<string, number>>('/api/revenue/kpis?minutes=60');
      const { rows } = await database.query<{ gmv: number; orders: number; today: number }>(
        `SELECT sum(total_price) FILTER (WHERE at BETWEEN $1 AND $2)::float8 AS gmv,
           count(*) FILTER (WHERE at BETWEEN $1 AND $2)::int AS orders,
           count(*) FILTER (WHERE order_timestamp >= date_trunc('day', now(), 'Africa/Tunis'))::int AS today
         FROM (SELECT *, coalesce(pickup_time, order_timestamp) + time_taken_minutes * interval '1 min' AS at
           FROM orders WHERE status = 'Completed') o`,
        [new Date(kpis.window_start!), new Date(kpis.window_end!)],
      );
      const { gmv, orders, today } = rows[0]!;
      const isSame = Math.abs(kpis.gmv_window! - gmv) < 0.005 && kpis.orders_window === orders;
      return isSame && kpis.orders_today === today && { kpis, gmv, orders };
    });
    expect(found.orders).toBeGreaterThan(100);
    expect(found.kpis.aov_window).toBe(Math.round((found.gmv / found.orders) * 100) / 100);
    expect(await millrace.get('/api/revenue/kpis?minutes=60')).toMatchObject({
      aov_window: expect.any(Number),
    });
  });

  test('FT-194: sentiment over several windows weighs each by its reviews', async () => {
    interface Sentiment {
      readonly entity_id: number;
      readonly reviews: number;
      readonly avg_rating: number;
      readonly pos: number;
    }
    await eventually('the same averages from the windows', async () => {
      const rows = await list<Sentiment>('/api/sentiment?minutes=240&kind=restaurant');
      const { rows: expected } = await database.query<Sentiment & { windows: number }>(
        `SELECT restaurant_id AS entity_id, sum(review_count)::int AS reviews, sum(pos_reviews)::int AS pos,
           sum(avg_rating * review_count) / sum(review_count) AS avg_rating, count(*)::int AS windows
         FROM restaurant_live_sentiment GROUP BY 1`,
      );
      expect(expected.some(row => row.windows > 1)).toBe(true);
      const byId = new Map(rows.map(row => [row.entity_id, row]));
      return (
        rows.length === expected.length &&
        expected.every(row => {
          const ours = byId.get(row.entity_id);
          const isSame = ours?.reviews === row.reviews && ours.pos === row.pos;
          return isSame && Math.abs(ours.avg_rating - row.avg_rating) < 1e-9;
        })
      );
    });
  });

  test('FT-197: without a pressure row the heat of a city is its orders of five minutes to the busiest one’s', async () => {
    interface Heat {
      readonly city_name: string;
      readonly opm: number;
      readonly pressure: number;
    }
    await eventually('the same heat from the orders', async () => {
      const rows = await list<Heat>('/api/heatmap/cities?minutes=60');
      const { rows: expected } = await database.query<{ city: string; n: number; top: number }>(
        `SELECT city_name AS city, count(order_id)::int AS n, (max(count(order_id)) OVER ())::int AS top FROM cities
         LEFT JOIN orders ON orders.city_id = cities.city_id
           AND order_timestamp BETWEEN now() - interval '5 min' AND now()
         GROUP BY city_name`,
      );
      return expected.every(({ city, n, top }) => {
        const row = rows.find(found => found.city_name === city);
        return row !== undefined && row.opm === n / 5 && Math.abs(row.pressure - (100 * n) / top) < 1e-9;
      });
    });
  });

  test('FT-168: a socket gets a snapshot, then what changes, and an answer to its ping', async () => {
    const socket = new WebSocket(`${millrace.url.replace('http', 'ws')}/ws`, { origin: millrace.url });
    const frames: ServerFrame[] = [];
    socket.on('message', data => frames.push(JSON.parse(String(data)) as ServerFrame));
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.send(JSON.stringify({ type: 'subscribe', view: 'live_orders' }));
    socket.send(JSON.stringify({ type: 'ping' }));
    await eventually('snapshot', async () => frames.some(frame => frame.type === 'snapshot'));
    await eventually('pong', async () => frames.some(frame => frame.type === 'pong'));
    const orderId = await insertOrder(database);
    const delta = await eventually('delta', async () =>
      frames.find(
        frame => frame.type === 'delta' && frame.upserts.some(row => Number(row.order_id) === orderId),
      ),
    );
    const orders = Object.entries((delta as DeltaFrame).position).filter(([split]) =>
      split.startsWith('flavor.public.orders/'),
    );
    expect(orders.reduce((sum, [, offset]) => sum + offset, 0)).toBeGreaterThan(10_000);
    socket.close();
  });

  test('a page of another origin may not open a socket or change anything', async () => {
    const socket = new WebSocket(`${millrace.url.replace('http', 'ws')}/ws`, {
      origin: 'http://evil.example',
    });
    const refused = await new Promise(resolve =>
      socket.once('error', () => resolve(true)).once('open', () => resolve(false)),
    );
    expect(refused).toBe(true);
    const answer = await fetch(`${millrace.url}/api/topics`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'http://evil.example' },
      body: '{"name":"x","partitions":1}',
    });
    expect(answer.status).toBe(403);
  });
});
