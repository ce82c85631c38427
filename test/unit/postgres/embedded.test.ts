import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { obstacleOf } from '../../../src/platform/postgres/foreign.ts';
import { openPostgres, type PostgresHandle } from '../../../src/platform/postgres/mod.ts';
import { systemClock as clock } from '../../../src/platform/system-clock.ts';

const logger = { info: () => undefined, warn: () => undefined };
let folder = '';
let open: PostgresHandle | null = null;

afterEach(async () => {
  await open?.stop();
  open = null;
  rmSync(folder, { recursive: true, force: true });
});

const place = (...parts: string[]): string => {
  folder = mkdtempSync(join(tmpdir(), 'millrace pg '));
  chmodSync(folder, 0o755);
  return join(folder, ...parts, 'postgres');
};

async function ask(handle: PostgresHandle, sql: string): Promise<string> {
  const client = new pg.Client({ connectionString: handle.url });
  await client.connect();
  const { rows } = await client.query<Record<string, string>>(sql);
  await client.end();
  return String(Object.values(rows[0] ?? {})[0]);
}

async function refusesWrongPassword(handle: PostgresHandle): Promise<void> {
  const address = new URL(handle.url);
  address.password = 'wrong';
  const client = new pg.Client({ connectionString: address.href });
  await expect(client.connect()).rejects.toThrow(/password authentication failed/);
}

async function answersAgain(handle: PostgresHandle): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await ask(handle, 'SELECT 1');
      if (handle.failure() === null) return;
    } catch (error) {
      if (tries > 400) throw error;
    }
    await clock.sleep(25);
  }
}

test('it is created in a path with spaces, captures logically, and keeps its data over a restart', async () => {
  const directory = place('a b');
  open = await openPostgres({ directory, clock, logger });
  expect(await ask(open, 'SHOW wal_level')).toBe('logical');
  expect(await ask(open, 'SHOW server_version')).toMatch(/^18/);
  // Text sorts by code point and instants are shown in UTC, whatever the system's locale.
  expect(await ask(open, `SELECT string_agg(x, '' ORDER BY x) FROM unnest('{b,A,é,B,a}'::text[]) x`)).toBe(
    'ABabé',
  );
  expect(await ask(open, `SELECT upper('é')`)).toBe('É');
  expect(await ask(open, 'SHOW timezone')).toBe('UTC');
  expect(await ask(open, 'SHOW fsync')).toBe('on');
  expect(await open.ensureDatabase('flavor')).toBe(true);
  await refusesWrongPassword(open);
  await open.stop();
  open = await openPostgres({ directory, clock, logger });
  expect(await open.ensureDatabase('flavor')).toBe(false);
});

test('a server that outlived a crash of ours is adopted, not started twice', async () => {
  const directory = place();
  const killed = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'test/support/open-postgres-and-die.ts', directory],
    {
      encoding: 'utf8',
    },
  );
  expect(killed.signal, killed.stderr).toBe('SIGKILL');
  open = await openPostgres({ directory, clock, logger });
  expect(String(open.pid())).toBe(killed.stdout);
  expect(await ask(open, 'SELECT 1')).toBe('1');
});

test('a half-made cluster is made anew, a stale lock is no obstacle, a newer PostgreSQL is left untouched', async () => {
  const directory = place();
  mkdirSync(`${directory}.new`, { recursive: true });
  writeFileSync(join(`${directory}.new`, 'PG_VERSION'), '18\n');
  open = await openPostgres({ directory, clock, logger });
  expect(await ask(open, 'SELECT 1')).toBe('1');
  await open.stop();
  // A pid file of a crash, whose pid another program has by now.
  writeFileSync(join(directory, 'postmaster.pid'), `${process.pid}\n${directory}\n0\n5439\n\n127.0.0.1\n`);
  open = await openPostgres({ directory, clock, logger });
  expect(open.pid()).not.toBe(process.pid);
  await open.stop();
  writeFileSync(join(directory, 'PG_VERSION'), '19\n');
  await expect(openPostgres({ directory, clock, logger })).rejects.toMatchObject({ code: 'DATA_DIR_NEWER' });
  expect(readFileSync(join(directory, 'PG_VERSION'), 'utf8')).toBe('19\n');
});

