import type { GeneratorContext } from 'millrace/app';
import { groupBy } from '../reference/orders.ts';

export interface TrafficRestaurant {
  readonly restaurant_id: number;
  readonly city_id: number;
  readonly name: string;
  readonly rating: number;
  readonly latitude: number;
  readonly longitude: number;
  readonly menu: readonly { readonly item_id: number; readonly price: number }[];
}

/** What traffic draws from; read once at the start. */
export interface World {
  readonly restaurants: readonly TrafficRestaurant[];
  readonly couriersOf: ReadonlyMap<number, readonly number[]>;
  readonly usersOf: ReadonlyMap<number, readonly number[]>;
  readonly cities: readonly { readonly city_id: number; readonly city_name: string }[];
  readonly postsOf: ReadonlyMap<number, readonly number[]>;
  /** Days of festivals as `MM-DD`, of whatever year. */
  readonly festivals: ReadonlySet<string>;
}

const PRICE_UNKNOWN = 12;

/** Read the entities from the database, so that rows added by hand take part after a restart. */
export async function readWorld({ database }: Pick<GeneratorContext, 'database'>): Promise<World> {
  const rows = async <T>(sql: string): Promise<readonly T[]> =>
    (await database.query(sql)) as unknown as readonly T[];
  const restaurants = await rows<Omit<TrafficRestaurant, 'menu'>>(
    `SELECT restaurant_id, city_id, name, rating::float8 AS rating, latitude, longitude FROM restaurants ORDER BY 1`,
  );
  const items = await rows<{ item_id: number; restaurant_id: number; price: number | null }>(
    `SELECT item_id, restaurant_id, item_price::float8 AS price FROM menu_items ORDER BY 1`,
  );
  const couriers = await rows<{ id: number; city_id: number }>(
    `SELECT delivery_person_id AS id, city_id FROM delivery_personnel ORDER BY 1`,
  );
  const users = await rows<{ id: number; city_id: number }>(
    `SELECT user_id AS id, city_id FROM users ORDER BY 1`,
  );
  const posts = await rows<{ id: number; restaurant_id: number }>(
    `SELECT post_id AS id, restaurant_id FROM posts ORDER BY 1 DESC LIMIT 5000`,
  );
  const festivals = await rows<{ day: string }>(
    `SELECT DISTINCT to_char(date, 'MM-DD') AS day FROM festivals_holidays`,
  );
  const menus = groupBy(items, item => item.restaurant_id);
  return {
    restaurants: restaurants.map(restaurant => ({
      ...restaurant,
      menu: (menus.get(restaurant.restaurant_id) ?? []).map(({ item_id, price }) => ({
        item_id,
        price: price ?? PRICE_UNKNOWN,
      })),
    })),
    couriersOf: idsBy(couriers, courier => courier.city_id),
    usersOf: idsBy(users, user => user.city_id),
    postsOf: idsBy(posts, post => post.restaurant_id),
    festivals: new Set(festivals.map(({ day }) => day)),
    cities: await rows(`SELECT city_id, city_name FROM cities ORDER BY 1`),
  };
}

function idsBy<T extends { readonly id: number }>(
  items: readonly T[],
  keyOf: (item: T) => number,
): Map<number, number[]> {
  return new Map([...groupBy(items, keyOf)].map(([key, group]) => [key, group.map(item => item.id)]));
}
