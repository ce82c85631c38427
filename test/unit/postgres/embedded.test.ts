import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
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
  expect(await open.ensureDatabase('flavor')).toBe(true);
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

test('killed, it is started again and answers', async () => {
  open = await openPostgres({ directory: place(), clock, logger });
  const pid = open.pid() as number;
  process.kill(pid, 'SIGKILL');
  await answersAgain(open);
  expect(open.pid()).not.toBe(pid);
  expect(open.failure()).toBeNull();
});

test('a wrong password is refused, also on loopback', async () => {
  open = await openPostgres({ directory: place(), clock, logger });
  const address = new URL(open.url);
  address.password = 'wrong';
  const client = new pg.Client({ connectionString: address.href });
  await expect(client.connect()).rejects.toThrow(/password authentication failed/);
});

test.skipIf(process.getuid?.() !== 0)('as root it works below a folder that only root can read', async () => {
  const directory = place('closed', 'data');
  mkdirSync(join(folder, 'closed'), { recursive: true });
  chmodSync(folder, 0o700);
  open = await openPostgres({ directory, clock, logger });
  expect(await ask(open, 'SELECT 1')).toBe('1');
  const owner = spawnSync('stat', ['-c', '%u', `/proc/${open.pid()}`], { encoding: 'utf8' });
  expect(owner.stdout.trim()).toBe('65534');
});
