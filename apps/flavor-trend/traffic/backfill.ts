import type { GeneratorContext, Rng } from 'millrace/app';
import { NO_FLAGS } from './flags.ts';
import { makeOrder, type NewOrder } from './order.ts';
import { rateAt, type TrafficSettings } from './settings.ts';
import { weatherAt } from './weather.ts';
import type { World } from './world.ts';
import { placing, reserveIds, type Statement, settling, weatherRows } from './write.ts';

/** Width of the steps in which the past is written: less than the jobs' out-of-orderness of 5 s. */
const STEP_MS = 4000;
const STEPS_PER_TRANSACTION = 60;
/** The past is for looking at, not for load. */
const PAST_RATE_MAX_PER_MIN = 40;

/** How far the past is written: what a start that was cut short left to the next one. */
export interface Past {
  readonly firstMs: number;
  readonly writtenMs: number;
  readonly isDone: boolean;
}

const STATE = 'past_written';

/** The past as the last start left it; a new one that ends now where there is none. */
export async function readPast(
  { database, clock }: Pick<GeneratorContext, 'database' | 'clock'>,
  { backfillMs }: TrafficSettings,
): Promise<Past> {
  const [row] = await database.query(`SELECT value FROM ops.generator_state WHERE name = $1`, [STATE]);
  if (row !== undefined)
    return row.value === true ? { firstMs: 0, writtenMs: 0, isDone: true } : (row.value as Past);
  const firstMs = clock.nowMs() - backfillMs;
  return { firstMs, writtenMs: firstMs, isDone: false };
}

const remember = (past: Past): Statement => ({
  sql: `INSERT INTO ops.generator_state VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
  values: [STATE, JSON.stringify(past)],
});

/**
 * Write the recent past through the same tables as live traffic, in the order of its instants, from where the
 * last
 * start was cut short. `rng` must be the same at each start: the orders are drawn again from the beginning.
 */
export async function writePast(
  { database, clock, signal, logger }: GeneratorContext,
  settings: TrafficSettings,
  world: World,
  rng: Rng,
  past: Past,
): Promise<void> {
  const { firstMs } = past;
  const endMs = clock.nowMs();
  const drawn = drawPast(settings, world, rng, firstMs, endMs);
  const orders = drawn.filter(order => order.orderedMs > past.writtenMs);
  const ids = await reserveIds(database, orders.length);
  const stepOf = (atMs: number): number => Math.floor((atMs - firstMs - 1) / STEP_MS);
  const dueSteps = new Set(drawn.flatMap(order => order.plans.map(plan => stepOf(plan.dueMs))));
  let next = 0;
  let weatherMs = past.writtenMs === firstMs ? firstMs : nextCycle(settings, past.writtenMs);
  let statements: Statement[] = [];
  let steps = 0;
  const flush = (writtenMs: number, isDone: boolean): Promise<void> => {
    const transaction = [...statements, remember({ firstMs, writtenMs, isDone })];
    statements = [];
    return database.transaction(transaction);
  };
  for (let fromMs = past.writtenMs; fromMs < endMs && !signal.aborted; fromMs += STEP_MS) {
    const toMs = Math.min(endMs, fromMs + STEP_MS);
    const placed = orders.slice(next).findIndex(order => order.orderedMs > toMs);
    const until = placed < 0 ? orders.length : next + placed;
    for (; weatherMs <= toMs; weatherMs = nextCycle(settings, weatherMs))
      statements.push(weatherStep(settings, world.cities, weatherMs));
    if (until > next) statements.push(placing(orders.slice(next, until), ids.slice(next, until)));
    next = until;
    if (dueSteps.has(stepOf(toMs))) statements.push(...settling(fromMs, toMs));
    if (++steps % STEPS_PER_TRANSACTION === 0) await flush(toMs, false);
  }
  if (signal.aborted) {
    logger.warn('stopped while writing the past; the next start goes on with it');
    return;
  }
  await flush(endMs, true);
  const took = ((clock.nowMs() - endMs) / 1000).toFixed(1);
  logger.info(
    `wrote the last ${Math.round((endMs - past.writtenMs) / 60_000)} minutes: ${orders.length} orders in ${took} s`,
  );
}

/** The orders of the past by instant of placing. */
function drawPast(
  settings: TrafficSettings,
  world: World,
  rng: Rng,
  firstMs: number,
  endMs: number,
): NewOrder[] {
  const orders: NewOrder[] = [];
  for (let atMs = firstMs; ; ) {
    const perMin = Math.min(rateAt(settings, atMs, world.festivals), PAST_RATE_MAX_PER_MIN);
    if (perMin <= 0) return orders;
    atMs += (-Math.log(1 - rng.next()) * 60_000) / perMin;
    if (atMs >= endMs) return orders;
    const order = makeOrder(rng, world, settings, NO_FLAGS, Math.floor(atMs));
    if (order) orders.push(order);
  }
}

/** When the weather changes next. */
export function nextCycle({ weatherIntervalMs }: TrafficSettings, atMs: number): number {
  return (Math.floor(atMs / weatherIntervalMs) + 1) * weatherIntervalMs;
}

/** Writes the weather of these cities at an instant: the same that orders placed from then on meet. */
export function weatherStep(
  settings: TrafficSettings,
  cities: World['cities'],
  atMs: number,
  forced: (cityId: number) => boolean = () => false,
): Statement {
  return weatherRows(
    cities.map(({ city_id }) => ({
      city_id,
      timestamp: new Date(atMs).toISOString(),
      weather: weatherAt(settings.seed, city_id, atMs, settings.weatherIntervalMs, forced(city_id)),
    })),
  );
}
