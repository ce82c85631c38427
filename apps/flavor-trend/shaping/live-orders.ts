/** A row of `/api/orders/live`. */
export interface ShapedOrder {
  readonly order_id: number;
  readonly city_name: string;
  readonly restaurant_name: string;
  readonly status: 'Processing' | 'Delivering' | 'Completed' | 'Cancelled';
  readonly price: number;
  readonly order_timestamp: number;
  readonly started_at: number;
  readonly elapsed_min: number;
  readonly eta_min: number | null;
  readonly is_live: boolean;
}

export interface ShapingOptions {
  readonly nowMs: number;
  readonly cancelWindowMin: number;
  readonly limit: number;
}

const MINUTE_MS = 60_000;
const SHOWN_MS = 12 * 60 * MINUTE_MS;
const STATUSES = ['Processing', 'Completed', 'Cancelled'] as const;

/**
 * FT-199: Processing is Delivering once the pickup time has passed; elapsed counts from pickup (from the
 * order if
 * cancelled); eta is the whole minutes to the planned end, never below 0; the last 12 hours, cancelled ones
 * for
 * `cancelWindowMin`; live rows first, then the latest activity.
 */
export function shapeLiveOrders(
  rows: readonly Readonly<Record<string, unknown>>[],
  options: ShapingOptions,
): ShapedOrder[] {
  const shaped = rows.flatMap(row => shape(row, options) ?? []);
  shaped.sort((a, b) => Number(b.order.is_live) - Number(a.order.is_live) || b.activityMs - a.activityMs);
  return shaped.slice(0, options.limit).map(({ order }) => order);
}

function shape(
  row: Readonly<Record<string, unknown>>,
  { nowMs, cancelWindowMin }: ShapingOptions,
): { readonly order: ShapedOrder; readonly activityMs: number } | null {
  const stored = STATUSES.find(status => status === row['status']);
  const orderedMs = Number(row['order_timestamp']);
  if (!stored || orderedMs < nowMs - SHOWN_MS) return null;
  const pickupMs = row['pickup_time'] === null ? null : Number(row['pickup_time']);
  const pickedUp = pickupMs !== null && pickupMs <= nowMs;
  const status = stored === 'Processing' && pickedUp ? 'Delivering' : stored;
  if (status === 'Cancelled' && orderedMs < nowMs - cancelWindowMin * MINUTE_MS) return null;
  const taken = row['time_taken_minutes'] === null ? null : Number(row['time_taken_minutes']);
  const endMs = taken === null ? null : (pickupMs ?? orderedMs) + taken * MINUTE_MS;
  const isLive = status === 'Processing' || status === 'Delivering';
  const startedMs = status === 'Cancelled' || !pickedUp ? orderedMs : pickupMs;
  const untilMs = status === 'Completed' && endMs !== null ? Math.min(endMs, nowMs) : nowMs;
  return {
    activityMs: status === 'Completed' ? Math.min(endMs ?? orderedMs, nowMs) : startedMs,
    order: {
      order_id: Number(row['order_id']),
      city_name: String(row['city_name']),
      restaurant_name: String(row['restaurant_name']),
      status,
      price: Number(row['total_price']),
      order_timestamp: orderedMs,
      started_at: startedMs,
      elapsed_min: Math.max(0, Math.floor((untilMs - startedMs) / MINUTE_MS)),
      eta_min: isLive && endMs !== null ? Math.max(0, Math.ceil((endMs - nowMs) / MINUTE_MS)) : null,
      is_live: isLive,
    },
  };
}
