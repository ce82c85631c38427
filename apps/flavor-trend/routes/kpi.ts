import { defineRoute, defineRoutes, z } from 'millrace/app';
import { minutes, rangeMs } from './shared.ts';

const MINUTE_MS = 60_000;

/** FT-118, FT-186, FT-187: the latest minute that has closed, violations since local midnight. */
const kpi = defineRoute({
  path: '/api/kpi',
  summary: 'Orders per minute, SLA violations today, ETA error',
  query: z.object({}),
  response: z.object({
    orders_per_min: z
      .number()
      .nullable()
      .describe('Completed orders of the latest closed minute; null before the first'),
    orders_per_min_window: z.number().nullable().describe('Start of that minute, epoch ms'),
    sla_today: z.number().describe('Deliveries over 45 minutes since local midnight'),
    eta_mae_1h: z.number().nullable().describe('Null while no model runs'),
    window_ms: z.number(),
    calculated_at: z.number(),
    version: z.number(),
  }),
  handle: (_query, context) => {
    const demand = context.view('orders_per_minute');
    const latest = demand.rows.reduce((max, row) => Math.max(max, Number(row['window_start'])), 0);
    const ofLatest = demand.rows.filter(row => Number(row['window_start']) === latest);
    const midnight = context.startOfTodayMs();
    const late = context.view('sla_violations').rows.filter(row => Number(row['created_at']) >= midnight);
    return {
      orders_per_min:
        latest === 0 ? null : ofLatest.reduce((sum, row) => sum + Number(row['order_count']), 0),
      orders_per_min_window: latest === 0 ? null : latest,
      sla_today: late.length,
      eta_mae_1h: null,
      window_ms: MINUTE_MS,
      calculated_at: context.nowMs(),
      version: demand.version,
    };
  },
});

/** FT-119 */
const cities = defineRoute({
  path: '/api/kpi/cities',
  summary: 'Completed orders and delivery time per city',
  query: z.object({
    time_range: z
      .string()
      .regex(/^\d+[mhd]$/, 'like 30m, 1h or 7d')
      .default('1h'),
  }),
  response: z.object({
    rows: z.array(
      z.object({
        city_name: z.string(),
        orders: z.number(),
        orders_per_min: z.number(),
        avg_delivery_time: z.number().nullable(),
      }),
    ),
  }),
  handle: async ({ time_range }, context) => {
    const spanMs = rangeMs(time_range);
    const rows = await context.query(
      `SELECT city_name, sum(order_count)::float8 AS orders, sum(order_count)::float8 / $2 AS orders_per_min,
         sum(avg_delivery_time * order_count) / nullif(sum(order_count), 0) AS avg_delivery_time
       FROM city_orders_per_minute WHERE window_start >= $1
       GROUP BY city_name ORDER BY orders DESC, city_name`,
      [new Date(context.nowMs() - spanMs), spanMs / MINUTE_MS],
    );
    return { rows: rows as never };
  },
});

/** FT-121 */
const demand = defineRoute({
  path: '/api/city_demand',
  summary: 'Completed orders per city and minute',
  query: z.object({ minutes: minutes(60) }),
  response: z.object({
    rows: z.array(
      z.object({
        ts: z.number().describe('Start of the minute, epoch ms'),
        city_name: z.string(),
        order_count: z.number(),
        avg_delivery_time: z.number().nullable(),
        window_end: z.number(),
      }),
    ),
  }),
  handle: async (query, context) => {
    const rows = await context.query(
      `SELECT extract(epoch FROM window_start) * 1000 AS ts, city_name, order_count, avg_delivery_time,
         extract(epoch FROM window_end) * 1000 AS window_end
       FROM city_orders_per_minute WHERE window_start >= $1 ORDER BY window_start, city_name`,
      [new Date(context.nowMs() - query.minutes * MINUTE_MS)],
    );
    return { rows: rows as never };
  },
});

/** FT-148 by FT-197's formula: orders of the last five minutes, relative to the busiest city. */
const heatmap = defineRoute({
  path: '/api/heatmap/cities',
  summary: 'How busy each city is',
  query: z.object({ minutes: minutes(60) }),
  response: z.object({
    rows: z.array(
      z.object({
        city_name: z.string(),
        lat: z.number(),
        lon: z.number(),
        pressure: z.number().describe('0 to 100: orders of the last 5 minutes relative to the busiest city'),
        opm: z.number().describe('Orders per minute over the last 5 minutes'),
      }),
    ),
  }),
  handle: async (_query, context) => {
    const rows = await context.query(
      `SELECT c.city_name, c.latitude::float8 AS lat, c.longitude::float8 AS lon,
         count(o.order_id)::float8 / 5 AS opm,
         coalesce(100.0 * count(o.order_id) / nullif(max(count(o.order_id)) OVER (), 0), 0)::float8
           AS pressure
       FROM cities c
       LEFT JOIN orders o ON o.city_id = c.city_id AND o.order_timestamp >= $1 AND o.order_timestamp <= $2
       GROUP BY c.city_id, c.city_name, c.latitude, c.longitude ORDER BY pressure DESC, c.city_name`,
      [new Date(context.nowMs() - 5 * MINUTE_MS), new Date(context.nowMs())],
    );
    return { rows: rows as never };
  },
});

export default defineRoutes(kpi, cities, demand, heatmap);
