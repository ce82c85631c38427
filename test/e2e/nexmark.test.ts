import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CORRECTNESS, QUERIES } from '../../bench/nexmark/config.ts';
import { writeLines } from '../../bench/nexmark/files.ts';
import { appendEvents, readOutput } from '../../bench/nexmark/input.ts';
import { accumulate, type Digest, digestOf } from '../../bench/nexmark/results.ts';
import { runQuery, startQuery } from '../../bench/nexmark/run-query.ts';
import * as engine from '../../src/engine/mod.ts';
import * as logs from '../../src/log/mod.ts';
import * as plan from '../../src/plan/mod.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { tableFactories } from '../../src/platform/tables.ts';
import { type NexmarkReference, openNexmarkReference } from '../support/nexmark-reference.ts';

const product = { ...engine, ...logs, ...plan, systemClock, tableFactories };
const fixture = new URL('../fixtures/flink/nexmark/results.json', import.meta.url);
/** Recorded by scripts/nexmark-flink.ts. */
const flink = JSON.parse(readFileSync(fixture, 'utf8')) as {
  readonly input: string;
  readonly results: Readonly<Record<string, Digest>>;
};

const directory = mkdtempSync(join(tmpdir(), 'millrace-nexmark-'));
let log: logs.Log;
let reference: NexmarkReference;

beforeAll(async () => {
  const input = join(directory, 'input.jsonl');
  writeLines(input, CORRECTNESS.events, CORRECTNESS);
  expect(digestOf(readFileSync(input, 'utf8').split('\n')).sha256, 'the data Flink was given').toBe(
    flink.input,
  );
  reference = await openNexmarkReference(input);
  const storage = logs.nodeStorage();
  log = await logs.openEmbeddedLog({
    storage,
    clock: systemClock,
    directory: join(directory, 'log'),
    flush: 'interval',
  });
  await appendEvents(log, CORRECTNESS.events, CORRECTNESS);
});
afterAll(async () => {
  await log.close();
  rmSync(directory, { recursive: true });
});

describe('Nexmark: the accumulated result equals a batch engine’s and a real Flink’s', () => {
  test.each(QUERIES.filter(({ name }) => name !== 'q12'))('$name', async query => {
    const checkpoints = join(directory, `checkpoints-${query.name}`);
    await runQuery({ product, log, query, checkpoints, outputTopic: query.name });
    const rows = accumulate(query, await readOutput(product, log, query.name));
    expect(rows).toEqual(await reference.rows(query.name));
    expect(digestOf(rows)).toEqual(flink.results[query.name]);
  });
});

test('q12, whose windows are those of the clock: all bids are counted, once the last window is over', async () => {
  const query = QUERIES.find(({ name }) => name === 'q12')!;
  const checkpoints = join(directory, 'checkpoints-q12');
  let nowMs = Date.UTC(2026, 0, 1);
  const clock = { ...systemClock, nowMs: () => nowMs };
  const run = { product, log, query, checkpoints, outputTopic: 'q12' };
  const job = startQuery(run, { bounded: false, clock });
  const signal = AbortSignal.timeout(60_000);
  while (job.status().rowsIn < CORRECTNESS.events) await systemClock.sleep(1, signal);
  nowMs += 10_000;
  while (job.status().rowsOut === 0) await systemClock.sleep(1, signal);
  await job.stop();
  const rows = (await readOutput(product, log, 'q12')).map(row => JSON.parse(row) as Record<string, number>);
  expect(rows.reduce((sum, row) => sum + row['bid_count']!, 0)).toBe(await reference.bids());
  expect(flink.results['q12']?.rows, 'Flink drops the window that is open when the input ends').toBe(0);
});
