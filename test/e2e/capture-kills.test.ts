import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseLsn } from '../../src/connectors/postgres-cdc/mod.ts';
import { seededRng } from '../../src/core/mod.ts';
import { nodeStorage, openEmbeddedLog } from '../../src/log/mod.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { type CaptureBench, openCaptureBench, readTopic } from '../support/capture.ts';
import { CaptureChild, checkJournal, checkLedger, createLedger, Load } from '../support/capture-kills.ts';

/**
 * Invariant: whatever dies and whenever, the topics hold the source's history, each row of the initial read
 * and each
 * change once, in order. Kills hit work in flight: transactions run all the time.
 */
let bench: CaptureBench;
let directory: string;
let config: Record<string, string>;

beforeEach(async () => {
  bench = await openCaptureBench();
  directory = join(bench.directory, 'captured');
  config = bench.config('k', { 'table.include.list': 'public.ledger,public.journal' });
  await createLedger(bench.client, 3_000);
});
afterEach(() => bench?.dispose());

/** All of the source is in the log; then the process dies and its log is read. */
async function checkEverything(child: CaptureChild): Promise<void> {
  const client = await bench.connect();
  const { rows } = await client.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn');
  const lsn = parseLsn(rows[0]!.lsn);
  await child.until('all is durable', status => status.phase === 'streamRead' && status.lsnDurable >= lsn);
  await child.kill();
  const log = await openEmbeddedLog({ storage: nodeStorage(), clock: systemClock, directory });
  try {
    const table = await client.query('select id::int, version, note from ledger order by id');
    const changes = checkLedger(await readTopic(log, 'k.public.ledger'), table.rows);
    const { rows: last } = await client.query<{ n: number }>('select max(n)::int as n from journal');
    checkJournal(await readTopic(log, 'k.public.journal'), last[0]!.n);
    expect(changes).toBeGreaterThan(0);
    console.log(`  ${last[0]!.n} transactions, ${changes} changes, each once`);
  } finally {
    await log.close();
    await client.end();
  }
}

const FAILPOINTS = [
  ['capture.commit.before:1', 'log.transaction.prepare.after:1', 'capture.commit.after:1'],
  ['log.append.written.after:9', 'log.transaction.data.after:4', 'log.transaction.markers.after:1'],
  ['capture.commit.before:40', 'log.transaction.prepare.after:7', 'capture.commit.after:60'],
];

test.each(FAILPOINTS)('kill -9 at %s, %s and %s loses and doubles nothing', async (...failpoints) => {
  const load = new Load(bench, seededRng(failpoints.length));
  for (const failpoint of failpoints) {
    const child = new CaptureChild(directory, config, failpoint);
    await child.exited;
    expect(child.errors).toContain(`failpoint ${failpoint.split(':')[0]}`);
    console.log(`  killed at ${failpoint}: ${JSON.stringify(child.status)}`);
  }
  const child = new CaptureChild(directory, config);
  await child.until('it streams', status => status.phase === 'streamRead' && status.records > 0);
  await load.stop();
  await checkEverything(child);
});

test('kill -9 at random moments loses and doubles nothing', async () => {
  const rng = seededRng(11);
  const load = new Load(bench, rng);
  for (let round = 0; round < 4; round++) {
    const child = new CaptureChild(directory, config);
    await child.until('it works', status => status.phase !== 'starting');
    await new Promise(resolve => setTimeout(resolve, rng.int(0, 300)));
    await child.kill();
    console.log(`  killed in ${child.status.phase} after ${child.status.records} records`);
  }
  const child = new CaptureChild(directory, config);
  await child.until('it streams', status => status.phase === 'streamRead' && status.records > 0);
  await load.stop();
  await checkEverything(child);
});

test('kill -9 of PostgreSQL loses and doubles nothing, and capture goes on by itself', async () => {
  const load = new Load(bench, seededRng(12));
  const child = new CaptureChild(directory, config);
  for (let round = 0; round < 2; round++) {
    const before = child.status.records;
    await child.until(
      'changes flow',
      status => status.phase === 'streamRead' && status.records > before + 100,
    );
    process.kill(bench.serverPid(), 'SIGKILL');
    await child.until('the loss is seen', status => status.phase !== 'streamRead');
    console.log(`  server killed after ${child.status.records} records: ${child.status.lastError}`);
    await child.until('it streams again', status => status.phase === 'streamRead');
  }
  await load.stop();
  await checkEverything(child);
});
