import type pg from 'pg';

/** Insert one order by hand, as an operator at a SQL prompt would; returns its id. */
export async function insertOrder(database: pg.Client, pickedUpAgoMin = 0): Promise<number> {
  const { rows } = await database.query(
    `INSERT INTO orders (order_id, user_id, restaurant_id, delivery_person_id, order_timestamp, pickup_time,
       delivery_latitude, delivery_longitude, status, total_price, city_id)
     SELECT (SELECT max(order_id) FROM orders) + 1000000, u.user_id, r.restaurant_id, d.delivery_person_id,
       now() - make_interval(mins => $1 + 10), now() - make_interval(mins => $1), r.latitude, r.longitude,
       'Processing', 42.50, r.city_id
     FROM restaurants r
     JOIN delivery_personnel d ON d.city_id = r.city_id
     JOIN users u ON u.city_id = r.city_id
     ORDER BY r.restaurant_id, d.delivery_person_id, u.user_id LIMIT 1
     RETURNING order_id`,
    [pickedUpAgoMin],
  );
  return Number(rows[0].order_id);
}

/** Completes an order now: pickup plus the minutes taken is this instant. */
export async function completeOrder(database: pg.Client, orderId: number, minutes: number): Promise<void> {
  await database.query(
    `UPDATE orders SET status = 'Completed', pickup_time = now() - make_interval(mins => $2), time_taken_minutes = $2
     WHERE order_id = $1`,
    [orderId, minutes],
  );
}

export interface WindowRow {
  readonly city_name: string;
  readonly window_start: Date;
  readonly order_count: number;
}

/** The city-minute of an order's completion in the sink table, or undefined while it is not there. */
export async function windowOf(database: pg.Client, orderId: number): Promise<WindowRow | undefined> {
  const { rows } = await database.query(
    `SELECT w.city_name, w.window_start, w.order_count::int
     FROM orders o JOIN cities c USING (city_id)
     JOIN city_orders_per_minute w ON w.city_name = c.city_name
      AND w.window_start = date_trunc('minute', o.pickup_time + make_interval(mins => o.time_taken_minutes))
     WHERE o.order_id = $1`,
    [orderId],
  );
  return rows[0] as WindowRow | undefined;
}
