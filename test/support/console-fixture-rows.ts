import type { ViewRow } from '../../src/live/protocol.ts';
import type { ConsoleFixtureServer } from './console-fixture-server.ts';

const MINUTE_MS = 60_000;
const CITIES = ['Tunis', 'Sfax', 'Sousse', 'Ariana', 'Bizerte', 'Gabès', 'Nabeul', 'Monastir'];
const RESTAURANTS = [
  'Dar Zarrouk',
  'Chez Slah',
  'Le Golfe',
  'Pizza Sidi Bou',
  'Burger Carthage',
  'Sushi La Marsa',
];
const COURIERS = ['Amine Trabelsi', 'Sarra Ben Ali', 'Youssef Gharbi', 'Ines Chaabane'];

/** A small repeatable wave, 0 to `size - 1`: the same rows in every run. */
const wave = (index: number, size: number): number => (index * 7 + ((index * index) % 11)) % size;
const pick = (list: readonly string[], index: number): string => list[index % list.length] as string;

/** Orders in all four states around `nowMs`. */
export function orderRows(nowMs: number, count = 120): ViewRow[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = index % 6;
    const placedMs = nowMs - (kind < 3 ? 1 + wave(index, 24) : 40 + wave(index, 300)) * MINUTE_MS;
    const done = kind === 3 || kind === 4;
    const status = done ? 'Completed' : kind === 5 ? 'Cancelled' : 'Processing';
    return {
      order_id: 104_200 + index,
      city_name: pick(CITIES, wave(index, 8)),
      restaurant_name: pick(RESTAURANTS, index),
      status,
      total_price: `${10 + wave(index, 40)}.${index % 2 === 0 ? '50' : '00'}`,
      order_timestamp: kind === 5 ? nowMs - wave(index, 20) * MINUTE_MS : placedMs,
      pickup_time: kind === 5 ? null : placedMs + (10 + wave(index, 10)) * MINUTE_MS,
      time_taken_minutes: done || kind === 1 ? 20 + wave(index, 30) : null,
    };
  });
}

/** City minutes of the last hour; three minutes in the middle are missing altogether. */
export function minuteRows(nowMs: number): ViewRow[] {
  const lastMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
  const rows: ViewRow[] = [];
  for (let back = 0; back < 60; back++) {
    if (back >= 30 && back < 33) continue;
    for (const [index, city] of CITIES.entries()) {
      const count = wave(back + index * 3, 5);
      if (count === 0) continue;
      const startMs = lastMs - back * MINUTE_MS;
      rows.push({
        city_name: city,
        window_start: startMs,
        window_end: startMs + MINUTE_MS,
        order_count: count,
        avg_delivery_time: 30 + wave(back, 12) + 0.5,
      });
    }
  }
  return rows;
}

/** Late deliveries; the first took 58 minutes. */
export function violationRows(nowMs: number, count = 31): ViewRow[] {
  return Array.from({ length: count }, (_, index) => ({
    order_id: 103_900 - index,
    city_name: pick(CITIES, wave(index, 8)),
    delivery_person_id: 300 + wave(index, 40),
    courier_name: pick(COURIERS, index),
    delay_minutes: 58 - (index === 0 ? 0 : wave(index, 12)),
    created_at: nowMs - index * 4 * MINUTE_MS,
  }));
}

function sentimentRows(nowMs: number, id: string, names: readonly string[]): ViewRow[] {
  return names.flatMap((name, index) =>
    Array.from({ length: 6 }, (_, window) => {
      const startMs = Math.floor(nowMs / (5 * MINUTE_MS)) * 5 * MINUTE_MS - (window + 1) * 5 * MINUTE_MS;
      const reviews = 2 + wave(index + window, 6);
      const positive = Math.round(reviews * [0.9, 0.7, 0.5, 0.3][index % 4]!);
      return {
        window_start: startMs,
        window_end: startMs + 5 * MINUTE_MS,
        [id]: 40 + index,
        entity_name: name,
        city_name: pick(CITIES, index),
        review_count: reviews,
        avg_rating: 2 + 2.6 * (positive / reviews),
        pos_reviews: positive,
        neg_reviews: reviews - positive,
      };
    }),
  );
}

export const STATUS_ROWS: readonly ViewRow[] = [
  ['postgres', 'ok', 'PostgreSQL 18.4 answers.', null, null],
  ['log', 'ok', '18 topics, 42 partitions.', 31.4, null],
  ['capture', 'ok', 'Streaming from one slot.', 29.8, 0],
  ['job city_kpi', 'ok', 'Running, last checkpoint 4 s ago.', 15.2, 3],
  ['job sla_monitor', 'ok', 'Running, last checkpoint 4 s ago.', 15.2, 0],
  ['job sentiment', 'ok', 'Running, last checkpoint 5 s ago.', 9.1, 12],
  ['live', 'ok', '6 views, 1 browser.', 41, null],
  ['generator', 'ok', '15 orders a minute.', 0.3, null],
].map(([part, state, detail, ratePerS, lag]) => ({ part, state, detail, ratePerS, lag }) as ViewRow);

/** Everything well and plenty of it. */
export function fill(server: ConsoleFixtureServer, nowMs: number): void {
  const asOfMs = nowMs;
  server.views.set('live_orders', { key: ['order_id'], rows: orderRows(nowMs), asOfMs });
  server.views.set('orders_per_minute', {
    key: ['city_name', 'window_start'],
    rows: minuteRows(nowMs),
    asOfMs,
  });
  server.views.set('sla_violations', { key: ['order_id'], rows: violationRows(nowMs), asOfMs });
  server.views.set('restaurant_sentiment', {
    key: ['restaurant_id', 'window_start'],
    rows: sentimentRows(nowMs, 'restaurant_id', RESTAURANTS),
    asOfMs,
  });
  server.views.set('courier_sentiment', {
    key: ['delivery_person_id', 'window_start'],
    rows: sentimentRows(nowMs, 'delivery_person_id', COURIERS),
    asOfMs,
  });
  server.views.set('platform.status', { key: ['part'], rows: STATUS_ROWS, asOfMs });
  server.kpi = {
    orders_per_min: 6,
    orders_per_min_window: Math.floor(nowMs / MINUTE_MS) * MINUTE_MS - MINUTE_MS,
    sla_today: 31,
    eta_mae_1h: null,
    window_ms: MINUTE_MS,
    calculated_at: nowMs,
  };
}
