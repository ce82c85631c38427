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
const RUN_MS = 8_000;
const ROUNDS = 2;
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
  readonly gapsMs: { readonly atMs: number; readonly ms: number }[];
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
          if (last > 0) seen.gapsMs.push({ atMs: now, ms: now - last });
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

/** Runs until all keys are there, then for the measured time. */
async function run(folder: string, intervalMs: number, batches: readonly Batch[]) {
  const seen = nothingSeen();
  const job = start(folder, intervalMs, batches, seen);
  while (seen.rows < BATCHES * ROWS * 2) await clock.sleep(20, new AbortController().signal);
  if (intervalMs > RUN_MS) await job.checkpoint();
  seen.gapsMs.length = 0;
  const [rows, cpu, began] = [seen.rows, process.cpuUsage(), performance.now()];
  const copies = new Map<number, number>();
  while (performance.now() - began < RUN_MS) {
    await clock.sleep(100, new AbortController().signal);
    const { checkpoint } = job.status();
    if (checkpoint !== null) copies.set(checkpoint.epoch, checkpoint.stallMs);
  }
  const { user, system } = process.cpuUsage(cpu);
  const rowsPerS = ((seen.rows - rows) / (user + system)) * 1e6;
  const status = job.status();
  await job.cancel();
  return { rowsPerS, gaps: [...seen.gapsMs], copies: [...copies.values()], checkpoint: status.checkpoint };
}

/** The longest wait within each second: the stall of the checkpoint in it. */
function stalls(gaps: Seen['gapsMs']): number[] {
  const longest = new Map<number, number>();
  for (const { atMs, ms } of gaps) {
    const second = Math.floor(atMs / 1000);
    longest.set(second, Math.max(longest.get(second) ?? 0, ms));
  }
  return [...longest.values()].sort((a, b) => a - b);
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

/** A checkpoint of a million keys each second. */
export async function bench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-checkpoint-'));
  try {
    const { plan } = planScript(SQL, new Catalog());
    const schema = { fields: plan.sinks[0]!.table.physicalSchema.fields.slice(0, 2) };
    const batches = makeBatches(schema);
    await run(join(folder, 'warm'), 1000, batches);
    const each = {
      with: [] as number[],
      without: [] as number[],
      gaps: [] as number[],
      calm: [] as number[],
      copies: [] as number[],
    };
    let bytes = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const without = await run(join(folder, `without-${round}`), 3_600_000, batches);
      const checkpointed = await run(join(folder, `with-${round}`), 1000, batches);
      each.without.push(without.rowsPerS);
      each.with.push(checkpointed.rowsPerS);
      each.copies.push(...checkpointed.copies);
      each.gaps.push(...stalls(checkpointed.gaps));
      each.calm.push(...stalls(without.gaps));
      bytes = checkpointed.checkpoint?.bytes ?? 0;
    }
    const median = (all: number[]) =>
      percentile(
        [...all].sort((a, b) => a - b),
        0.5,
      );
    const gaps = each.gaps.sort((a, b) => a - b);
    const calm = each.calm.sort((a, b) => a - b);
    const copies = each.copies.sort((a, b) => a - b);
    printFigures('copy of the state, ms', {
      p50: percentile(copies, 0.5),
      p99: percentile(copies, 0.99),
      checkpoints: copies.length,
    });
    printFigures('longest wait in a second, ms', {
      p50: percentile(gaps, 0.5),
      p99: percentile(gaps, 0.99),
      max: gaps.at(-1)!,
    });
    printFigures('  without checkpoints', { p50: percentile(calm, 0.5), p99: percentile(calm, 0.99) });
    const cost = 1 - median(each.with) / median(each.without);
    const rates = { without: median(each.without), with: median(each.with), 'cost %': cost * 100 };
    printFigures('rows a processor second', rates);
    printFigures('bytes', { stored: bytes, raw: RAW_BYTES, 'times raw': bytes / RAW_BYTES });
    printFigures('restore, ms', { 'to the first row': await restoreMs(join(folder, 'with-0'), batches) });
    const plain = baseline(folder);
    printFigures('plain: a Map, v8.serialize, write', { 'stall ms': plain.stallMs, bytes: plain.bytes });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
