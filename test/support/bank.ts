import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect } from 'vitest';
import type { Rng } from '../../src/core/mod.ts';
import { eventually, type Millrace, startMillrace } from './millrace.ts';
import { spawnReplay } from './replay.ts';

/*
 * A bank: transfers come on a topic; jobs keep the balances in Postgres, the transfers of at least 50 on a
 * topic, and
 * the turnover of each ten seconds in files. Invariants, under any kill:
 *  - whenever the balances are read they add up to 0: a transfer's two sides become visible together;
 *  - in the end balances, topic and files are what the transfers alone say: nothing lost, nothing doubled.
 */

const ACCOUNTS = 200;
const PARTITIONS = 3;
const START_MS = Date.UTC(2026, 0, 1);
const STEP_MS = 20;
const WINDOW_MS = 10_000;
const LARGE = 50;

interface Transfer {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  readonly amount: number;
  readonly at: string;
}

const SOURCE = `CREATE TABLE transfers (
  id BIGINT, \`from\` INT, \`to\` INT, amount BIGINT, \`at\` TIMESTAMP(3),
  WATERMARK FOR \`at\` AS \`at\` - INTERVAL '1' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'transfers', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset',
  'json.timestamp-format.standard' = 'ISO-8601');`;

const JOBS: Readonly<Record<string, string>> = {
  balances: `${SOURCE}
CREATE TABLE balances (account INT, balance BIGINT, transfers BIGINT, PRIMARY KEY (account) NOT ENFORCED)
WITH ('connector' = 'jdbc', 'table-name' = 'balances');
INSERT INTO balances SELECT account, SUM(delta), COUNT(*) FROM (
  SELECT \`from\` AS account, -amount AS delta FROM transfers
  UNION ALL SELECT \`to\` AS account, amount AS delta FROM transfers)
GROUP BY account;`,
  large: `${SOURCE}
CREATE TABLE large_transfers (id BIGINT, amount BIGINT) WITH ('connector' = 'kafka', 'topic' = 'large', 'format' = 'json',
  'sink.delivery-guarantee' = 'exactly-once');
INSERT INTO large_transfers SELECT id, amount FROM transfers WHERE amount >= ${LARGE};`,
  turnover: `${SOURCE}
CREATE TABLE turnover (window_start TIMESTAMP(3), n BIGINT, total BIGINT) WITH (
  'connector' = 'filesystem', 'path' = 'FOLDER', 'format' = 'json',
  'sink.rolling-policy.rollover-interval' = '2 s', 'sink.rolling-policy.check-interval' = '1 s');
INSERT INTO turnover SELECT window_start, COUNT(*), SUM(amount)
FROM TABLE(TUMBLE(TABLE transfers, DESCRIPTOR(\`at\`), INTERVAL '10' SECOND)) GROUP BY window_start, window_end;`,
};

const TABLE =
  'CREATE TABLE IF NOT EXISTS balances (account int PRIMARY KEY, balance bigint NOT NULL, transfers bigint NOT NULL);';

/** A running bank. */
export interface Bank {
  readonly millrace: Millrace;
  /**
   * The next transfers come at a steady pace, whatever is killed meanwhile; resolves when all are on the
   * topic.
   */
  feed(): Promise<void>;
  /** How many transfers have come, or are coming. */
  fed(): number;
  /** Balances as a reader sees them now: their sum, and how many transfers they hold. */
  look(): Promise<{ readonly sum: number; readonly transfers: number }>;
  /** Requires that every result is what the transfers fed so far say. */
  checkEnd(): Promise<void>;
  dispose(): Promise<void>;
}

