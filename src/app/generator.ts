import type { Clock } from '../core/mod.ts';

/** The application's database, as its generator uses it. */
export interface GeneratorDatabase {
  /** Runs one statement; `$1` are the values. */
  query(sql: string, values?: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Runs statements in one transaction. */
  transaction(
    statements: readonly { readonly sql: string; readonly values?: readonly unknown[] }[],
  ): Promise<void>;
  /** COPY … FROM STDIN of CSV text with a header line that names the columns. */
  copyCsv(table: string, csv: string): Promise<void>;
}

/** What a generator may use. */
export interface GeneratorContext {
  readonly database: GeneratorDatabase;
  readonly clock: Clock;
  /**
   * The application's parameters; `rate` is overridden by the setting `generator.rate` where that is given.
   */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  readonly timeZone: string;
  readonly signal: AbortSignal;
  readonly logger: { info(message: string): void; warn(message: string): void };
}

/** A source of real-looking traffic: an application's `generator.ts` exports one by default. */
export interface Generator {
  /** At the first start, before capture: loads the reference data. Does nothing when they are there. */
  load(context: GeneratorContext): Promise<void>;
  /** At the first start, once capture streams: writes the recent past. Does nothing when it was written. */
  backfill(context: GeneratorContext): Promise<void>;
  /** Live traffic until the signal aborts. A failing database is waited for. */
  run(context: GeneratorContext): Promise<void>;
}

/** Declares an application's generator. */
export function defineGenerator(generator: Generator): Generator {
  return generator;
}
