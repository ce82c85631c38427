import type { GeneratorContext, Rng } from 'millrace/app';
import { makePost, makeUser, type Restaurant } from '../reference/entities.ts';
import { nextCycle, weatherStep } from './backfill.ts';
import { type Flags, NO_FLAGS, readFlags } from './flags.ts';
import { makeOrder, type NewOrder } from './order.ts';
import { rateAt, type TrafficSettings } from './settings.ts';
import type { World } from './world.ts';
import { placing, reserveIds, settling } from './write.ts';

const TICK_MS = 100;
const RETRY_MS = 250;
/** After a pause, overdue ends are written in steps, so that they come in the order of their instants. */
const CATCH_UP_STEP_MS = 2000;
const LONG_AGO_MS = 0;
/** Orders that a pause of the machine or of the database kept from being placed are never placed. */
const PAUSE_MS = 2000;

/** The producers of live traffic, each with its own next instant. */
export class LiveTraffic {
  readonly #context: GeneratorContext;
  readonly #settings: TrafficSettings;
  readonly #world: World;
  readonly #rng: Rng;
  #flags: Flags = NO_FLAGS;
  #flagsMs = Number.NEGATIVE_INFINITY;
  #orderMs: number;
  #postMs: number;
  #userMs: number;
  #weatherMs: number;
  #settledMs = LONG_AGO_MS;
  /** Cities where a flag makes it rain, as the weather table was told. */
  #forcedRain: ReadonlySet<number> = new Set();
  #placed = 0;

  constructor(context: GeneratorContext, settings: TrafficSettings, world: World, rng: Rng) {
    this.#context = context;
    this.#settings = settings;
    this.#world = world;
    this.#rng = rng;
    const now = context.clock.nowMs();
    this.#orderMs = now;
    this.#postMs = now + settings.postIntervalMs;
    this.#userMs = now + settings.userIntervalMs;
    this.#weatherMs = now;
  }

  /** Until the signal aborts; a failing database is waited for. */
  async run(): Promise<void> {
    const { clock, signal, logger } = this.#context;
    let isFailing = false;
    while (!signal.aborted) {
      let pauseMs = TICK_MS;
      try {
        await this.#tick(clock.nowMs());
        if (isFailing) logger.info('traffic goes on');
        isFailing = false;
      } catch (error) {
        if (signal.aborted) return;
        if (!isFailing)
          logger.warn(`traffic waits for the database: ${error instanceof Error ? error.message : error}`);
        isFailing = true;
        pauseMs = RETRY_MS;
      }
      await clock.sleep(pauseMs, signal).catch(() => undefined);
    }
  }

  async #tick(nowMs: number): Promise<void> {
    if (nowMs - this.#flagsMs >= this.#settings.flagsIntervalMs) {
      this.#flags = await readFlags(this.#context);
      this.#flagsMs = nowMs;
    }
    await this.#settle(nowMs);
    await this.#weather(nowMs);
    await this.#place(nowMs);
    await this.#others(nowMs);
  }

  /** Ends and reviews that are due; long overdue ones first, step by step. */
  async #settle(nowMs: number): Promise<void> {
    const { database } = this.#context;
    while (this.#settledMs < nowMs && !this.#context.signal.aborted) {
      if (nowMs - this.#settledMs > CATCH_UP_STEP_MS) {
        const [next] = await database.query(
          `SELECT extract(epoch FROM min(due_at))::float8 * 1000 AS ms FROM ops.order_plans`,
        );
        const nextMs = Math.floor(Math.min(nowMs, Number(next?.ms ?? nowMs))) - 1;
        this.#settledMs = Math.max(this.#settledMs, nextMs);
      }
      const toMs = Math.min(nowMs, this.#settledMs + CATCH_UP_STEP_MS);
      await database.transaction(settling(this.#settledMs, toMs));
      this.#settledMs = toMs;
    }
  }

  /** Orders whose instant has come, with exponential gaps between them. */
  async #place(nowMs: number): Promise<void> {
    const { ordersMax } = this.#settings;
    const orders: NewOrder[] = [];
    if (nowMs - this.#orderMs > PAUSE_MS) this.#orderMs = nowMs;
    while (this.#orderMs <= nowMs && (ordersMax === 0 || this.#placed + orders.length < ordersMax)) {
      const perMin = rateAt(this.#settings, nowMs, this.#world.festivals) * this.#promoBoost();
      if (perMin <= 0) {
        this.#orderMs = nowMs + 1000;
        break;
      }
      const order = makeOrder(this.#rng, this.#world, this.#settings, this.#flags, Math.floor(this.#orderMs));
      if (order) orders.push(order);
      this.#orderMs += (-Math.log(1 - this.#rng.next()) * 60_000) / perMin;
    }
    if (orders.length === 0) return;
    const { database } = this.#context;
    await database.transaction([placing(orders, await reserveIds(database, orders.length))]);
    this.#placed += orders.length;
  }

  /** How much promotions raise the total, weighing each restaurant's city as the draw does. */
  #promoBoost(): number {
    const { restaurants } = this.#world;
    const plain = restaurants.reduce((sum, { rating }) => sum + rating, 0);
    const boosted = restaurants.reduce(
      (sum, { rating, city_id }) => sum + rating * this.#flags.promoFactor(city_id),
      0,
    );
    return plain === 0 ? 1 : boosted / plain;
  }

  /**
   * The weather that the orders placed next will meet: of all cities at each change, of a city when a flag
   * begins or ends its rain. Rows bear the instant from which orders meet it, so that a join as of the
   * order's time finds it.
   */
  async #weather(nowMs: number): Promise<void> {
    const { cities } = this.#world;
    const fromMs = Math.min(nowMs, Math.max(this.#orderMs, nowMs - PAUSE_MS));
    const rain = new Set(cities.flatMap(({ city_id }) => (this.#flags.rain(city_id) ? [city_id] : [])));
    const isDue = nowMs >= this.#weatherMs;
    const changed = isDue
      ? cities
      : cities.filter(({ city_id }) => rain.has(city_id) !== this.#forcedRain.has(city_id));
    if (changed.length === 0) return;
    const cycleMs = isDue
      ? Math.max(this.#weatherMs, nextCycle(this.#settings, nowMs) - this.#settings.weatherIntervalMs)
      : 0;
    const { sql, values } = weatherStep(this.#settings, changed, isDue ? cycleMs : fromMs, cityId =>
      rain.has(cityId),
    );
    await this.#context.database.query(sql, values);
    if (isDue) this.#weatherMs = nextCycle(this.#settings, nowMs);
    this.#forcedRain = rain;
  }

  /** Posts and new users, each at its interval. */
  async #others(nowMs: number): Promise<void> {
    const { database } = this.#context;
    const settings = this.#settings;
    if (nowMs >= this.#postMs) {
      this.#postMs = nowMs + settings.postIntervalMs;
      const restaurant = this.#rng.pick(this.#world.restaurants) as unknown as Restaurant;
      const post = makePost(this.#rng, restaurant, nowMs, settings.positivePostShare);
      await database.query(
        `INSERT INTO posts (restaurant_id, image_url, description, posted_at) VALUES ($1, $2, $3, $4)`,
        Object.values(post),
      );
    }
    if (nowMs >= this.#userMs) {
      this.#userMs = nowMs + settings.userIntervalMs;
      const { user_id: _made, ...user } = makeUser(this.#rng, this.#rng.int(1_000_000, 999_999_999), nowMs);
      await database.query(
        `INSERT INTO users (username, email, password, address, city_id, registration_date, latitude, longitude)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
        Object.values(user),
      );
    }
  }
}
