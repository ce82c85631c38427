import type { GeneratorContext } from 'millrace/app';

/** The simulation switches in force, per city. */
export interface Flags {
  rain(cityId: number): boolean;
  /** ≥ 1 multiplies the city's orders. */
  promoFactor(cityId: number): number;
  /** Share of couriers that are away, 0 … 0.95. */
  outage(cityId: number): number;
}

export const NO_FLAGS: Flags = { rain: () => false, promoFactor: () => 1, outage: () => 0 };

interface FlagRow {
  readonly key: string;
  readonly city_id: number;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Read the flags that have not expired. */
export async function readFlags({
  database,
  clock,
}: Pick<GeneratorContext, 'database' | 'clock'>): Promise<Flags> {
  const rows = (await database.query(
    `SELECT key, city_id, params FROM ops.simulation_flags JOIN cities USING (city_name) WHERE until > $1`,
    [new Date(clock.nowMs()).toISOString()],
  )) as unknown as readonly FlagRow[];
  const of = (key: string) =>
    new Map(rows.filter(row => row.key === key).map(row => [row.city_id, row.params]));
  const [rain, promo, outage] = [of('rain'), of('promo'), of('courier_outage')];
  const number = (value: unknown, fallback: number): number =>
    Number.isFinite(Number(value)) ? Number(value) : fallback;
  return {
    rain: cityId => rain.has(cityId) && rain.get(cityId)?.on !== false,
    promoFactor: cityId => (promo.has(cityId) ? Math.max(0.1, number(promo.get(cityId)?.factor, 1.5)) : 1),
    outage: cityId =>
      outage.has(cityId) ? Math.min(0.95, Math.max(0, number(outage.get(cityId)?.pct_offline, 0.3))) : 0,
  };
}
