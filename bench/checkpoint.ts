import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { blackholeSink } from '../src/connectors/blackhole/mod.ts';
import type { Source } from '../src/contract/mod.ts';
import { type Batch, BatchBuilder, type Schema, seededRng } from '../src/core/mod.ts';
import { type JobHandle, nodeCheckpointStorage, startJob } from '../src/engine/mod.ts';
import { Catalog, planScript } from '../src/plan/mod.ts';
import { systemClock as clock } from '../src/platform/system-clock.ts';
import { percentile, printFigures } from './print.ts';

const KEYS = 1_000_000;
const BATCHES = 512;
const ROWS = 4096;
/** Seconds with checkpoints and as many without that are compared with each other. */
const PAIRS = 40;
/** Key, count, sum, least and greatest, eight bytes each. */
const RAW_BYTES = KEYS * 40;

const SQL = `
CREATE TABLE events (id BIGINT, price BIGINT) WITH ('connector' = 'memory');
CREATE TABLE totals (id BIGINT, n BIGINT, total BIGINT, low BIGINT, high BIGINT,
  PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'blackhole');
INSERT INTO totals SELECT id, COUNT(*), SUM(price), MIN(price), MAX(price) FROM events GROUP BY id;`;

/** Every key once, in some order, then keys at random. */
function makeBatches(schema: Schema): Batch[] {
  const rng = seededRng(3);
  return Array.from({ length: BATCHES }, (_, b) => {
    const builder = new BatchBuilder(schema, ROWS);
    const [ids, prices] = builder.columns.map(c => (c as { values: BigInt64Array }).values);
    for (let i = 0; i < ROWS; i++) {
      const n = b * ROWS + i;
      ids![i] = BigInt(n < KEYS ? (n * 7919) % KEYS : rng.int(0, KEYS - 1));
      prices![i] = BigInt(rng.int(1, 10_000));
      builder.endRow();
    }
    return builder.build();
  });
}

/** What a run's source has seen: rows, and the time between one batch and the next. */
interface Seen {
  rows: number;
  readonly gapsMs: number[];
  firstMs: number;
}

function endlessSource(schema: Schema, batches: readonly Batch[], seen: Seen): Source {
  return {
    schema,
    bounded: false,
    splits: async () => [{ id: '0' }],
    open: async (_split, position) => {
      let next = (position as number | null) ?? 0;
      let last = 0;
      return {
        poll: async () => {
          const now = performance.now();
          if (seen.firstMs === 0) seen.firstMs = now;
          if (last > 0) seen.gapsMs.push(now - last);
          last = now;
          seen.rows += ROWS;
          return { kind: 'batch', batch: batches[next++ % BATCHES]! };
        },
        position: () => next,
        lag: async () => null,
        takeRejected: () => [],
        close: async () => undefined,
      };
    },
  };
}

function start(folder: string, intervalMs: number, batches: readonly Batch[], seen: Seen): JobHandle {
  const { plan } = planScript(SQL, new Catalog(), { 'execution.checkpointing.interval': `${intervalMs} ms` });
  return startJob({
    name: 'bench/checkpoint',
    plan,
    tables: {
      source: async () => endlessSource(batches[0]!.schema, batches, seen),
      sink: async table => blackholeSink(table),
    },
    checkpoints: nodeCheckpointStorage(folder),
    clock,
    newIncarnation: () => 'bench',
    logger: { info: () => undefined, warn: line => console.log(line) },
  });
}

const nothingSeen = (): Seen => ({ rows: 0, gapsMs: [], firstMs: 0 });

/** What one second of a run came to. */
interface Phase {
  readonly perProcessorSecond: number;
  readonly perSecond: number;
  readonly longestWaitMs: number;
}

/** The run goes on for a second, with a checkpoint at its begin or without. */
async function phase(job: JobHandle, seen: Seen, checkpoint: boolean, copies: number[]): Promise<Phase> {
  const never = new AbortController().signal;
  seen.gapsMs.length = 0;
  const [rows, cpu, began] = [seen.rows, process.cpuUsage(), performance.now()];
  if (checkpoint) {
    await job.checkpoint();
    copies.push(job.status().checkpoint!.stallMs);
  }
  await clock.sleep(Math.max(0, began + 1000 - performance.now()), never);
  const { user, system } = process.cpuUsage(cpu);
  const done = seen.rows - rows;
  return {
    perProcessorSecond: (done / (user + system)) * 1e6,
    perSecond: (done / (performance.now() - began)) * 1e3,
    longestWaitMs: Math.max(...seen.gapsMs),
  };
}

