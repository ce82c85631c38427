import { Download, LineChart, Table } from 'lucide-react';
import { useMemo, useState } from 'react';
import { APP } from '../../apps.ts';
import { formatCount, formatTenth, formatTime } from '../../format.ts';
import { useServerNowMs } from '../../live/clock.ts';
import { useView } from '../../live/live-context.tsx';
import { Empty, Panel } from '../../parts/panel.tsx';
import { TimeSeries } from '../../parts/time-series.tsx';
import { useParam } from '../../router/router.ts';
import { latestMinute, type MinuteSeries, minuteSeries } from '../../shaping/orders-per-minute.ts';
import { MINUTE_MS } from '../../shaping/values.ts';
import { useTheme } from '../../shell/theme-toggle.tsx';
import css from './overview.module.css';

const CITIES_SHOWN = 4;

/**
 * Completed orders per minute over the last hour, in total or of one city; the minute under the pointer by
 * city.
 */
export function OrdersPerMinute() {
  const view = useView('orders_per_minute');
  const city = useParam('city');
  const minute = Math.floor(useServerNowMs() / MINUTE_MS);
  const series = useMemo(() => minuteSeries(view.rows, minute * MINUTE_MS, city), [view.rows, minute, city]);
  const [asTable, setAsTable] = useState(false);
  const [hover, setHover] = useState<number | null>(null);
  const { dark } = useTheme();
  const latest = latestMinute(series);
  const known = series.total.filter(count => count !== null).length;
  const label = `Orders per minute, last 60 minutes, ${city ?? 'all cities'}${
    latest ? `; ${latest.count} in the minute from ${formatTime(latest.startMs)}` : ''
  }`;
  return (
    <Panel
      title="Orders per minute"
      viewName="orders_per_minute"
      view={view}
      shownRows={known}
      scope={`completed, last 60 min, ${city ?? 'all cities'}`}
      skeletonRows={6}
      controls={<Controls asTable={asTable} onTable={setAsTable} series={series} />}
      empty={
        <Empty command="npx millrace status">
          Each closed minute of completed orders would be a point here. The first one closes within a minute
          or two of the first completed order.
        </Empty>
      }
    >
      {asTable ? (
        <MinuteTable series={series} />
      ) : (
        <div className={css['chart']}>
          <TimeSeries
            label={label}
            startsMs={series.startsMs}
            values={series.total}
            onHover={setHover}
            themeKey={dark ? 'dark' : 'light'}
          />
          <Readout series={series} index={hover} />
        </div>
      )}
    </Panel>
  );
}

function Controls(props: { asTable: boolean; onTable: (asTable: boolean) => void; series: MinuteSeries }) {
  const Icon = props.asTable ? LineChart : Table;
  return (
    <>
      <button
        type="button"
        className={css['tool']}
        aria-pressed={props.asTable}
        aria-label="Show as a table"
        title={props.asTable ? 'Show as a chart' : 'Show as a table'}
        onClick={() => props.onTable(!props.asTable)}
      >
        <Icon size={14} aria-hidden="true" />
      </button>
      <button
        type="button"
        className={css['tool']}
        aria-label="Download as CSV"
        title="Download as CSV"
        onClick={() => download(props.series)}
      >
        <Download size={14} aria-hidden="true" />
      </button>
    </>
  );
}

/** The minute under the pointer, else the latest closed one; the place is kept so that nothing jumps. */
function Readout({ series, index }: { series: MinuteSeries; index: number | null }) {
  const latest = latestMinute(series);
  const at = index ?? (latest ? series.startsMs.indexOf(latest.startMs) : -1);
  const startMs = series.startsMs[at];
  if (startMs === undefined) return null;
  const total = series.total[at];
  const cities = series.cities[at] ?? [];
  const rest = cities.slice(CITIES_SHOWN).reduce((sum, { count }) => sum + count, 0);
  return (
    <p className={css['readout']}>
      <span className={css['when']}>
        {formatTime(startMs)}–{formatTime(startMs + MINUTE_MS)} {APP.timeZone}
      </span>
      <strong>{total === null || total === undefined ? 'not known' : `${formatCount(total)} orders`}</strong>
      {cities.slice(0, CITIES_SHOWN).map(({ city, count, avgMin }) => (
        <span key={city} title={avgMin === null ? undefined : `${formatTenth(avgMin)} min on average`}>
          {city} {formatCount(count)}
        </span>
      ))}
      {rest > 0 && <span>others {formatCount(rest)}</span>}
    </p>
  );
}

function MinuteTable({ series }: { series: MinuteSeries }) {
  const rows = series.startsMs.map((startMs, index) => ({ startMs, index })).reverse();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
    <section className={css['tableBox']} tabIndex={0} aria-label="Orders per minute as a table">
      <table className={css['table']}>
        <thead>
          <tr>
            <th scope="col">Minute</th>
            <th scope="col">Orders</th>
            <th scope="col">Most in</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ startMs, index }) => (
            <tr key={startMs}>
              <td className="num">{formatTime(startMs)}</td>
              <td className="num">{series.total[index] ?? 'not known'}</td>
              <td>
                {(series.cities[index] ?? [])
                  .slice(0, 3)
                  .map(({ city, count }) => `${city} ${count}`)
                  .join(', ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function download(series: MinuteSeries): void {
  const lines = series.startsMs.map(
    (ms, index) => `${new Date(ms).toISOString()},${series.total[index] ?? ''}`,
  );
  const url = URL.createObjectURL(
    new Blob([`window_start,order_count\n${lines.join('\n')}\n`], { type: 'text/csv' }),
  );
  const link = document.createElement('a');
  link.href = url;
  link.download = 'orders-per-minute.csv';
  link.click();
  URL.revokeObjectURL(url);
}
