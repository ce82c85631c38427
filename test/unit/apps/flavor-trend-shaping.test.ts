import { describe, expect, test } from 'vitest';
import { shapeLiveOrders } from '../../../apps/flavor-trend/shaping/live-orders.ts';
import { rollUpSentiment } from '../../../apps/flavor-trend/shaping/sentiment.ts';

const MINUTE = 60_000;
const NOW = 1_000 * 24 * 60 * MINUTE;
const order = (id: number, changes: Record<string, unknown> = {}) => ({
  order_id: id,
  city_name: 'Tunis',
  restaurant_name: 'Dar',
  status: 'Processing',
  total_price: 12.5,
  order_timestamp: NOW - 20 * MINUTE,
  pickup_time: null,
  time_taken_minutes: null,
  ...changes,
});
const shape = (...rows: Record<string, unknown>[]) =>
  shapeLiveOrders(rows, { nowMs: NOW, cancelWindowMin: 15, limit: 30 });

describe('live orders', () => {
  test('Processing is Delivering once the pickup time has passed, and elapsed counts from there', () => {
    const [before] = shape(order(1, { pickup_time: NOW + MINUTE }));
    expect(before).toMatchObject({ status: 'Processing', elapsed_min: 20, is_live: true });
    const [after] = shape(order(1, { pickup_time: NOW - 5 * MINUTE, time_taken_minutes: 12 }));
    expect(after).toMatchObject({ status: 'Delivering', elapsed_min: 5, eta_min: 7, is_live: true });
  });

  test('the estimate is rounded up and never negative', () => {
    const planned = (minutes: number) =>
      shape(order(1, { pickup_time: NOW - 10 * MINUTE, time_taken_minutes: minutes }))[0]?.eta_min;
    expect(planned(10.5)).toBe(1);
    expect(planned(3)).toBe(0);
    expect(shape(order(1))[0]?.eta_min).toBeNull();
  });

  test('cancelled ones show for fifteen minutes, counted from the order; nothing older than twelve hours', () => {
    const cancelled = (ago: number) =>
      shape(order(1, { status: 'Cancelled', order_timestamp: NOW - ago * MINUTE }));
    expect(cancelled(14)[0]).toMatchObject({ elapsed_min: 14, is_live: false });
    expect(cancelled(16)).toEqual([]);
    expect(shape(order(1, { order_timestamp: NOW - 721 * MINUTE }))).toEqual([]);
  });

  test('live rows first, then the latest activity', () => {
    const done = (id: number, ago: number) =>
      order(id, { status: 'Completed', pickup_time: NOW - (ago + 10) * MINUTE, time_taken_minutes: 10 });
    const rows = shape(done(1, 30), done(2, 3), order(3, { order_timestamp: NOW - 40 * MINUTE }), order(4));
    expect(rows.map(row => row.order_id)).toEqual([4, 3, 2, 1]);
  });
});

describe('sentiment', () => {
  test('ratings are weighted by the reviews of each window', () => {
    const window = (end: number, count: number, rating: number) => ({
      ...{ restaurant_id: 7, entity_name: 'Dar', city_name: 'Tunis', window_end: end },
      ...{ review_count: count, avg_rating: rating, pos_reviews: count, neg_reviews: 0 },
    });
    const rows = rollUpSentiment([window(10, 1, 5), window(10, 3, 1), window(5, 100, 5)], 'restaurant_id', 5);
    expect(rows).toEqual([
      { entity_id: 7, entity_name: 'Dar', city_name: 'Tunis', reviews: 4, avg_rating: 2, pos: 4, neg: 0 },
    ]);
  });
});
