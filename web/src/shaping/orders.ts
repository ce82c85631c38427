import type { ViewRow } from '../../../src/live/protocol.ts';
import { compareIds, HOUR_MS, MINUTE_MS, num, text } from './values.ts';

export type OrderState = 'processing' | 'delivering' | 'done' | 'cancelled';

/** An order as Live Orders shows it. */
export interface LiveOrder {
  readonly id: string;
  readonly city: string | null;
  readonly restaurant: string | null;
  readonly state: OrderState;
  readonly live: boolean;
  /** Minutes since pickup (since the order when it is cancelled or not picked up), never below 0. */
  readonly elapsedMin: number;
  /** Whole minutes until the planned end, never below 0; null when no end is planned. */
  readonly etaMin: number | null;
  /** Whole minutes until pickup; null once it has passed or when none is planned. */
  readonly pickupInMin: number | null;
  readonly takenMin: number | null;
  readonly price: string | null;
  readonly orderedAtMs: number;
  readonly pickupAtMs: number | null;
  /** Delivered then, or planned to be; null while no minutes are known. */
  readonly endAtMs: number | null;
}

export const SHOWN_FOR_MS = 12 * HOUR_MS;
export const CANCELLED_FOR_MS = 15 * MINUTE_MS;

function orderState(status: string | null, pickupAtMs: number | null, nowMs: number): OrderState | null {
  switch (status) {
    case 'Processing':
      return pickupAtMs !== null && pickupAtMs <= nowMs ? 'delivering' : 'processing';
    case 'Delivering':
      return 'delivering';
    case 'Completed':
      return 'done';
    case 'Cancelled':
      return 'cancelled';
    default:
      return null;
  }
}

/** The instant of the last known step of an order, for the order of the list. */
function activity(
  state: OrderState,
  orderedMs: number,
  pickupMs: number | null,
  endMs: number | null,
  changedMs: number | null,
  nowMs: number,
): number {
  if (state === 'cancelled') return changedMs ?? orderedMs;
  if (state === 'done') return Math.min(endMs ?? orderedMs, nowMs);
  return state === 'delivering' ? (pickupMs ?? orderedMs) : orderedMs;
}

/** What decides whether and where an order is listed; cheap, as it is asked of every row at every paint. */
export interface RankedOrder {
  readonly row: ViewRow;
  readonly id: string;
  readonly state: OrderState;
  readonly live: boolean;
  readonly activityMs: number;
  /** When a change of the row was last seen, if one was. */
  readonly changedMs: number | null;
}

/**
 * The place of a row of `live_orders` at an instant; null when it is not to be shown: older than 12 h,
 * cancelled more than 15 min ago, or of an unknown status. `changedMs` is when the row was last seen to
 * change, if it was.
 */
export function rankOrder(row: ViewRow, nowMs: number, changedMs: number | null = null): RankedOrder | null {
  const id = text(row, 'order_id');
  const orderedMs = num(row, 'order_timestamp');
  const pickupAtMs = num(row, 'pickup_time');
  const state = orderState(text(row, 'status'), pickupAtMs, nowMs);
  if (id === null || orderedMs === null || state === null) return null;
  if (orderedMs < nowMs - SHOWN_FOR_MS) return null;
  const activityMs = activity(state, orderedMs, pickupAtMs, endOf(row), changedMs, nowMs);
  if (state === 'cancelled' && activityMs < nowMs - CANCELLED_FOR_MS) return null;
  return { row, id, state, live: state === 'processing' || state === 'delivering', activityMs, changedMs };
}

/**
 * Pickup, or the order where none is known, plus the minutes taken or planned; null while no minutes are
 * known.
 */
function endOf(row: ViewRow): number | null {
  const takenMin = num(row, 'time_taken_minutes');
  const fromMs = num(row, 'pickup_time') ?? num(row, 'order_timestamp');
  return takenMin === null || fromMs === null ? null : fromMs + takenMin * MINUTE_MS;
}

/** A ranked row with everything the list and the drawer say of it. */
export function shapeOrder(ranked: RankedOrder, nowMs: number): LiveOrder {
  const { row, id, state, live } = ranked;
  const orderedAtMs = num(row, 'order_timestamp') ?? nowMs;
  const pickupAtMs = num(row, 'pickup_time');
  const endAtMs = endOf(row);
  const fromMs =
    state === 'cancelled' || pickupAtMs === null || pickupAtMs > nowMs ? orderedAtMs : pickupAtMs;
  return {
    ...{ id, state, live, orderedAtMs, pickupAtMs, endAtMs },
    city: text(row, 'city_name'),
    restaurant: text(row, 'restaurant_name'),
    elapsedMin: Math.max(0, Math.floor((nowMs - fromMs) / MINUTE_MS)),
    etaMin: live && endAtMs !== null ? Math.max(0, Math.ceil((endAtMs - nowMs) / MINUTE_MS)) : null,
    pickupInMin:
      state === 'processing' && pickupAtMs !== null ? Math.ceil((pickupAtMs - nowMs) / MINUTE_MS) : null,
    takenMin: num(row, 'time_taken_minutes'),
    price: text(row, 'total_price'),
  };
}

/** Live orders first, then by latest activity; the order number settles ties so that rows do not swap. */
export function compareOrders(a: RankedOrder, b: RankedOrder): number {
  if (a.live !== b.live) return a.live ? -1 : 1;
  return b.activityMs - a.activityMs || compareIds(b.id, a.id);
}

/** The time label of a row: what is known of its progress, in minutes. */
export function orderLabel(order: LiveOrder): string {
  switch (order.state) {
    case 'processing':
      return order.pickupInMin === null
        ? `ordered ${order.elapsedMin} min ago`
        : `pickup in ${order.pickupInMin} min`;
    case 'delivering': {
      const road = `${order.elapsedMin} min on the road`;
      return order.etaMin === null ? road : `${road}, ETA ${order.etaMin} min`;
    }
    case 'done':
      return order.takenMin === null ? 'delivered' : `took ${order.takenMin} min`;
    case 'cancelled':
      return `ordered ${order.elapsedMin} min ago`;
  }
}

/** The rows to show in their order, of one city or of all. */
export function rankOrders(
  rows: readonly ViewRow[],
  nowMs: number,
  city: string | null,
  changedMs: (row: ViewRow) => number | null,
): RankedOrder[] {
  const orders: RankedOrder[] = [];
  for (const row of rows) {
    if (city !== null && row['city_name'] !== city) continue;
    const order = rankOrder(row, nowMs, changedMs(row));
    if (order !== null) orders.push(order);
  }
  return orders.sort(compareOrders);
}