test("a server of the user's own is used by its address, and told when it is gone", async () => {
  open = await openPostgres({ directory: place(), clock, logger });
  const told: string[] = [];
  const own = await openPostgres({
    ...{ directory: 'unused', url: open.url, clock },
    logger: { info: () => undefined, warn: text => void told.push(text) },
  });
  try {
    expect(own.owned).toBe(false);
    expect(await own.ensureDatabase('flavor')).toBe(true);
    expect(await ask(open, `SELECT count(*) FROM pg_database WHERE datname = 'flavor'`)).toBe('1');
    await open.stop();
    while (own.failure() === null) await clock.sleep(10);
    expect(told).toEqual([
      expect.stringMatching(/^postgresql:\/\/postgres@127.0.0.1:\d+\/postgres does not answer/),
    ]);
  } finally {
    await own.stop();
  }
  await expect(openPostgres({ directory: 'unused', url: open.url, clock, logger })).rejects.toMatchObject({
    code: 'POSTGRES_UNAVAILABLE',
  });
});

test('an unsuitable server is refused with the remedy', () => {
  const fine = { wal_level: 'logical', slots: 10, may_replicate: true };
  expect(obstacleOf(fine)).toBeNull();
  expect(obstacleOf({ ...fine, wal_level: 'replica' })).toMatch(/ALTER SYSTEM SET wal_level = logical/);
  expect(obstacleOf({ ...fine, slots: 0 })).toMatch(/max_replication_slots/);
  expect(obstacleOf({ ...fine, may_replicate: false })).toMatch(/REPLICATION/);
});

test('killed, it is started again and answers', async () => {
  open = await openPostgres({ directory: place(), clock, logger });
  const pid = open.pid() as number;
  process.kill(pid, 'SIGKILL');
  await answersAgain(open);
  expect(open.pid()).not.toBe(pid);
  expect(open.failure()).toBeNull();
});

test.skipIf(process.getuid?.() !== 0)(
  'as root it works below a folder that only root can read, and clears what lies elsewhere for a deleted one',
  async () => {
    const closed = (): string => {
      const directory = place('closed', 'data');
      mkdirSync(join(folder, 'closed'));
      chmodSync(folder, 0o700);
      return directory;
    };
    const directory = closed();
    open = await openPostgres({ directory, clock, logger });
    expect(await ask(open, 'SELECT 1')).toBe('1');
    const owner = spawnSync('stat', ['-c', '%u', `/proc/${open.pid()}`], { encoding: 'utf8' });
    expect(owner.stdout.trim()).toBe('65534');
    const elsewhere = realpathSync(directory);
    await open.stop();
    rmSync(folder, { recursive: true });
    open = await openPostgres({ directory: closed(), clock, logger });
    expect(existsSync(elsewhere)).toBe(false);
  },
);

test.skipIf(process.getuid?.() !== 0)('as an ordinary user it runs as that user', async () => {
  const directory = place();
  chownSync(folder, 1, 1);
  const run = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'test/support/open-postgres-and-die.ts', directory],
    { encoding: 'utf8', uid: 1, gid: 1, env: { ...process.env, HOME: folder, TMPDIR: folder } },
  );
  expect(run.signal, run.stderr).toBe('SIGKILL');
  const pid = Number(run.stdout);
  try {
    const owner = spawnSync('stat', ['-c', '%u', `/proc/${pid}`], { encoding: 'utf8' });
    expect(owner.stdout.trim()).toBe('1');
  } finally {
    process.kill(pid, 'SIGINT');
  }
});
