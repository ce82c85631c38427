import { z } from 'zod';

export { z };

/** A row of a query or of a live view. */
export type RouteRow = Readonly<Record<string, unknown>>;

/** A live view as it stands: rows in no particular order, and the version they belong to. */
export interface RouteView {
  readonly version: number;
  readonly asOfMs: number;
  readonly rows: readonly RouteRow[];
}

/** What a route may use. */
export interface RouteContext {
  /** Wall clock, epoch ms. */
  nowMs(): number;
  /** Local midnight of the application's time zone, epoch ms. */
  startOfTodayMs(): number;
  /** A live view by name. */
  view(name: string): RouteView;
  /**
   * A read-only query on the application's database; `$1` are the values. NUMERIC and BIGINT come as
   * numbers.
   */
  query(sql: string, values?: readonly unknown[]): Promise<readonly RouteRow[]>;
}

/** One endpoint. `query` and `response` become the check, the types and the page at `/docs`. */
export interface Route<Q extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly path: string;
  readonly summary: string;
  readonly query: Q;
  readonly response: R;
  handle(query: z.infer<Q>, context: RouteContext): Promise<z.input<R>> | z.input<R>;
}

/** An endpoint with its schema checked against its handler. */
export function defineRoute<Q extends z.ZodType, R extends z.ZodType>(route: Route<Q, R>): Route {
  return route as unknown as Route;
}

/** The endpoints of one file under `routes/`: its default export. */
export interface Routes {
  readonly routes: readonly Route[];
}

/** Declares the endpoints of a file. */
export function defineRoutes(...routes: readonly Route[]): Routes {
  return { routes };
}
