import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Row, toCsv } from '../../../apps/flavor-trend/reference/csv.ts';
import { makeDataSet, problemsOf } from '../../../apps/flavor-trend/reference/data-set.ts';
import { distanceKm } from '../../../apps/flavor-trend/reference/geo.ts';
import { PRAISE } from '../../../apps/flavor-trend/reference/words.ts';

const data = makeDataSet(42);
const rows = (table: string) => data.get(table) ?? [];
const bytes = (seed: number): string =>
  createHash('sha256')
    .update([...makeDataSet(seed).values()].map(toCsv).join(''))
    .digest('hex');

test('the same seed gives the same bytes, another seed others', () => {
  // Known, so that another engine or machine that draws differently is noticed.
  expect(bytes(42)).toBe('e8f054a5696b9553995c89ba24025ef25b1e0d720cfb87068660513fddc614c1');
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

const share = (part: number, whole: number): number => part / whole;
const shareOf = (table: string, holds: (row: Row) => boolean): number =>
  share(rows(table).filter(holds).length, rows(table).length);
const byId = (table: string, column: string): Map<unknown, Row> =>
  new Map(rows(table).map(row => [row[column], row]));

test('people, restaurants and couriers live in cities by population, near the centre', () => {
  const cities = byId('cities', 'city_id');
  const total = rows('cities').reduce((sum, city) => sum + Number(city.population), 0);
  for (const city of rows('cities')) {
    const expected = share(Number(city.population), total);
    expect(Math.abs(shareOf('users', user => user.city_id === city.city_id) - expected)).toBeLessThan(0.015);
  }
  for (const row of [...rows('users'), ...rows('restaurants')]) {
    const city = cities.get(row.city_id)!;
    expect(Math.abs(Number(row.latitude) - Number(city.latitude))).toBeLessThanOrEqual(0.050001);
    expect(Math.abs(Number(row.longitude) - Number(city.longitude))).toBeLessThanOrEqual(0.050001);
  }
});

test('old restaurants are rated higher than new ones, within 3 and 5; names follow their patterns', () => {
  const mean = (list: readonly Row[]): number =>
    list.reduce((sum, row) => sum + Number(row.rating), 0) / list.length;
  const old = rows('restaurants').filter(row => String(row.opening_date) < '2020-03-31');
  const young = rows('restaurants').filter(row => String(row.opening_date) > '2023-03-31');
  expect(mean(old)).toBeGreaterThan(4.5);
  expect(mean(young)).toBeLessThan(4);
  expect(shareOf('restaurants', row => Number(row.rating) < 3 || Number(row.rating) > 5)).toBe(0);
  expect(shareOf('restaurants', row => /bistro/i.test(String(row.name)))).toBeGreaterThan(0.2);
  expect(shareOf('restaurants', row => /bistro/i.test(String(row.name)))).toBeLessThan(0.4);
});

test('posts praise good restaurants, one day in five is rainy', () => {
  const restaurants = byId('restaurants', 'restaurant_id');
  const isPraise = (post: Row): boolean => PRAISE.some(text => String(post.description).startsWith(text));
  const good = rows('posts').filter(post => Number(restaurants.get(post.restaurant_id)?.rating) >= 3.5);
  const bad = rows('posts').filter(post => Number(restaurants.get(post.restaurant_id)?.rating) < 3.5);
  expect(share(good.filter(isPraise).length, good.length)).toBeCloseTo(0.8, 1);
  expect(share(bad.filter(isPraise).length, bad.length)).toBeCloseTo(0.4, 1);
  const expected = { Sunny: 0.3, Cloudy: 0.2, Rainy: 0.2, Hot: 0.15, Windy: 0.15 };
  for (const [weather, wanted] of Object.entries(expected)) {
    expect(Math.abs(shareOf('weather_conditions', row => row.weather === weather) - wanted)).toBeLessThan(
      0.03,
    );
  }
});

test('past orders peak at noon and in the evening, take longer in rain, and come from posts of their restaurant', () => {
  const hourOf = (row: Row): number => (new Date(String(row.order_timestamp)).getUTCHours() + 1) % 24;
  expect(shareOf('orders', row => [12, 13, 18, 19].includes(hourOf(row)))).toBeCloseTo(12 / 22, 1);
  expect(shareOf('orders', row => hourOf(row) < 8 || hourOf(row) > 21)).toBe(0);
  expect(shareOf('orders', row => Number(row.total_price) > 50)).toBeCloseTo(0.02, 2);
  expect(shareOf('orders', row => row.post_id !== null)).toBeCloseTo(0.3, 1);
  const posts = byId('posts', 'post_id');
  const foreign = rows('orders').filter(
    row => row.post_id !== null && posts.get(row.post_id)?.restaurant_id !== row.restaurant_id,
  );
  expect(foreign).toEqual([]);
  const weather = new Map(
    rows('weather_conditions').map(row => [
      `${row.city_id} ${String(row.timestamp).slice(0, 10)}`,
      row.weather,
    ]),
  );
  const minutes = (isRainy: boolean): number => {
    const taken = rows('orders')
      .filter(row => row.status === 'Completed')
      .filter(row => {
        const day = String(row.order_timestamp).slice(0, 10);
        return (weather.get(`${row.city_id} ${day}`) === 'Rainy') === isRainy;
      })
      .map(row => Number(row.time_taken_minutes));
    return taken.reduce((sum, value) => sum + value, 0) / taken.length;
  };
  expect(minutes(true) / minutes(false)).toBeCloseTo(1.3, 1);
});

test('the distance from Tunis to Sfax is some 234 km', () => {
  const tunis = { latitude: 36.8065, longitude: 10.1815 };
  expect(distanceKm(tunis, { latitude: 34.7406, longitude: 10.7603 })).toBeCloseTo(235.6, 0);
});
