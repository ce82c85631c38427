import pg from 'pg';
import { MillraceError, messageOf } from '../../core/mod.ts';

/** Runs statements; `values` are bound, never pasted. */
export type Query = (
  text: string,
  values?: readonly unknown[],
) => Promise<{ readonly rows: Record<string, unknown>[]; readonly rowCount: number }>;

/** Time to wait for a connection, and for an answer, before the server counts as gone. */
const CONNECT_TIMEOUT_MS = 5000;
const QUERY_TIMEOUT_MS = 60_000;

/** What values of a session that reads look like. */
const READ_OPTIONS = '-c DateStyle=ISO,YMD -c TimeZone=UTC -c bytea_output=hex -c extra_float_digits=1';

/**
 * One connection, made when first needed and made anew after it broke. Every failure is SINK_FAILED, or
 * SOURCE_FAILED of one that reads, which the job answers by restarting from its checkpoint.
 */
export class PostgresConnection {
  readonly #address: string;
  readonly #label: string;
  readonly #use: 'read' | 'write';
  #client: pg.Client | null = null;
  /** The work before: one at a time, so that transactions never mix. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(address: string, label: string, use: 'read' | 'write' = 'write') {
    this.#address = address;
    this.#label = label;
    this.#use = use;
  }

  /** Runs `work` on the connection. After any failure the connection is dropped: its state is unknown. */
  run<T>(work: (query: Query) => Promise<T>): Promise<T> {
    const result = this.#last.then(() => this.#run(work));
    // The caller hears of a failure; those behind in the queue only wait for its end.
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #run<T>(work: (query: Query) => Promise<T>): Promise<T> {
    try {
      const client = await this.#connected();
      return await work(async (text, values = []) => {
        const { rows, rowCount } = await client.query(text, [...values]);
        return { rows, rowCount: rowCount ?? 0 };
      });
    } catch (error) {
      await this.close();
      if (error instanceof MillraceError) throw error;
      const code = this.#use === 'read' ? 'SOURCE_FAILED' : 'SINK_FAILED';
      throw new MillraceError(code, `${this.#label}: ${messageOf(error)}`, { cause: error });
    }
  }

  /** The rows of a statement, each cell as the text that PostgreSQL prints. */
  async texts(
    text: string,
    values: readonly (string | readonly (string | null)[])[],
  ): Promise<readonly (readonly (string | null)[])[]> {
    return this.run(async () => {
      const client = await this.#connected();
      const types = { getTypeParser: () => (value: string) => value };
      const { rows } = await client.query({ text, values: [...values], rowMode: 'array', types });
      return rows as (string | null)[][];
    });
  }

  /** `work` in one transaction; false from `work` rolls it back. */
  async transaction(work: (query: Query) => Promise<boolean>): Promise<void> {
    await this.run(async query => {
      await query('BEGIN');
      const isWanted = await work(query);
      await query(isWanted ? 'COMMIT' : 'ROLLBACK');
    });
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    // A broken connection can't say goodbye; that it is gone is all we want.
    await client?.end().catch(() => undefined);
  }

  async #connected(): Promise<pg.Client> {
    if (this.#client !== null) return this.#client;
    const client = new pg.Client({
      connectionString: this.#address,
      application_name: `millrace ${this.#label}`.slice(0, 63),
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      ...(this.#use === 'read' ? { options: READ_OPTIONS } : {}),
    });
    // Without a listener a connection lost while idle would end the process.
    client.on('error', () => {
      if (this.#client === client) this.#client = null;
    });
    await client.connect();
    this.#client = client;
    return client;
  }
}
