import type { ViewRow } from '../../../src/live/protocol.ts';
import { MINUTE_MS, num, text } from './values.ts';

export type SentimentKind = 'restaurants' | 'couriers';

export interface Sentiment {
  readonly reviews: number;
  /** Weighted by the reviews of each window; null without reviews. */
  readonly avgRating: number | null;
  readonly positivePct: number | null;
}
export interface EntitySentiment extends Sentiment {
  readonly id: string;
  readonly name: string;
}

interface Sums {
  reviews: number;
  rated: number;
  ratingSum: number;
  positive: number;
}

const COLUMNS = {
  restaurants: { id: 'restaurant_id', names: ['restaurant_name', 'entity_name', 'name'], noun: 'Restaurant' },
  couriers: { id: 'delivery_person_id', names: ['courier_name', 'entity_name', 'name'], noun: 'Courier' },
} as const;

const noSums = (): Sums => ({ reviews: 0, rated: 0, ratingSum: 0, positive: 0 });

function add(sums: Sums, row: ViewRow): void {
  const reviews = num(row, 'review_count') ?? 0;
  const rating = num(row, 'avg_rating');
  sums.reviews += reviews;
  sums.positive += num(row, 'pos_reviews') ?? 0;
  if (rating === null) return;
  sums.rated += reviews;
  sums.ratingSum += rating * reviews;
}

function summary(sums: Sums): Sentiment {
  return {
    reviews: sums.reviews,
    avgRating: sums.rated > 0 ? sums.ratingSum / sums.rated : null,
    positivePct: sums.reviews > 0 ? (sums.positive / sums.reviews) * 100 : null,
  };
}

function inScope(row: ViewRow, fromMs: number, city: string | null): boolean {
  return (num(row, 'window_start') ?? 0) >= fromMs && (city === null || row['city_name'] === city);
}

/**
 * Rolls the windows of the last `minutes` up, in total and per restaurant or courier, most reviewed first.
 */
export function rollUp(
  rows: readonly ViewRow[],
  kind: SentimentKind,
  nowMs: number,
  minutes: number,
  city: string | null = null,
): { total: Sentiment; entities: EntitySentiment[] } {
  const columns = COLUMNS[kind];
  const total = noSums();
  const byId = new Map<string, { name: string; sums: Sums }>();
  for (const row of rows) {
    if (!inScope(row, nowMs - minutes * MINUTE_MS, city)) continue;
    const id = text(row, columns.id) ?? '?';
    const name = columns.names.map(column => text(row, column)).find(found => found !== null);
    const entity = byId.get(id) ?? { name: name ?? `${columns.noun} ${id}`, sums: noSums() };
    byId.set(id, entity);
    add(entity.sums, row);
    add(total, row);
  }
  const entities = [...byId].map(([id, { name, sums }]) => ({ id, name, ...summary(sums) }));
  entities.sort((a, b) => b.reviews - a.reviews || a.name.localeCompare(b.name));
  return { total: summary(total), entities };
}

/** Whether rows tell their city, so that the page's city filter can be honoured. */
export function hasCity(rows: readonly ViewRow[]): boolean {
  return rows.some(row => text(row, 'city_name') !== null);
}

export type Mood = 'good' | 'mixed' | 'poor';

/** 65 % and more is good, below 45 % is poor. */
export function mood(positivePct: number): Mood {
  if (positivePct >= 65) return 'good';
  return positivePct < 45 ? 'poor' : 'mixed';
}
