import { seededRng } from 'millrace/app';
import { CITIES } from './cities.ts';
import type { Row } from './csv.ts';
import { makeCouriers, makeMenu, makePost, makeRestaurants, makeUser, REFERENCE_DAY_MS } from './entities.ts';
import { makeOrders, makeWeather } from './orders.ts';
import { FESTIVALS } from './words.ts';

const DAY_MS = 86_400_000;
const SIZES = {
  users: 5000,
  restaurants: 200,
  menu: 2044,
  couriers: 100,
  posts: 5000,
  completed: 8987,
  cancelled: 1013,
};

/** The reference data, table by table in the order of their foreign keys. Same seed, same bytes. */
export function makeDataSet(seed: number): ReadonlyMap<string, readonly Row[]> {
  const rng = seededRng(seed);
  const users = Array.from({ length: SIZES.users }, (_, i) => makeUser(rng, i + 1));
  const restaurants = makeRestaurants(rng, SIZES.restaurants);
  const menu = makeMenu(rng, restaurants, SIZES.menu);
  const couriers = makeCouriers(rng, SIZES.couriers, restaurants);
  const posts = Array.from({ length: SIZES.posts }, (_, i) => {
    const restaurant = rng.pick(restaurants);
    const postedMs = REFERENCE_DAY_MS - rng.int(0, 89) * DAY_MS - rng.int(0, DAY_MS - 1);
    return { post_id: i + 1, ...makePost(rng, restaurant, postedMs, restaurant.rating >= 3.5 ? 0.8 : 0.4) };
  });
  const weather = makeWeather(
    rng,
    CITIES.map(city => city.city_id),
  );
  const world = { users, restaurants, couriers, weather, posts };
  const nameOf = new Map(CITIES.map(city => [city.city_id, city.city_name]));
  return new Map<string, readonly Row[]>([
    ['cities', CITIES.map(city => ({ ...city }))],
    ['users', users],
    ['restaurants', restaurants],
    ['menu_items', menu],
    ['delivery_personnel', couriers],
    [
      'courier_profiles',
      couriers.map(({ delivery_person_id, city_id }) => ({
        delivery_person_id,
        city_name: nameOf.get(city_id) ?? null,
      })),
    ],
    ['posts', posts],
    ['weather_conditions', weather.map(row => ({ ...row }))],
    [
      'festivals_holidays',
      FESTIVALS.map(([festival_name, date, type], i) => ({
        festival_id: i + 1,
        city_id: 1,
        festival_name,
        date,
        type,
      })),
    ],
    ['orders', makeOrders(rng, world, SIZES.completed, SIZES.cancelled)],
  ]);
}

/**
 * What is wrong with a data set: duplicate primary keys (the first column) and references to rows that are
 * not there.
 */
export function problemsOf(data: ReadonlyMap<string, readonly Row[]>): string[] {
  const problems: string[] = [];
  const keys = new Map<string, Set<unknown>>();
  for (const [table, rows] of data) {
    const key = Object.keys(rows[0] ?? {})[0] ?? '';
    const seen = new Set(rows.map(row => row[key]));
    keys.set(table, seen);
    if (seen.size < rows.length) problems.push(`${table}: ${rows.length - seen.size} duplicate ${key}`);
  }
  const references: readonly [string, string][] = [
    ['city_id', 'cities'],
    ['user_id', 'users'],
    ['restaurant_id', 'restaurants'],
    ['post_id', 'posts'],
    ['delivery_person_id', 'delivery_personnel'],
  ];
  for (const [table, rows] of data) {
    for (const [column, target] of references) {
      const dangling = rows.filter(row => row[column] != null && !keys.get(target)?.has(row[column])).length;
      if (dangling > 0) problems.push(`${table}.${column}: ${dangling} rows point at no ${target}`);
    }
  }
  return problems;
}
