import { expect, test } from 'vitest';
import type { PartStatus } from '../../../src/live/protocol.ts';
import { connectionText, duration, freshness } from '../../../web/src/shaping/freshness.ts';
import { health, shapeParts } from '../../../web/src/shaping/health.ts';
import { mergeKpi, readKpi } from '../../../web/src/shaping/kpi.ts';
import { latestMinute, minuteSeries } from '../../../web/src/shaping/orders-per-minute.ts';
import { rollUp } from '../../../web/src/shaping/sentiment.ts';
import { shapeViolations, violationText } from '../../../web/src/shaping/sla.ts';

const MIN = 60_000;
const NOW = 30_000_000 * MIN + 20_000;
const BASE = 30_000_000 * MIN;
const minute = (city: string, back: number, count: number | string) => ({
  city_name: city,
  window_start: BASE - back * MIN,
  order_count: count,
  avg_delivery_time: 30,
});

test('a minute nobody has a row for is a gap; a city without one among others completed nothing', () => {
  const rows = [minute('Tunis', 1, 4), minute('Sfax', 1, '3'), minute('Tunis', 3, 2), minute('Tunis', 61, 9)];
  const all = minuteSeries(rows, NOW);
  expect(all.total.slice(-4)).toEqual([null, 2, null, 7]);
  expect(all.total).toHaveLength(60);
  expect(all.cities.at(-1)).toMatchObject([{ city: 'Tunis', count: 4 }, { city: 'Sfax' }]);
  expect(minuteSeries(rows, NOW, 'Sfax').total.slice(-3)).toEqual([0, null, 3]);
  expect(latestMinute(all)).toEqual({ startMs: BASE - MIN, count: 7 });
  expect(latestMinute(minuteSeries([], NOW))).toBeNull();
});

test('a violation tells the whole time and what is over the target, newest first', () => {
  const rows = [
    { order_id: 1, city_name: 'Tunis', delay_minutes: 46, created_at: NOW - 5 },
    { order_id: 2, city_name: 'Sfax', delay_minutes: 58, created_at: NOW },
  ];
  const shaped = shapeViolations(rows, null);
  expect(shaped.map(violationText)).toEqual(['58 min, 13 over the target', '46 min, 1 over the target']);
  expect(shapeViolations(rows, 'Tunis').map(({ orderId }) => orderId)).toEqual(['1']);
});

test('ratings are weighted by reviews, positivity is positive over all reviews', () => {
  const row = (back: number, reviews: number, rating: number | null, positive: number) => ({
    ...{ window_start: NOW - back * MIN, restaurant_id: 5, entity_name: 'Dar', city_name: 'Tunis' },
    ...{ review_count: reviews, avg_rating: rating, pos_reviews: positive, neg_reviews: reviews - positive },
  });
  const { total, entities } = rollUp(
    [row(5, 9, 5, 9), row(10, 1, 1, 0), row(90, 50, 1, 0)],
    'restaurants',
    NOW,
    60,
  );
  expect(total).toEqual({ reviews: 10, avgRating: 4.6, positivePct: 90 });
  expect(entities).toEqual([{ id: '5', name: 'Dar', ...total }]);
  expect(rollUp([], 'couriers', NOW, 60).total).toEqual({ reviews: 0, avgRating: null, positivePct: null });
});

test('health is the worst any part reports, and no contact comes before all', () => {
  const part = (name: string, state: PartStatus['state'], detail = ''): PartStatus => ({
    ...{ part: name, state, detail, ratePerS: null, lag: null },
  });
  expect(health([part('log', 'ok'), part('capture', 'ok')], 'open')).toMatchObject({
    signal: 'ok',
    sentence: 'All 2 parts are working.',
  });
  expect(health([part('log', 'degraded', 'disk is full'), part('a', 'ok')], 'open')).toMatchObject({
    signal: 'warn',
    sentence: 'log degraded: disk is full',
  });
  expect(health([part('log', 'degraded'), part('job', 'failed')], 'open').signal).toBe('critical');
  expect(health([part('log', 'ok')], 'reconnecting').word).toBe('No contact');
  expect(health([], 'open').word).toBe('Not known');
  expect(shapeParts([{ part: 'x', state: 'odd' }])[0]?.state).toBe('degraded');
});

test('an empty answer never overwrites a good figure, and no model is never a number', () => {
  const good = readKpi({ orders_per_min: 17, orders_per_min_window: BASE, sla_today: 3, eta_mae_1h: null });
  const empty = readKpi({ orders_per_min: null, orders_per_min_window: null, sla_today: null });
  expect(mergeKpi(good, empty)).toMatchObject({
    ordersPerMin: 17,
    minuteStartMs: BASE,
    slaToday: 3,
    etaMae1h: null,
  });
  expect(mergeKpi(good, readKpi({ orders_per_min: 0, orders_per_min_window: BASE + MIN }))).toMatchObject({
    ordersPerMin: 0,
    minuteStartMs: BASE + MIN,
  });
  expect(readKpi('nonsense')).toMatchObject({ ordersPerMin: null, slaToday: null });
  expect(readKpi({ calculated_at: '1970-01-01T00:00:01Z' }).calculatedAtMs).toBe(1000);
});

test('stale after 2 minutes, hard-stale after 5, later for what changes seldom', () => {
  expect([freshness(2 * MIN - 1), freshness(2 * MIN), freshness(5 * MIN)]).toEqual([
    'live',
    'stale',
    'hard-stale',
  ]);
  expect(freshness(6 * MIN, 5 * MIN)).toBe('live');
  expect(freshness(null)).toBe('live');
});

test('a lost connection is counted up with what is being done', () => {
  const lost = {
    ...{ phase: 'reconnecting' as const, lostAtMs: NOW - 12_000, attempt: 3, nextTryAtMs: NOW + 4000 },
    ...{ clockOffsetMs: 0, pausedAtMs: null, heldBack: 0 },
  };
  expect(connectionText(lost, NOW)).toBe('Connection lost 12 s ago. Next attempt in 4 s.');
  expect(connectionText({ ...lost, nextTryAtMs: NOW }, NOW)).toBe(
    'Connection lost 12 s ago. Reconnecting now.',
  );
  expect(connectionText({ ...lost, phase: 'open' }, NOW)).toBeNull();
  expect([duration(200_000), duration(7_500_000)]).toEqual(['3 min 20 s', '2 h 5 min']);
});
