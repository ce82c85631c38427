import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { decodeRecords, type Log, type LogRecord, nodeStorage, openEmbeddedLog } from '../../src/log/mod.ts';
import { openPostgres } from '../../src/platform/postgres/mod.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { freePort } from './millrace.ts';

/** A PostgreSQL and a log of a test's own, in a folder that is removed in the end. */
export interface CaptureBench {
  readonly directory: string;
  readonly log: Log;
  readonly client: pg.Client;
  readonly port: number;
  /** A connector config for this server; `more` adds to it. */
  config(prefix: string, more?: Readonly<Record<string, string>>): Record<string, string>;
  /** Pid of the server, to kill it. It is started again by its supervisor. */
  serverPid(): number;
  connect(): Promise<pg.Client>;
  dispose(): Promise<void>;
}

/** Start an embedded PostgreSQL with a database `shop`, and a log. */
export async function openCaptureBench(): Promise<CaptureBench> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-capture-'));
  const silent = { info: () => undefined, warn: () => undefined };
  const port = await freePort();
  const postgres = await openPostgres({
    directory: join(directory, 'postgres'),
    port,
    clock: systemClock,
    logger: silent,
  });
  await postgres.ensureDatabase('shop');
  const url = new URL(postgres.databaseUrl('shop'));
  const log = await openEmbeddedLog({
    storage: nodeStorage(),
    clock: systemClock,
    directory: join(directory, 'log'),
  });
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: url.href });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const client = await connect();
  return {
    directory,
    log,
    client,
    port: Number(url.port),
    connect,
    config: (prefix, more = {}) => connectorConfig(url, prefix, more),
    serverPid: () => postgres.pid() ?? Number.NaN,
    async dispose() {
      await client.end().catch(() => undefined);
      await log.close();
      await postgres.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A small connector config in Debezium's words. */
export function connectorConfig(
  url: URL,
  prefix: string,
  more: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'database.hostname': url.hostname,
    'database.port': url.port,
    'database.user': decodeURIComponent(url.username),
    'database.password': decodeURIComponent(url.password),
    'database.dbname': url.pathname.slice(1),
    'topic.prefix': prefix,
    'slot.name': `${prefix}_slot`,
    'publication.name': `${prefix}_pub`,
    'publication.autocreate.mode': 'filtered',
    'decimal.handling.mode': 'string',
    'tombstones.on.delete': 'false',
    ...more,
  };
}

/** All committed records of partition 0, from an offset on. */
export async function readTopic(log: Log, topic: string, from = 0): Promise<LogRecord[]> {
  const at = { topic, partition: 0 };
  if ((await log.describeTopic(topic)) === undefined) return [];
  const records: LogRecord[] = [];
  let offset = from;
  for (;;) {
    const result = await log.read(at, offset, 1 << 20, 'read_committed');
    if (result.bytes.length === 0 && result.nextOffset === offset) return records;
    records.push(...decodeRecords(result.bytes, { aborted: result.aborted, fromOffset: offset }));
    offset = result.nextOffset;
  }
}

/** Read until `count` records are there from `from` on; fails after a while with what there is. */
export async function awaitRecords(
  log: Log,
  topic: string,
  from: number,
  count: number,
): Promise<LogRecord[]> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const records = await readTopic(log, topic, from);
    if (records.length >= count) return records;
    if (performance.now() > deadline) throw new Error(`${topic} has ${records.length} of ${count} records`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

/** UTF-8 text of a key or value. */
export const textOf = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString('utf8');