/** A second with a checkpoint and one without, one after the other. */
interface Pair {
  readonly with: Phase;
  readonly without: Phase;
}

/**
 * One job, whose seconds with checkpoints and without alternate: both have the same state in the same memory,
 * the
 * same machine code, and the same neighbours on the machine.
 */
async function run(folder: string, batches: readonly Batch[]) {
  const never = new AbortController().signal;
  const seen = nothingSeen();
  const job = start(folder, 3_600_000, batches, seen);
  while (seen.rows < BATCHES * ROWS * 2) await clock.sleep(20, never);
  const copies: number[] = [];
  const pairs: Pair[] = [];
  await phase(job, seen, true, []);
  for (let pair = 0; pair < PAIRS; pair++) {
    // Turned around each time, so that what grows or shrinks meanwhile favours neither.
    const first = await phase(job, seen, pair % 2 === 0, copies);
    const second = await phase(job, seen, pair % 2 !== 0, copies);
    pairs.push(pair % 2 === 0 ? { with: first, without: second } : { with: second, without: first });
  }
  const { checkpoint } = job.status();
  await job.cancel();
  return { copies, pairs, bytes: checkpoint!.bytes };
}

async function restoreMs(folder: string, batches: readonly Batch[]): Promise<number> {
  const seen = nothingSeen();
  const began = performance.now();
  const job = start(folder, 60_000, batches, seen);
  while (seen.firstMs === 0) await clock.sleep(1, new AbortController().signal);
  await job.cancel();
  return seen.firstMs - began;
}

/** What a program without an engine would do: a Map of objects, serialized and written. */
function baseline(folder: string): { readonly stallMs: number; readonly bytes: number } {
  const totals = new Map<number, { n: number; total: number; low: number; high: number }>();
  for (let id = 0; id < KEYS; id++) totals.set(id, { n: id, total: id * 2, low: 1, high: id });
  const began = performance.now();
  const bytes = serialize(totals);
  writeFileSync(join(folder, 'baseline'), bytes);
  return { stallMs: performance.now() - began, bytes: bytes.length };
}

const sort = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** What checkpoints cost of a figure: the middle one of all pairs, and how far half of them lie apart. */
function cost(title: string, of: (phase: Phase) => number, pairs: readonly Pair[]): void {
  const costs = sort(pairs.map(pair => (1 - of(pair.with) / of(pair.without)) * 100));
  const median = (values: readonly number[]) => percentile(sort(values), 0.5);
  printFigures(title, {
    without: median(pairs.map(pair => of(pair.without))),
    with: median(pairs.map(pair => of(pair.with))),
    'cost %': percentile(costs, 0.5),
    'half of the pairs from': percentile(costs, 0.25),
    to: percentile(costs, 0.75),
  });
}

/** A checkpoint of a million keys each second. */
export async function bench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-checkpoint-'));
  try {
    const { plan } = planScript(SQL, new Catalog());
    const schema = { fields: plan.sinks[0]!.table.physicalSchema.fields.slice(0, 2) };
    const batches = makeBatches(schema);
    const { copies, pairs, bytes } = await run(join(folder, 'run'), batches);
    const figures = (title: string, values: readonly number[]) => {
      const sorted = sort(values);
      printFigures(title, { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), of: sorted.length });
    };
    figures('copy of the state, ms', copies);
    const withThem = pairs.map(pair => pair.with.longestWaitMs);
    const without = pairs.map(pair => pair.without.longestWaitMs);
    figures('longest wait in a second, ms', withThem);
    figures('  without checkpoints', without);
    cost('rows a processor second', phase => phase.perProcessorSecond, pairs);
    cost('rows a second', phase => phase.perSecond, pairs);
    printFigures('bytes', { stored: bytes, raw: RAW_BYTES, 'times raw': bytes / RAW_BYTES });
    printFigures('restore, ms', { 'to the first row': await restoreMs(join(folder, 'run'), batches) });
    const plain = baseline(folder);
    printFigures('plain: a Map, v8.serialize, write', { 'stall ms': plain.stallMs, bytes: plain.bytes });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
