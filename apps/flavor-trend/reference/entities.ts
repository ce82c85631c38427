import type { Rng } from 'millrace/app';
import { CITIES, type City } from './cities.ts';
import {
  AMERICAN_FORMS,
  AMERICAN_NAMES,
  BISTRO_FORMS,
  COMPLAINT,
  DESCRIPTION_PLACES,
  DESCRIPTION_SUBJECTS,
  DISHES,
  FAMILY_NAMES,
  FRENCH_FORMS,
  FRENCH_NAMES,
  GIVEN_NAMES,
  PRAISE,
  STREETS,
} from './words.ts';

/** The day on which the reference data were "taken". */
export const REFERENCE_DAY_MS = Date.UTC(2025, 2, 31);
const DAY_MS = 86_400_000;

export const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
export const isoInstant = (ms: number): string => new Date(ms).toISOString();
const round = (value: number, digits: number): number => Number(value.toFixed(digits));

const weights = CITIES.map(city => city.population);
/** Cities are drawn by population, places lie within 0.05° of the centre. */
const drawCity = (rng: Rng): City => CITIES[rng.weighted(weights)] as City;
const jitter = (rng: Rng, centre: number, by: number): number => round(centre + (rng.next() * 2 - 1) * by, 6);

/** A person's row; 60 % joined in the last six months, the rest within two years. */
export function makeUser(rng: Rng, id: number, joinedMs?: number) {
  const city = drawCity(rng);
  const [given, family] = [rng.pick(GIVEN_NAMES), rng.pick(FAMILY_NAMES)];
  const username = `${given}.${family}${id}`.toLowerCase();
  const daysAgo = rng.next() < 0.6 ? rng.int(0, 181) : rng.int(182, 730);
  return {
    user_id: id,
    username,
    email: `${username}@example.tn`,
    password: `scrypt$${Array.from({ length: 4 }, () => rng.int(0, 0xffffff).toString(16).padStart(6, '0')).join('')}`,
    address: `${rng.int(1, 220)} ${rng.pick(STREETS)}, ${city.city_name}`,
    city_id: city.city_id,
    registration_date: isoDay(joinedMs ?? REFERENCE_DAY_MS - daysAgo * DAY_MS),
    latitude: jitter(rng, city.latitude, 0.05),
    longitude: jitter(rng, city.longitude, 0.05),
  };
}
export type User = ReturnType<typeof makeUser>;

/** 70 % French or Tunisian names, 30 % American; 30 % of all styled as a bistro. */
function restaurantName(rng: Rng): string {
  const isFrench = rng.next() < 0.7;
  const isBistro = rng.next() < 0.3;
  const form = rng.pick(isBistro ? BISTRO_FORMS : isFrench ? FRENCH_FORMS : AMERICAN_FORMS);
  return form.replace('{}', rng.pick(isFrench ? FRENCH_NAMES : AMERICAN_NAMES));
}

/** Ratings grow with age: mean 3 + 2·min(years, 5)/5, sd 0.5, clipped to 3.0 … 5.0. */
export function makeRestaurants(rng: Rng, count: number) {
  const descriptions = DESCRIPTION_SUBJECTS.flatMap(subject =>
    DESCRIPTION_PLACES.flatMap(place => [`${subject} ${place}.`, `${subject} ${place}.`]),
  );
  return Array.from({ length: count }, (_, i) => {
    const city = drawCity(rng);
    const ageDays = rng.int(30, 3650);
    const mean = 3 + (2 * Math.min(ageDays / 365.25, 5)) / 5;
    return {
      restaurant_id: i + 1,
      name: restaurantName(rng),
      description: descriptions.splice(rng.int(0, descriptions.length - 1), 1)[0] as string,
      latitude: jitter(rng, city.latitude, 0.05),
      longitude: jitter(rng, city.longitude, 0.05),
      city_id: city.city_id,
      rating: round(Math.min(5, Math.max(3, rng.normal(mean, 0.5))), 1),
      opening_date: isoDay(REFERENCE_DAY_MS - ageDays * DAY_MS),
    };
  });
}
export type Restaurant = ReturnType<typeof makeRestaurants>[number];

/** 5 … 15 dishes a restaurant, exactly `total` in all; 5 % have no price. */
export function makeMenu(rng: Rng, restaurants: readonly Restaurant[], total: number) {
  const counts = restaurants.map(() => rng.int(5, 15));
  for (let left = total - counts.reduce((a, b) => a + b, 0); left !== 0; ) {
    const at = rng.int(0, counts.length - 1);
    const next = (counts[at] as number) + Math.sign(left);
    if (next < 5 || next > 15) continue;
    counts[at] = next;
    left -= Math.sign(left);
  }
  const categories = Object.keys(DISHES);
  return restaurants
    .flatMap(({ restaurant_id }, r) =>
      Array.from({ length: counts[r] as number }, () => {
        const category = rng.pick(categories);
        const { names, price } = DISHES[category] as (typeof DISHES)[string];
        return {
          restaurant_id,
          item_name: rng.pick(names),
          item_category: category,
          item_price: rng.next() < 0.05 ? null : round(price[0] + rng.next() * (price[1] - price[0]), 2),
          available_quantity: rng.int(10, 100),
        };
      }),
    )
    .map((item, i) => ({ item_id: i + 1, ...item }));
}
export type MenuItem = ReturnType<typeof makeMenu>[number];

/** Couriers; every city of a restaurant has at least one. */
export function makeCouriers(rng: Rng, count: number, restaurants: readonly Restaurant[]) {
  const needed = [...new Set(restaurants.map(restaurant => restaurant.city_id))];
  return Array.from({ length: count }, (_, i) => {
    const condition = rng.int(1, 5);
    const drawn = drawCity(rng).city_id;
    return {
      delivery_person_id: i + 1,
      name: `${rng.pick(GIVEN_NAMES)} ${rng.pick(FAMILY_NAMES)}`,
      age: rng.int(20, 50),
      ratings: round(3 + rng.next() * 2, 1),
      vehicle_type: rng.pick(['motorcycle', 'scooter', 'car', 'bicycle']),
      vehicle_condition: condition,
      speed_multiplier: round(1 + 0.1 * (5 - condition), 2),
      city_id: needed[i] ?? drawn,
    };
  });
}
export type Courier = ReturnType<typeof makeCouriers>[number];

/** The text and instant of a post: mostly positive where the restaurant is good. */
export function makePost(rng: Rng, restaurant: Restaurant, postedMs: number, positiveShare: number) {
  const text = rng.pick(rng.next() < positiveShare ? PRAISE : COMPLAINT);
  return {
    restaurant_id: restaurant.restaurant_id,
    image_url: `/images/posts/${rng.int(1, 400)}.jpg`,
    description: `${text} at ${restaurant.name}.`,
    posted_at: isoInstant(postedMs),
  };
}
