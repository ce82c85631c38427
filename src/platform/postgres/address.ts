import pg from 'pg';

export interface PostgresHandle {
  /** Address of the server's `postgres` database, with password: a secret. */
  readonly url: string;
  /** True for the embedded server. */
  readonly owned: boolean;
  /** Pid of the embedded server, null for another one. */
  pid(): number | null;
  /** Null while it answers, else the sentence to show. */
  failure(): string | null;
  /** The address of another database of the server. */
  databaseUrl(name: string): string;
  /** Creates the database when it is missing. True when it was. */
  ensureDatabase(name: string): Promise<boolean>;
  /** Ends supervision and stops an embedded server in order (fast shutdown). */
  stop(): Promise<void>;
}

/** What follows from the server's address, which is asked each time: the embedded one may change its port. */
export function addressing(
  url: () => string,
): Pick<PostgresHandle, 'url' | 'databaseUrl' | 'ensureDatabase'> {
  return {
    get url() {
      return url();
    },
    databaseUrl: name => {
      const address = new URL(url());
      address.pathname = `/${encodeURIComponent(name)}`;
      return address.href;
    },
    ensureDatabase: name =>
      withClient(url(), async client => {
        const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
        if (found.rowCount) return false;
        await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
        return true;
      }),
  };
}

/** One connection for one purpose, closed afterwards. */
export async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined); // the running query reports it
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** For messages. */
export function withoutPassword(url: string): string {
  const address = new URL(url);
  address.password = '';
  return address.href;
}
