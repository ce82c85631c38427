import type { Rng } from 'millrace/app';
import { type Courier, isoInstant, type Restaurant, type User } from './entities.ts';
import { distanceKm } from './geo.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const FIRST_DAY_MS = Date.UTC(2025, 0, 1);
const DAYS = 90;
/** Hours 8 … 21, local time; 12, 13, 18 and 19 weigh three times as much. */
const HOURS = Array.from({ length: 14 }, (_, i) => i + 8);
const HOUR_WEIGHTS = HOURS.map(hour => ([12, 13, 18, 19].includes(hour) ? 3 : 1));
/** Africa/Tunis is UTC+1 all year. */
const ZONE_MS = 60 * MINUTE_MS;

export interface WeatherRow {
  readonly weather_id: number;
  readonly city_id: number;
  readonly timestamp: string;
  readonly weather: string;
}

/** One row a city and day. */
export function makeWeather(rng: Rng, cityIds: readonly number[]): WeatherRow[] {
  const kinds = ['Sunny', 'Cloudy', 'Rainy', 'Hot', 'Windy'];
  const rows: WeatherRow[] = [];
  for (let day = 0; day < DAYS; day++) {
    for (const city_id of cityIds) {
      const weather = kinds[rng.weighted([0.3, 0.2, 0.2, 0.15, 0.15])] as string;
      rows.push({
        weather_id: rows.length + 1,
        city_id,
        timestamp: isoInstant(FIRST_DAY_MS + day * DAY_MS),
        weather,
      });
    }
  }
  return rows;
}

interface World {
  readonly users: readonly User[];
  readonly restaurants: readonly Restaurant[];
  readonly couriers: readonly Courier[];
  readonly weather: readonly WeatherRow[];
  readonly posts: readonly { readonly post_id: number; readonly restaurant_id: number }[];
}

/**
 * Past orders, exactly `completed` and `cancelled` of them, in the order of their event times (completion
 * where
 * completed, else order time), because a snapshot is read in the order in which rows lie.
 */
export function makeOrders(rng: Rng, world: World, completed: number, cancelled: number) {
  const usersOf = groupBy(world.users, user => user.city_id);
  const couriersOf = groupBy(world.couriers, courier => courier.city_id);
  const postsOf = groupBy(world.posts, post => post.restaurant_id);
  const weatherOf = new Map(
    world.weather.map(row => [`${row.city_id} ${row.timestamp.slice(0, 10)}`, row.weather]),
  );
  const outcomes = shuffled(rng, [
    ...Array(completed).fill(true),
    ...Array(cancelled).fill(false),
  ] as boolean[]);
  const drafts = outcomes.map(isCompleted => {
    const restaurant = rng.pick(world.restaurants);
    const courier = rng.pick(couriersOf.get(restaurant.city_id) ?? world.couriers);
    const user = rng.pick(usersOf.get(restaurant.city_id) ?? world.users);
    const day = rng.int(0, DAYS - 1);
    const minuteOfDay = (HOURS[rng.weighted(HOUR_WEIGHTS)] as number) * 60 + rng.int(0, 59);
    const orderedMs = FIRST_DAY_MS + day * DAY_MS + minuteOfDay * MINUTE_MS - ZONE_MS + rng.int(0, 59) * 1000;
    const isRainy = weatherOf.get(`${restaurant.city_id} ${isoInstant(orderedMs).slice(0, 10)}`) === 'Rainy';
    const base = (20 + 5 * distanceKm(restaurant, user)) * courier.speed_multiplier + rng.normal(0, 5);
    const minutes = Math.round(Math.max(15, base) * (isRainy ? 1.3 : 1));
    const pickupMs = orderedMs + rng.int(10, 20) * MINUTE_MS;
    const price = rng.next() < 0.02 ? 100 + rng.next() * 400 : 10 + rng.next() * 40;
    return {
      eventMs: isCompleted ? pickupMs + minutes * MINUTE_MS : orderedMs,
      row: {
        user_id: user.user_id,
        restaurant_id: restaurant.restaurant_id,
        post_id:
          rng.next() < 0.3 ? (rng.pick(postsOf.get(restaurant.restaurant_id) ?? [])?.post_id ?? null) : null,
        delivery_person_id: courier.delivery_person_id,
        order_timestamp: isoInstant(orderedMs),
        pickup_time: isoInstant(pickupMs),
        delivery_latitude: user.latitude,
        delivery_longitude: user.longitude,
        status: isCompleted ? 'Completed' : 'Cancelled',
        total_price: Number(price.toFixed(2)),
        time_taken_minutes: isCompleted ? minutes : null,
        city_id: restaurant.city_id,
        is_promo: false,
      },
    };
  });
  drafts.sort((a, b) => a.eventMs - b.eventMs);
  return drafts.map(({ row }, i) => ({ order_id: i + 1, ...row }));
}

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

function shuffled<T>(rng: Rng, items: T[]): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = rng.int(0, i);
    [items[i], items[j]] = [items[j] as T, items[i] as T];
  }
  return items;
}
