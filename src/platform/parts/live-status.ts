import type { PartStatus } from '../../live/mod.ts';
import { createRate } from '../rate.ts';
import type { Services } from '../services.ts';

const TICK_MS = 1000;

/** Adds the live views to the parts, and the view `platform.status`, renewed each second. */
export function addLivePart(services: Services): void {
  const { clock, hub, parts, stack } = services;
  const rate = createRate(clock);
  parts.add({ name: 'live', status: (): PartStatus => liveStatus(services, rate.update) });
  const view = hub.addView({ name: 'platform.status', key: ['part'], rowsMax: 1000, retention: null });
  let shown: ReadonlySet<string> = new Set();
  const tick = (): void => {
    const statuses = parts.statuses();
    const now = new Set(statuses.map(({ part }) => part));
    const gone = [...shown].filter(part => !now.has(part));
    const upserts = statuses.map(status => ({ kind: 'upsert' as const, row: { ...status } }));
    hub.apply(view, [...upserts, ...gone.map(part => ({ kind: 'delete' as const, row: { part } }))]);
    shown = now;
    hub.tick();
  };
  tick();
  const timer = setInterval(tick, TICK_MS);
  stack.push('live views', () => clearInterval(timer));
}

function liveStatus({ hub }: Services, rate: (counter: number) => number | null): PartStatus {
  const stats = hub.views().map(view => view.stats());
  const sum = (of: (s: (typeof stats)[number]) => number): number =>
    stats.reduce((total, s) => total + of(s), 0);
  const megabytes = (sum(s => s.bytes) / (1 << 20)).toFixed(1);
  return {
    part: 'live',
    state: 'ok',
    detail: `${stats.length} views, ${sum(s => s.rows)} rows, ${megabytes} MB, ${hub.subscribers()} sockets`,
    ratePerS: rate(sum(s => s.changes)),
    lag: null,
  };
}
