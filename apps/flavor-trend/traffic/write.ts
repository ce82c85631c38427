import type { GeneratorContext } from 'millrace/app';
import type { NewOrder } from './order.ts';

type Database = GeneratorContext['database'];
export interface Statement {
  readonly sql: string;
  readonly values?: readonly unknown[];
}

/** One statement places orders with their lines, routes and plans; `$1` is a JSON list. */
const PLACE = `WITH given AS (
  SELECT (o ->> 'order_id')::bigint AS order_id, o FROM jsonb_array_elements($1::jsonb) AS o
), placed AS (
  INSERT INTO orders (order_id, user_id, restaurant_id, post_id, delivery_person_id, order_timestamp,
    pickup_time, delivery_latitude, delivery_longitude, status, total_price, city_id, is_promo)
  SELECT r.* FROM given, jsonb_to_record(o -> 'row') AS r(order_id bigint, user_id int, restaurant_id int, post_id int,
    delivery_person_id int, order_timestamp timestamptz, pickup_time timestamptz, delivery_latitude float8,
    delivery_longitude float8, status text, total_price numeric, city_id int, is_promo boolean)
), lines AS (
  INSERT INTO order_items (order_id, menu_item_id, qty, unit_price)
  SELECT order_id, i.* FROM given, jsonb_to_recordset(o -> 'items') AS i(menu_item_id int, qty int, unit_price numeric)
), routes AS (
  INSERT INTO delivery_routes (order_id, restaurant_id, delivery_person_id, route_geometry, waypoints,
    total_distance_km, estimated_duration_min, route_started_at)
  SELECT order_id, (o -> 'row' ->> 'restaurant_id')::int, r.* FROM given, jsonb_to_record(o -> 'route') AS r(
    delivery_person_id int, route_geometry jsonb, waypoints jsonb, total_distance_km numeric,
    estimated_duration_min numeric, route_started_at timestamptz)
)
INSERT INTO ops.order_plans (order_id, kind, due_at, details)
SELECT order_id, p.* FROM given, jsonb_to_recordset(o -> 'plans') AS p(kind text, due_at timestamptz, details jsonb)`;

/** The statement that places these orders under these ids. */
export function placing(orders: readonly NewOrder[], ids: readonly number[]): Statement {
  const given = orders.map((order, i) => ({
    order_id: ids[i],
    row: { order_id: ids[i], ...order.row },
    items: order.items,
    route: order.route,
    plans: order.plans,
  }));
  return { sql: PLACE, values: [JSON.stringify(given)] };
}

/** Ids for new orders, ascending. */
export async function reserveIds(database: Database, count: number): Promise<number[]> {
  const rows = await database.query(
    `SELECT nextval(pg_get_serial_sequence('orders', 'order_id'))::float8 AS id FROM generate_series(1, $1)`,
    [count],
  );
  return rows.map(row => Number(row.id));
}

/**
 * What is due in (from, to] happens: completions and cancellations, then reviews. An order changed by hand
 * is left.
 */
export function settling(fromMs: number, toMs: number): Statement[] {
  const values = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  const due = (kinds: string): string =>
    `DELETE FROM ops.order_plans WHERE due_at > $1 AND due_at <= $2 AND kind IN (${kinds}) RETURNING *`;
  return [
    {
      sql: `WITH due AS (${due("'complete', 'cancel'")}), ended AS (
        UPDATE orders o SET status = CASE kind WHEN 'complete' THEN 'Completed' ELSE 'Cancelled' END,
          time_taken_minutes = (details ->> 'minutes')::int
        FROM (SELECT * FROM due ORDER BY due_at) d WHERE o.order_id = d.order_id AND o.status = 'Processing'
        RETURNING o.order_id, d.due_at, d.details)
      UPDATE delivery_routes r
      SET route_completed_at = e.due_at, actual_duration_min = (e.details ->> 'minutes')::numeric
      FROM ended e WHERE r.order_id = e.order_id AND e.details ? 'minutes'`,
      values,
    },
    {
      sql: `WITH due AS (${due("'review'")})
      INSERT INTO order_reviews (order_id, sentiment, review_text, rating, posted_at)
      SELECT order_id, details ->> 'sentiment', details ->> 'text', (details ->> 'rating')::int, due_at
      FROM due JOIN orders o USING (order_id) WHERE o.status = 'Completed' ORDER BY due_at`,
      values,
    },
  ];
}

/** One row of weather a city. */
export function weatherRows(
  rows: readonly { city_id: number; timestamp: string; weather: string }[],
): Statement {
  return {
    sql: `INSERT INTO weather_conditions (city_id, timestamp, weather)
      SELECT city_id, timestamp, weather FROM jsonb_to_recordset($1::jsonb)
      AS w(city_id int, timestamp timestamptz, weather text)`,
    values: [JSON.stringify(rows)],
  };
}
