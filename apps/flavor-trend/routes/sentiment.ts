import { defineRoute, defineRoutes, z } from 'millrace/app';
import { rollUpSentiment } from '../shaping/sentiment.ts';

/** The views hold four hours. */
const MINUTES_MAX = 240;

const response = z.object({
  rows: z.array(
    z.object({
      entity_id: z.number(),
      entity_name: z.string(),
      city_name: z.string(),
      reviews: z.number(),
      avg_rating: z.number().describe('Weighted by reviews'),
      pos: z.number(),
      neg: z.number(),
    }),
  ),
  version: z.number(),
});

/** FT-140 by FT-194, at both of its addresses. */
const sentiment = (path: string) =>
  defineRoute({
    path,
    summary: 'Reviews per restaurant or courier, most reviewed first',
    query: z.object({
      minutes: z.coerce.number().int().min(1).max(MINUTES_MAX).default(60),
      kind: z.enum(['restaurant', 'courier']).default('restaurant'),
    }),
    response,
    handle: (query, context) => {
      const view = context.view(`${query.kind}_sentiment`);
      const fromMs = context.nowMs() - query.minutes * 60_000;
      const idColumn = query.kind === 'restaurant' ? 'restaurant_id' : 'delivery_person_id';
      return { rows: rollUpSentiment(view.rows, idColumn, fromMs), version: view.version };
    },
  });

export default defineRoutes(sentiment('/api/sentiment'), sentiment('/api/sentiment/restaurants'));
