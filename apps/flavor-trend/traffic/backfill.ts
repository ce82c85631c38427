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

/** Write the recent past through the same tables as live traffic, in the order of its instants. */
export async function writePast(
  { database, clock, signal, logger }: GeneratorContext,
  settings: TrafficSettings,
  world: World,
  rng: Rng,
): Promise<void> {
  const endMs = clock.nowMs();
  const firstMs = endMs - settings.backfillMs;
  const orders = drawPast(settings, world, rng, firstMs, endMs);
  const ids = await reserveIds(database, orders.length);
  const stepOf = (atMs: number): number => Math.floor((atMs - firstMs - 1) / STEP_MS);
  const dueSteps = new Set(orders.flatMap(order => order.plans.map(plan => stepOf(plan.dueMs))));
  let next = 0;
  let weatherMs = firstMs;
  let statements: ReturnType<typeof settling> = [];
  let steps = 0;
  const flush = async (): Promise<void> => {
    if (statements.length > 0) await database.transaction(statements);
    statements = [];
  };
  for (let fromMs = firstMs; fromMs < endMs && !signal.aborted; fromMs += STEP_MS) {
    const toMs = Math.min(endMs, fromMs + STEP_MS);
    const placed = orders.slice(next).findIndex(order => order.orderedMs > toMs);
    const until = placed < 0 ? orders.length : next + placed;
    for (; weatherMs <= toMs; weatherMs = nextCycle(settings, weatherMs))
      statements.push(weatherStep(settings, world.cities, weatherMs));
    if (until > next) statements.push(placing(orders.slice(next, until), ids.slice(next, until)));
    next = until;
    if (dueSteps.has(stepOf(toMs))) statements.push(...settling(fromMs, toMs));
    if (++steps % STEPS_PER_TRANSACTION === 0) await flush();
  }
  await flush();
  if (signal.aborted) {
    logger.warn('stopped while writing the past; what was not written is left out');
    return;
  }
  const took = ((clock.nowMs() - endMs) / 1000).toFixed(1);
  logger.info(`wrote the last ${settings.backfillMs / 60_000} minutes: ${orders.length} orders in ${took} s`);
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
