import { useMemo } from 'react';
import { formatCount, formatTenth } from '../../format.ts';
import { useServerNowMs } from '../../live/clock.ts';
import { useView } from '../../live/live-context.tsx';
import { Empty, Panel } from '../../parts/panel.tsx';
import { Segments } from '../../parts/segments.tsx';
import { setParam, useParam } from '../../router/router.ts';
import {
  type EntitySentiment,
  hasCity,
  type Mood,
  mood,
  rollUp,
  type SentimentKind,
} from '../../shaping/sentiment.ts';
import { MINUTE_MS } from '../../shaping/values.ts';
import css from './overview.module.css';

const WINDOW_MIN = 60;
const SHOWN = 4;
const WORD: Readonly<Record<Mood, string>> = { good: 'good', mixed: 'mixed', poor: 'poor' };

/** Reviews of the last hour: how many, how good, and of whom most. */
export function SentimentPanel() {
  const kind: SentimentKind = useParam('sentiment') === 'couriers' ? 'couriers' : 'restaurants';
  const viewName = kind === 'couriers' ? 'courier_sentiment' : 'restaurant_sentiment';
  const view = useView(viewName);
  const minute = Math.floor(useServerNowMs() / MINUTE_MS);
  const city = useParam('city');
  const byCity = hasCity(view.rows);
  const { total, entities } = useMemo(
    () => rollUp(view.rows, kind, minute * MINUTE_MS, WINDOW_MIN, byCity ? city : null),
    [view.rows, kind, minute, byCity, city],
  );
  return (
    <Panel
      title="Customer sentiment"
      viewName={viewName}
      view={view}
      shownRows={total.reviews}
      scope={`${byCity && city !== null ? city : 'all cities'}, ${WINDOW_MIN} min`}
      cadenceMs={5 * MINUTE_MS}
      skeletonRows={6}
      controls={
        <Segments
          label="Sentiment of"
          value={kind}
          options={[
            { value: 'restaurants', label: 'Restaurants' },
            { value: 'couriers', label: 'Couriers' },
          ]}
          onChange={chosen => setParam('sentiment', chosen === 'couriers' ? chosen : null)}
        />
      }
      empty={
        <Empty>Reviews of the last hour would be here, in windows of five minutes that have closed.</Empty>
      }
    >
      <dl className={css['figures']}>
        <Figure name="Reviews" value={formatCount(total.reviews)} />
        <Figure
          name="Average rating"
          value={total.avgRating === null ? 'none' : `${total.avgRating.toFixed(2)} of 5`}
        />
        <Figure
          name="Positive"
          value={total.positivePct === null ? 'none' : `${formatTenth(total.positivePct)} %`}
        />
      </dl>
      <ul className={css['entities']} aria-label="Most reviewed">
        {entities.slice(0, SHOWN).map(entity => (
          <Entity key={entity.id} entity={entity} />
        ))}
      </ul>
    </Panel>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div className={css['figure']}>
      <dt>{name}</dt>
      <dd className="num">{value}</dd>
    </div>
  );
}

function Entity({ entity }: { entity: EntitySentiment }) {
  const pct = entity.positivePct ?? 0;
  const feel = mood(pct);
  return (
    <li className={css['entity']}>
      <span className={css['entityName']}>{entity.name}</span>
      <span className={css['track']} aria-hidden="true">
        <span className={css[feel]} style={{ width: `${pct}%` }} />
      </span>
      <span className={`${css['entityPct']} num`}>
        {Math.round(pct)} % <span className={css['rowSub']}>{WORD[feel]}</span>
      </span>
      <span className={`${css['rowSub']} ${css['entityReviews']} num`}>
        {formatCount(entity.reviews)} reviews
      </span>
    </li>
  );
}
