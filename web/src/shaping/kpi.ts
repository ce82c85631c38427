/** GET /api/kpi as used here. */
export interface Kpi {
  readonly ordersPerMin: number | null;
  /** Start of the minute the figure counts, epoch ms. */
  readonly minuteStartMs: number | null;
  readonly slaToday: number | null;
  /** Mean absolute error of the ETA over the last hour; null while no model runs. */
  readonly etaMae1h: number | null;
  readonly calculatedAtMs: number | null;
}

/** A number out of JSON, or null when it is none. */
export function count(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string' && value !== '' && Number.isFinite(Number(value))) return Number(value);
  return null;
}

/** Epoch ms from epoch ms, a numeric string or ISO text with its zone. */
export function instant(value: unknown): number | null {
  const number = count(value);
  if (number !== null) return number;
  if (typeof value !== 'string') return null;
  const parsed = Date.parse(value);
  return Number.isNaN(parsed) ? null : parsed;
}

/** Reads an answer without trusting its shape. */
export function readKpi(body: unknown): Kpi {
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  return {
    ordersPerMin: count(fields['orders_per_min']),
    minuteStartMs: instant(fields['orders_per_min_window']),
    slaToday: count(fields['sla_today']),
    etaMae1h: count(fields['eta_mae_1h']),
    calculatedAtMs: instant(fields['calculated_at']),
  };
}

/** An answer without a figure never overwrites a good one; the figure keeps the minute it belongs to. */
export function mergeKpi(before: Kpi | undefined, next: Kpi): Kpi {
  if (before === undefined) return next;
  const orders =
    next.ordersPerMin === null
      ? { ordersPerMin: before.ordersPerMin, minuteStartMs: before.minuteStartMs }
      : { ordersPerMin: next.ordersPerMin, minuteStartMs: next.minuteStartMs };
  return { ...next, ...orders, slaToday: next.slaToday ?? before.slaToday };
}
