import type { ReactNode } from 'react';
import { APP } from '../../apps.ts';
import { formatCount, formatInstant, formatTenth, formatTime } from '../../format.ts';
import { useServerNowMs } from '../../live/clock.ts';
import { useConnection, useView } from '../../live/live-context.tsx';
import { SignalIcon } from '../../parts/signal.tsx';
import { StatTile } from '../../parts/stat-tile.tsx';
import { useParam } from '../../router/router.ts';
import { duration, freshness } from '../../shaping/freshness.ts';
import { health, shapeParts } from '../../shaping/health.ts';
import type { Kpi } from '../../shaping/kpi.ts';
import { latestMinute, minuteSeries } from '../../shaping/orders-per-minute.ts';
import { HOUR_MS, MINUTE_MS } from '../../shaping/values.ts';
import page from '../page.module.css';
import { useKpi } from './use-kpi.ts';

interface Figure {
  readonly value: ReactNode | null;
  readonly note: ReactNode;
  readonly title?: string;
  readonly dim: boolean;
  readonly quiet?: boolean;
}

/** The minute a figure counts; its day too once it is not a minute of the last hour. */
function minuteText(startMs: number, nowMs: number): string {
  if (nowMs - startMs > HOUR_MS) return `from ${formatInstant(startMs)}`;
  return `${formatTime(startMs)}–${formatTime(startMs + MINUTE_MS)} ${APP.timeZone}`;
}

/** The four tiles. What is of all cities although one is chosen says so. */
export function Tiles() {
  const paused = useConnection().pausedAtMs !== null;
  const nowMs = useServerNowMs();
  const city = useParam('city');
  const kpi = useKpi(paused);
  const base = status(kpi.data, kpi.error, kpi.dataUpdatedAt, nowMs);
  const scope = city === null ? '' : ', all cities';
  return (
    <div className={page['tiles']}>
      {city === null ? <OrdersTile kpi={kpi.data} base={base} /> : <CityOrdersTile city={city} />}
      <StatTile
        label="SLA today"
        {...base(kpi.data?.slaToday, `deliveries over 45 min since midnight, ${APP.timeZone}${scope}`)}
      />
      <EtaTile kpi={kpi.data} base={base} scope={scope} />
      <HealthTile />
    </div>
  );
}

type Base = (value: number | null | undefined, note: string) => Figure;

/** What every polled tile shares: skeleton, the last good figure with its age, the failure in words. */
function status(data: Kpi | undefined, error: Error | null, updatedMs: number, nowMs: number): Base {
  const at = data?.calculatedAtMs ?? updatedMs;
  const ageMs = Math.max(0, nowMs - at);
  const title = data ? `Calculated ${formatInstant(at)}, ${duration(ageMs)} ago` : '';
  const dim = data !== undefined && (error !== null || freshness(ageMs) !== 'live');
  return (value, note) => {
    if (data === undefined && error === null) return { value: null, note, dim: false };
    if (data === undefined)
      return { value: 'No answer', note: error?.message ?? '', dim: false, quiet: true };
    const told = error === null ? note : `${error.message}; this is from ${duration(ageMs)} ago`;
    if (value === null || value === undefined)
      return { value: 'None yet', note: told, title, dim, quiet: true };
    return { value: formatCount(value), note: told, title, dim };
  };
}

function OrdersTile({ kpi, base }: { kpi: Kpi | undefined; base: Base }) {
  const nowMs = useServerNowMs();
  const minute = kpi?.minuteStartMs;
  const note =
    minute === null || minute === undefined
      ? 'completed in the latest closed minute'
      : `completed in the latest closed minute, ${minuteText(minute, nowMs)}`;
  return <StatTile label="Orders/min" {...base(kpi?.ordersPerMin, note)} />;
}

/** With a city chosen the figure comes from the same windows, of that city alone. */
function CityOrdersTile({ city }: { city: string }) {
  const view = useView('orders_per_minute');
  const nowMs = useServerNowMs();
  const latest = latestMinute(minuteSeries(view.rows, nowMs, city));
  const where = `completed in ${city} in the latest closed minute`;
  if (!view.loaded) return <StatTile label="Orders/min" value={null} note={where} />;
  if (latest === null) return <StatTile label="Orders/min" value="None yet" quiet note={where} />;
  return (
    <StatTile
      label="Orders/min"
      value={formatCount(latest.count)}
      note={`${where}, ${minuteText(latest.startMs, nowMs)}`}
    />
  );
}

/** Without a model there is no error to show: the tile says so and shows no number. */
function EtaTile({ kpi, base, scope }: { kpi: Kpi | undefined; base: Base; scope: string }) {
  const label = 'ETA MAE 1h';
  if (kpi !== undefined && kpi.etaMae1h === null)
    return (
      <StatTile
        label={label}
        value="No model runs yet"
        quiet
        note="no ETA is predicted, so it has no error"
      />
    );
  const figure = base(kpi?.etaMae1h, `mean absolute error of the last hour${scope}`);
  const value = kpi?.etaMae1h == null ? figure.value : formatTenth(kpi.etaMae1h);
  return (
    <StatTile label={label} {...figure} value={value} {...(kpi?.etaMae1h == null ? {} : { unit: 'min' })} />
  );
}

function HealthTile() {
  const view = useView('platform.status');
  const { phase } = useConnection();
  if (!view.loaded && phase !== 'reconnecting' && view.error === null)
    return <StatTile label="System health" value={null} note="asking each part" />;
  const { signal, word, sentence } = health(shapeParts(view.rows), phase);
  return (
    <StatTile
      label="System health"
      quiet
      title={sentence}
      value={
        <>
          <SignalIcon signal={signal} size={20} /> {word}
        </>
      }
      note={sentence}
    />
  );
}
