import { expect, test } from 'vitest';
import type { ViewRow } from '../../../src/live/protocol.ts';
import {
  type LiveOrder,
  orderLabel,
  rankOrder,
  rankOrders,
  shapeOrder as shape,
} from '../../../web/src/shaping/orders.ts';

const NOW = 1_800_000_000_000;
const MIN = 60_000;
const shapeOrder = (row: ViewRow, nowMs: number, changedMs: number | null = null): LiveOrder | null => {
  const ranked = rankOrder(row, nowMs, changedMs);
  return ranked && shape(ranked, nowMs);
};
const order = (fields: ViewRow): ViewRow => ({
  ...{ order_id: 7, city_name: 'Tunis', restaurant_name: 'Dar', status: 'Processing', total_price: '42.50' },
  ...{ order_timestamp: NOW - 20 * MIN, pickup_time: NOW + 5 * MIN, time_taken_minutes: null },
  ...fields,
});

test('Processing becomes Delivering the moment pickup has passed', () => {
  const row = order({ pickup_time: NOW });
  expect(shapeOrder(row, NOW - 1)).toMatchObject({ state: 'processing', pickupInMin: 1, live: true });
  expect(shapeOrder(row, NOW)).toMatchObject({ state: 'delivering', elapsedMin: 0, pickupInMin: null });
  expect(shapeOrder(row, NOW + 3 * MIN)).toMatchObject({ state: 'delivering', elapsedMin: 3 });
});

test('the ETA is rounded up, floored at 0, and absent when no end is planned', () => {
  const row = order({ pickup_time: NOW - 10 * MIN, time_taken_minutes: 25 });
  expect(shapeOrder(row, NOW + 1)?.etaMin).toBe(15);
  expect(shapeOrder(row, NOW + 1 * MIN)?.etaMin).toBe(14);
  expect(shapeOrder(row, NOW + 60 * MIN)?.etaMin).toBe(0);
  expect(shapeOrder(order({ pickup_time: NOW - MIN }), NOW)?.etaMin).toBeNull();
});

test('a cancelled order counts from the order and goes after 15 minutes', () => {
  const row = order({ status: 'Cancelled', pickup_time: NOW - 9 * MIN, order_timestamp: NOW - 15 * MIN });
  expect(shapeOrder(row, NOW)).toMatchObject({ state: 'cancelled', elapsedMin: 15, live: false });
  expect(shapeOrder(row, NOW + 1)).toBeNull();
});

test('a cancellation seen to happen is shown for 15 minutes from then, however old the order', () => {
  const row = order({ status: 'Cancelled', order_timestamp: NOW - 40 * MIN });
  expect(shapeOrder(row, NOW)).toBeNull();
  expect(shapeOrder(row, NOW, NOW - 2 * MIN)?.state).toBe('cancelled');
  expect(shapeOrder(row, NOW + 14 * MIN, NOW - 2 * MIN)).toBeNull();
});

test('nothing older than 12 hours is shown, nor a status nobody knows', () => {
  expect(shapeOrder(order({ order_timestamp: NOW - 12 * 60 * MIN }), NOW)).not.toBeNull();
  expect(shapeOrder(order({ order_timestamp: NOW - 12 * 60 * MIN - 1 }), NOW)).toBeNull();
  expect(shapeOrder(order({ status: 'Lost' }), NOW)).toBeNull();
});

test('live orders come first, then the latest activity; equal instants keep the order of the numbers', () => {
  const rows = [
    order({ order_id: 1, status: 'Completed', pickup_time: NOW - 60 * MIN, time_taken_minutes: 30 }),
    order({ order_id: 2, status: 'Completed', pickup_time: NOW - 40 * MIN, time_taken_minutes: 39 }),
    order({ order_id: 3, order_timestamp: NOW - 25 * MIN }),
    order({ order_id: 10, order_timestamp: NOW - 2 * MIN }),
    order({ order_id: 9, order_timestamp: NOW - 2 * MIN }),
    order({ order_id: 4, pickup_time: NOW - MIN }),
  ];
  expect(rankOrders(rows, NOW, null, () => null).map(each => each.id)).toEqual([
    '4',
    '10',
    '9',
    '3',
    '2',
    '1',
  ]);
  expect(rankOrders(rows, NOW, 'Sfax', () => null)).toEqual([]);
});

test('labels say what is known', () => {
  const label = (fields: ViewRow) => orderLabel(shapeOrder(order(fields), NOW)!);
  expect(label({})).toBe('pickup in 5 min');
  expect(label({ pickup_time: null })).toBe('ordered 20 min ago');
  expect(label({ pickup_time: NOW - 4 * MIN })).toBe('4 min on the road');
  expect(label({ pickup_time: NOW - 4 * MIN, time_taken_minutes: 30 })).toBe('4 min on the road, ETA 26 min');
  expect(label({ status: 'Completed', time_taken_minutes: 31 })).toBe('took 31 min');
});
