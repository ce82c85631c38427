import type { Rng } from 'millrace/app';
import { isoInstant } from '../reference/entities.ts';
import { distanceKm, type Place } from '../reference/geo.ts';
import { COMPLAINT, PRAISE } from '../reference/words.ts';
import type { Flags } from './flags.ts';
import type { TrafficSettings } from './settings.ts';
import { cancelChance, extraMinutes, weatherAt } from './weather.ts';
import type { TrafficRestaurant, World } from './world.ts';

const MINUTE_MS = 60_000;
/** Reviews follow the meal by one to five minutes. */
const REVIEW_DELAY_MIN = [1, 5] as const;

/** What will happen to an order, decided when it is placed and never shortened. */
export interface OrderPlan {
  readonly kind: 'complete' | 'cancel' | 'review';
  readonly due_at: string;
  readonly dueMs: number;
  readonly details: Readonly<Record<string, string | number>>;
}

/** An order as it is placed, with its lines, its route and its plans. `order_id` is given at writing. */
export interface NewOrder {
  readonly orderedMs: number;
  readonly row: Readonly<Record<string, string | number | boolean | null>>;
  readonly items: readonly {
    readonly menu_item_id: number;
    readonly qty: number;
    readonly unit_price: number;
  }[];
  readonly route: Readonly<Record<string, unknown>>;
  readonly plans: readonly OrderPlan[];
}

/** Draw an order at an instant; null where the city has no courier to send. */
export function makeOrder(
  rng: Rng,
  world: World,
  settings: TrafficSettings,
  flags: Flags,
  orderedMs: number,
): NewOrder | null {
  const { restaurants } = world;
  const weights = restaurants.map(restaurant => restaurant.rating * flags.promoFactor(restaurant.city_id));
  const restaurant = restaurants[rng.weighted(weights)] as TrafficRestaurant;
  const { city_id } = restaurant;
  const couriers = world.couriersOf.get(city_id) ?? [];
  const working = couriers.slice(0, Math.ceil(couriers.length * (1 - flags.outage(city_id))));
  const users = world.usersOf.get(city_id) ?? [];
  if (working.length === 0 || users.length === 0 || restaurant.menu.length === 0) return null;
  const courier = rng.pick(working);
  const door: Place = {
    latitude: restaurant.latitude + (rng.next() * 2 - 1) * 0.005,
    longitude: restaurant.longitude + (rng.next() * 2 - 1) * 0.005,
  };
  const items = drawItems(rng, restaurant);
  const pickupMs = orderedMs + rng.int(10, 20) * MINUTE_MS;
  const weather = weatherAt(
    settings.seed,
    city_id,
    orderedMs,
    settings.weatherIntervalMs,
    flags.rain(city_id),
  );
  const base = Math.min(90, Math.max(5, Math.round(rng.normal(30, 15))));
  const minutes = base + extraMinutes(rng, weather);
  const posts = world.postsOf.get(restaurant.restaurant_id) ?? [];
  return {
    orderedMs,
    row: {
      user_id: rng.pick(users),
      restaurant_id: restaurant.restaurant_id,
      post_id: posts.length > 0 && rng.next() < 0.3 ? rng.pick(posts) : null,
      delivery_person_id: courier,
      order_timestamp: isoInstant(orderedMs),
      pickup_time: isoInstant(pickupMs),
      delivery_latitude: door.latitude,
      delivery_longitude: door.longitude,
      status: 'Processing',
      total_price: Number(items.reduce((sum, item) => sum + item.qty * item.unit_price, 0).toFixed(2)),
      city_id,
      is_promo: flags.promoFactor(city_id) > 1,
    },
    items,
    route: makeRoute(rng, restaurant, door, courier, pickupMs, minutes),
    plans: makePlans(rng, settings, pickupMs, minutes, rng.next() < cancelChance(weather)),
  };
}

/** The order's end, and its review where there will be one. */
function makePlans(
  rng: Rng,
  settings: TrafficSettings,
  pickupMs: number,
  minutes: number,
  isCancelled: boolean,
): OrderPlan[] {
  if (isCancelled) return [plan('cancel', pickupMs + rng.int(1, 25) * MINUTE_MS, {})];
  const endMs = pickupMs + minutes * MINUTE_MS;
  const end = plan('complete', endMs, { minutes });
  if (rng.next() >= settings.reviewShare) return [end];
  // Long deliveries please fewer people.
  const isPositive = rng.next() < (minutes > 45 ? 0.45 : 0.8);
  const rating = isPositive ? rng.int(4, 5) : rng.int(1, 3);
  const reviewedMs = endMs + rng.int(REVIEW_DELAY_MIN[0] * 60, REVIEW_DELAY_MIN[1] * 60) * 1000;
  const text = rng.pick(isPositive ? PRAISE : COMPLAINT);
  return [end, plan('review', reviewedMs, { sentiment: isPositive ? 'positive' : 'negative', text, rating })];
}

function plan(kind: OrderPlan['kind'], dueMs: number, details: OrderPlan['details']): OrderPlan {
  return { kind, dueMs, due_at: isoInstant(dueMs), details };
}

/** One to three dishes that cost 10 to 50 together. */
function drawItems(rng: Rng, restaurant: TrafficRestaurant): NewOrder['items'] {
  const lines: { menu_item_id: number; qty: number; unit_price: number }[] = [];
  let total = 0;
  for (let wanted = rng.int(1, 3); lines.length < wanted || total < 10; wanted--) {
    const { item_id, price } = rng.pick(restaurant.menu);
    const qty = Math.max(
      1,
      Math.ceil((10 - total) / price) > 1 ? Math.ceil((10 - total) / price) : rng.int(1, 2),
    );
    if (total + qty * price > 50) {
      if (total >= 10) break;
      lines.push({ menu_item_id: item_id, qty: 1, unit_price: Math.min(price, 50 - total) });
      break;
    }
    lines.push({ menu_item_id: item_id, qty, unit_price: price });
    total += qty * price;
  }
  return lines;
}

/** A path along streets: alternately east and north in uneven steps. */
function makeRoute(
  rng: Rng,
  from: Place,
  to: Place,
  courier: number,
  startMs: number,
  minutes: number,
): NewOrder['route'] {
  const steps = rng.int(4, 8);
  const points: Place[] = [from];
  for (let i = 1; i < steps; i++) {
    const share = i / steps;
    const along = (a: number, b: number, ahead: number): number => a + (b - a) * Math.min(1, share + ahead);
    points.push({
      latitude: along(from.latitude, to.latitude, i % 2 ? 0 : 0.5 / steps),
      longitude: along(from.longitude, to.longitude, i % 2 ? 0.5 / steps : 0),
    });
  }
  points.push(to);
  const km = points.slice(1).reduce((sum, point, i) => sum + distanceKm(points[i] as Place, point), 0);
  return {
    delivery_person_id: courier,
    route_geometry: {
      type: 'LineString',
      coordinates: points.map(point => [point.longitude, point.latitude]),
    },
    waypoints: points.map(point => ({ lat: point.latitude, lon: point.longitude })),
    total_distance_km: Number(km.toFixed(3)),
    estimated_duration_min: Number((minutes * (0.85 + rng.next() * 0.3)).toFixed(1)),
    route_started_at: isoInstant(startMs),
  };
}
