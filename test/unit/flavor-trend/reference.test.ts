import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { toCsv } from '../../../apps/flavor-trend/reference/csv.ts';
import { makeDataSet, problemsOf } from '../../../apps/flavor-trend/reference/data-set.ts';
import { distanceKm } from '../../../apps/flavor-trend/reference/geo.ts';

const data = makeDataSet(42);
const rows = (table: string) => data.get(table) ?? [];
const bytes = (seed: number): string =>
  createHash('sha256')
    .update([...makeDataSet(seed).values()].map(toCsv).join(''))
    .digest('hex');

test('the same seed gives the same bytes, another seed others', () => {
  expect(bytes(42)).toBe(bytes(42));
  expect(bytes(43)).not.toBe(bytes(42));
});

test('the tables have their sizes', () => {
  const sizes = Object.fromEntries([...data].map(([table, all]) => [table, all.length]));
  expect(sizes).toEqual({
    cities: 24,
    users: 5000,
    restaurants: 200,
    menu_items: 2044,
    delivery_personnel: 100,
    courier_profiles: 100,
    posts: 5000,
    weather_conditions: 2160,
    festivals_holidays: 13,
    orders: 10000,
  });
  expect(rows('orders').filter(order => order.status === 'Completed')).toHaveLength(8987);
  expect(rows('orders').filter(order => order.status === 'Cancelled')).toHaveLength(1013);
});

test('keys are unique and every reference has its row; a broken one is reported', () => {
  expect(problemsOf(data)).toEqual([]);
  const broken = new Map([
    ...data,
    ['posts', [...rows('posts'), { ...rows('posts')[0]!, restaurant_id: 999 }]],
  ]);
  expect(problemsOf(broken)).toEqual([
    'posts: 1 duplicate post_id',
    'posts.restaurant_id: 1 rows point at no restaurants',
  ]);
});

test('past orders lie in the order of their event times', () => {
  const times = rows('orders').map(order =>
    order.status === 'Completed'
      ? Date.parse(String(order.pickup_time)) + Number(order.time_taken_minutes) * 60_000
      : Date.parse(String(order.order_timestamp)),
  );
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test('ratings, menus, couriers, registrations and descriptions keep their rules', () => {
  const prices = { 'Fast Food': [5, 15], Casual: [15, 30], Dessert: [5, 10], Drinks: [2, 8] } as const;
  for (const item of rows('menu_items')) {
    const [low, high] = prices[item.item_category as keyof typeof prices];
    if (item.item_price !== null) {
      expect(Number(item.item_price)).toBeGreaterThanOrEqual(low);
      expect(Number(item.item_price)).toBeLessThanOrEqual(high);
    }
  }
  const unpriced = rows('menu_items').filter(item => item.item_price === null).length / 2044;
  expect(unpriced).toBeGreaterThan(0.03);
  expect(unpriced).toBeLessThan(0.07);
  for (const courier of rows('delivery_personnel')) {
    expect(courier.speed_multiplier).toBeCloseTo(1 + 0.1 * (5 - Number(courier.vehicle_condition)), 2);
  }
  const recent = rows('users').filter(user => String(user.registration_date) >= '2024-10-01').length / 5000;
  expect(recent).toBeGreaterThan(0.56);
  expect(recent).toBeLessThan(0.64);
  const texts = new Map<unknown, number>();
  for (const { description } of rows('restaurants'))
    texts.set(description, (texts.get(description) ?? 0) + 1);
  expect(Math.max(...texts.values())).toBeLessThanOrEqual(2);
});

test('the distance from Tunis to Sfax is some 234 km', () => {
  const tunis = { latitude: 36.8065, longitude: 10.1815 };
  expect(distanceKm(tunis, { latitude: 34.7406, longitude: 10.7603 })).toBeCloseTo(235.6, 0);
});