/** Open the bank. `parallelism` is that of its jobs. */
export async function openBank(
  rng: Rng,
  options: { readonly perFeed: number; readonly perSecond: number; readonly parallelism: number },
): Promise<Bank> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace bank '));
  const files = join(folder, 'turnover');
  writeApp(join(folder, 'app'), files, options.parallelism);
  const millrace = await startMillrace({ args: [join(folder, 'app')] });
  const { databaseUrl } = JSON.parse(millrace.cli('status', '--json').stdout) as { databaseUrl: string };
  const database = (): pg.Client => {
    const url = new URL(databaseUrl);
    // Another one after a start, if the old one was taken meanwhile.
    url.port = String(millrace.postgresPort());
    return new pg.Client({ connectionString: url.href });
  };
  const transfers: Transfer[] = [];
  return {
    millrace,
    feed: async () => {
      const next = draw(rng, transfers.length, options.perFeed);
      const file = join(folder, `transfers-${transfers.length}.jsonl`);
      transfers.push(...next);
      writeFileSync(file, next.map(transfer => JSON.stringify(transfer)).join('\n'));
      const speed = String(options.perSecond);
      for (;;) {
        const replay = spawnReplay(millrace, file, '--topic', 'transfers', '--speed', speed);
        const status = await replay.done;
        // Begun while nothing ran: nothing of the file was sent.
        if (status === 1 && replay.errors().includes('NOT_FOUND nothing runs')) continue;
        expect(status).toBe(0);
        return;
      }
    },
    fed: () => transfers.length,
    look: () => look(database),
    checkEnd: async () => {
      transfers.push(...closeWindows(millrace, folder, transfers));
      await checkBalances(database, transfers);
      await checkTopic(millrace, transfers);
      await checkFiles(files, transfers);
    },
    dispose: async () => {
      await millrace.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Epoch ms of a time without zone, as TIMESTAMP columns have it. */
const instant = (text: string): number => Date.parse(`${text}Z`);

function draw(rng: Rng, firstId: number, count: number): Transfer[] {
  return Array.from({ length: count }, (_, i) => {
    const id = firstId + i;
    const from = rng.int(1, ACCOUNTS);
    const to = (from + rng.int(1, ACCOUNTS - 1) - 1) % ACCOUNTS;
    const at = new Date(START_MS + id * STEP_MS).toISOString().slice(0, -1);
    return { id, from, to: to + 1, amount: rng.int(1, 100), at };
  });
}

function writeApp(app: string, files: string, parallelism: number): void {
  for (const part of ['jobs', 'database']) mkdirSync(join(app, part), { recursive: true });
  writeFileSync(join(app, 'app.yaml'), 'name: bank\ntitle: Bank\ndatabase: bank\n');
  writeFileSync(
    join(app, 'topics.yaml'),
    `- { name: transfers, partitions: ${PARTITIONS} }\n- { name: large, partitions: 1 }\n`,
  );
  writeFileSync(join(app, 'database', '01.sql'), TABLE);
  const settings = parallelism === 1 ? '' : `SET 'parallelism.default' = '${parallelism}';\n`;
  for (const [name, sql] of Object.entries(JOBS)) {
    writeFileSync(join(app, 'jobs', `${name}.sql`), settings + sql.replace('FOLDER', files));
  }
}

/** Event time moves on in every partition, by transfers of nothing: all windows before them close. */
function closeWindows(millrace: Millrace, folder: string, transfers: readonly Transfer[]): Transfer[] {
  const at = new Date(instant(transfers.at(-1)!.at) + 100 * WINDOW_MS).toISOString().slice(0, -1);
  return Array.from({ length: PARTITIONS }, (_, partition) => {
    const transfer = { id: transfers.length + partition, from: 1, to: 2, amount: 0, at };
    const file = join(folder, 'last.jsonl');
    writeFileSync(file, `${JSON.stringify(transfer)}\n`);
    const { status, stderr } = millrace.cli('produce', 'transfers', '-f', file, '-p', String(partition));
    expect(status, stderr).toBe(0);
    return transfer;
  });
}

async function look(database: () => pg.Client): Promise<{ sum: number; transfers: number }> {
  const client = database();
  client.on('error', () => undefined); // the query under way reports it
  await client.connect();
  try {
    const { rows } = await client.query<{ sum: number; transfers: number }>(
      'SELECT coalesce(sum(balance), 0)::float8 AS sum, coalesce(sum(transfers), 0)::float8 / 2 AS transfers FROM balances',
    );
    return rows[0]!;
  } finally {
    await client.end();
  }
}

const END_MS = 120_000;

async function checkBalances(database: () => pg.Client, transfers: readonly Transfer[]): Promise<void> {
  await eventually(
    'every transfer in the balances',
    async () => (await look(database)).transfers >= transfers.length,
    END_MS,
  );
  const expected = new Map<number, number>();
  for (const { from, to, amount } of transfers) {
    expected.set(from, (expected.get(from) ?? 0) - amount);
    expected.set(to, (expected.get(to) ?? 0) + amount);
  }
  const client = database();
  await client.connect();
  const { rows } = await client.query<{ account: number; balance: string; transfers: string }>(
    'SELECT account, balance, transfers FROM balances',
  );
  await client.end();
  expect(rows.reduce((sum, row) => sum + Number(row.transfers), 0)).toBe(transfers.length * 2);
  expect(new Map(rows.map(row => [row.account, Number(row.balance)]))).toEqual(expected);
}

async function checkTopic(millrace: Millrace, transfers: readonly Transfer[]): Promise<void> {
  const expected = transfers.filter(({ amount }) => amount >= LARGE).map(({ id }) => id);
  const found = await eventually('every large transfer on its topic', async () => {
    const { stdout } = millrace.cli('consume', 'large', '--value');
    const ids = stdout.split('\n').flatMap(line => (line === '' ? [] : [(JSON.parse(line) as Transfer).id]));
    return ids.length >= expected.length ? ids : null;
  });
  expect(found.sort((a, b) => a - b)).toEqual(expected);
}

async function checkFiles(folder: string, transfers: readonly Transfer[]): Promise<void> {
  const expected = new Map<number, { n: number; total: number }>();
  for (const { at, amount } of transfers) {
    const start = Math.floor(instant(at) / WINDOW_MS) * WINDOW_MS;
    const window = expected.get(start) ?? { n: 0, total: 0 };
    expected.set(start, { n: window.n + 1, total: window.total + amount });
  }
  const closed = [...expected].slice(0, -1); // that of the closing transfers is open
  const found = await eventually('every window in a file', async () => {
    const rows = committedRows(folder);
    return rows.length >= closed.length ? rows : null;
  });
  expect(found.sort((a, b) => a[0] - b[0])).toEqual(closed);
}

type Window = [number, { n: number; total: number }];

/** Rows of the files a reader may see: hidden ones are still being written. */
function committedRows(folder: string): Window[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const visible = names.filter(name => !/(^|\/)[._]/.test(name) && name.includes('part-'));
  return visible.flatMap(name => {
    const lines = readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter(line => line !== '');
    return lines.map((line): Window => {
      const {
        window_start: start,
        n,
        total,
      } = JSON.parse(line) as { window_start: string; n: number; total: number };
      return [instant(start.replace(' ', 'T')), { n, total }];
    });
  });
}
