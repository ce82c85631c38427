import { defineRoute, defineRoutes, z } from 'millrace/app';
import { shapeLiveOrders } from '../shaping/live-orders.ts';

/** FT-145, shaped by FT-199. */
const live = defineRoute({
  path: '/api/orders/live',
  summary: 'Orders under way, then the latest that ended',
  query: z.object({
    limit: z.coerce.number().int().min(1).max(1000).default(30),
    cancel_window_min: z.coerce.number().min(0).max(720).default(15),
  }),
  response: z.object({
    rows: z.array(
      z.object({
        order_id: z.number(),
        city_name: z.string(),
        restaurant_name: z.string(),
        status: z.enum(['Processing', 'Delivering', 'Completed', 'Cancelled']),
        price: z.number(),
        order_timestamp: z.number().describe('Epoch ms'),
        started_at: z.number().describe('Pickup, or the order where there was none yet; epoch ms'),
        elapsed_min: z.number(),
        eta_min: z.number().nullable(),
        is_live: z.boolean(),
      }),
    ),
    version: z.number(),
  }),
  handle: (query, context) => {
    const view = context.view('live_orders');
    const options = { nowMs: context.nowMs(), cancelWindowMin: query.cancel_window_min, limit: query.limit };
    return { rows: shapeLiveOrders(view.rows, options), version: view.version };
  },
});

const violation = z.object({
  order_id: z.number(),
  city_name: z.string(),
  delivery_person_id: z.number(),
  courier_name: z.string(),
  delay_minutes: z.number().describe('Total minutes of the delivery, not the excess'),
  created_at: z.number().describe('When it was delivered, epoch ms'),
});

/** FT-120, at both of its addresses. */
const violations = (path: string, limit: number) =>
  defineRoute({
    path,
    summary: 'Deliveries over 45 minutes, newest first',
    query: z.object({ limit: z.coerce.number().int().min(1).max(5000).default(limit) }),
    response: z.object({ rows: z.array(violation), version: z.number() }),
    handle: (query, context) => {
      const view = context.view('sla_violations');
      const newestFirst = [...view.rows].sort(
        (a, b) =>
          Number(b['created_at']) - Number(a['created_at']) || Number(b['order_id']) - Number(a['order_id']),
      );
      return { rows: newestFirst.slice(0, query.limit) as never, version: view.version };
    },
  });

export default defineRoutes(live, violations('/api/sla', 50), violations('/api/sla/violations', 100));
