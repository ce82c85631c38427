import { defineRoute, defineRoutes, z } from 'millrace/app';
import { minutes } from './shared.ts';

const MINUTE_MS = 60_000;

/** FT-191: when an order was completed. */
const COMPLETED_AT =
  'coalesce(o.pickup_time, o.order_timestamp) + make_interval(mins => o.time_taken_minutes)';

const IN_WINDOW = `${COMPLETED_AT} >= $1 AND ${COMPLETED_AT} <= $2`;

/** FT-141 by FT-191 and FT-192. */
const kpis = defineRoute({
  path: '/api/revenue/kpis',
  summary: 'Revenue of completed orders: the last minutes, and today',
  query: z.object({ minutes: minutes(60) }),
  response: z.object({
    gmv_window: z.number().describe('Of orders completed in the window'),
    orders_window: z.number(),
    aov_window: z.number().describe('Average order value; 0 without orders'),
    gmv_today: z.number().describe('Of completed orders placed since local midnight'),
    orders_today: z.number(),
    window_start: z.number().describe('Epoch ms'),
    window_end: z.number(),
  }),
  handle: async (query, context) => {
    const end = context.nowMs();
    const start = end - query.minutes * MINUTE_MS;
    const [row] = await context.query(
      `SELECT coalesce(sum(o.total_price) FILTER (WHERE ${IN_WINDOW}), 0)::float8 AS gmv_window,
         (count(*) FILTER (WHERE ${IN_WINDOW}))::float8 AS orders_window,
         coalesce(sum(o.total_price) FILTER (WHERE o.order_timestamp >= $3), 0)::float8 AS gmv_today,
         (count(*) FILTER (WHERE o.order_timestamp >= $3))::float8 AS orders_today
       FROM orders o
       WHERE o.status = 'Completed'
         AND o.order_timestamp >= least($1::timestamptz - interval '1 day', $3::timestamptz)`,
      [new Date(start), new Date(end), new Date(context.startOfTodayMs())],
    );
    const figures = row as {
      gmv_window: number;
      orders_window: number;
      gmv_today: number;
      orders_today: number;
    };
    const aov = figures.orders_window === 0 ? 0 : figures.gmv_window / figures.orders_window;
    return { ...figures, aov_window: Math.round(aov * 100) / 100, window_start: start, window_end: end };
  },
});

/** FT-142 */
const byCity = defineRoute({
  path: '/api/revenue/by_city',
  summary: 'Revenue of orders completed in the last minutes, per city',
  query: z.object({ minutes: minutes(60) }),
  response: z.object({
    rows: z.array(z.object({ city_name: z.string(), gmv: z.number(), orders: z.number(), aov: z.number() })),
  }),
  handle: async (query, context) => {
    const end = context.nowMs();
    const rows = await context.query(
      `SELECT c.city_name, sum(o.total_price)::float8 AS gmv, count(*)::float8 AS orders,
         round(sum(o.total_price) / count(*), 2)::float8 AS aov
       FROM orders o JOIN cities c USING (city_id)
       WHERE o.status = 'Completed' AND o.order_timestamp >= $1::timestamptz - interval '1 day'
         AND ${IN_WINDOW}
       GROUP BY c.city_name ORDER BY gmv DESC, c.city_name`,
      [new Date(end - query.minutes * MINUTE_MS), new Date(end)],
    );
    return { rows: rows as never };
  },
});

export default defineRoutes(kpis, byCity);
