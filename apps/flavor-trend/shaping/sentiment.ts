/** Reviews of one restaurant or courier over several windows. */
export interface SentimentRow {
  readonly entity_id: number;
  readonly entity_name: string;
  readonly city_name: string;
  readonly reviews: number;
  readonly avg_rating: number;
  readonly pos: number;
  readonly neg: number;
}

/**
 * FT-194: windows from `fromMs` on, per entity; the average rating weighted by the reviews of each window.
 */
export function rollUpSentiment(
  windows: readonly Readonly<Record<string, unknown>>[],
  idColumn: string,
  fromMs: number,
): SentimentRow[] {
  const byEntity = new Map<number, SentimentRow>();
  for (const window of windows) {
    if (Number(window['window_end']) <= fromMs) continue;
    const id = Number(window[idColumn]);
    const before = byEntity.get(id) ?? empty(id, String(window['entity_name']), String(window['city_name']));
    const count = Number(window['review_count']);
    const reviews = before.reviews + count;
    byEntity.set(id, {
      ...before,
      reviews,
      avg_rating: (before.avg_rating * before.reviews + Number(window['avg_rating']) * count) / reviews,
      pos: before.pos + Number(window['pos_reviews']),
      neg: before.neg + Number(window['neg_reviews']),
    });
  }
  return [...byEntity.values()].sort((a, b) => b.reviews - a.reviews || a.entity_id - b.entity_id);
}

function empty(id: number, name: string, city: string): SentimentRow {
  return { entity_id: id, entity_name: name, city_name: city, reviews: 0, avg_rating: 0, pos: 0, neg: 0 };
}
