import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test } from 'vitest';
import type { Sink, Source } from '../../../src/contract/mod.ts';
import {
  BatchBuilder,
  forEachRow,
  MillraceError,
  putValue,
  rowValue,
  type Schema,
} from '../../../src/core/mod.ts';
import { type CheckpointStorage, type JobHandle, startJob } from '../../../src/engine/mod.ts';
import type { PhysicalPlan, ScanNode } from '../../../src/plan/mod.ts';
import { systemClock as clock } from '../../../src/platform/system-clock.ts';

const schema: Schema = { fields: [{ name: 'n', type: { kind: 'INT', nullable: false } }] };
const table = (name: string) => ({
  name,
  physicalSchema: schema,
  primaryKey: [],
  options: { connector: 'test' },
});
const scan: ScanNode = {
  kind: 'scan',
  id: 0,
  schema,
  changelogMode: 'append',
  table: table('numbers'),
  projection: [0],
};
const plan = (interval = 5): PhysicalPlan => ({
  sinks: [{ kind: 'sink', id: 1, table: table('out'), input: scan, upsertKey: null }],
  options: { 'execution.checkpointing.interval': String(interval) },
});

/** Counts up to `end`, three numbers a batch; throws once at `failAt`. */
function numbers(end: number, failAt = -1): Source {
  let failed = false;
  return {
    schema,
    bounded: true,
    splits: async () => [{ id: '0' }],
    open: async (_split, position) => {
      let next = (position as number | null) ?? 0;
      return {
        poll: async () => {
          if (next >= end) return { kind: 'end' };
          if (next >= failAt && failAt >= 0 && !failed) {
            failed = true;
            throw new MillraceError('LOG_IO', 'the source broke');
          }
          const builder = new BatchBuilder(schema);
          for (let i = 0; i < 3 && next < end; i++) {
            putValue(builder.columns[0]!, builder.rowCount, next++);
            builder.endRow();
          }
          return { kind: 'batch', batch: builder.build() };
        },
        position: () => next,
        lag: async () => end - next,
        takeRejected: () => [],
        close: async () => undefined,
      };
    },
  };
}

/** Stages an epoch as JSON and shows it when committed, once per epoch, as a real sink must. */
function stagingSink(shown: number[], applied: Map<string, number>, failCommitOnce = { left: 0 }): Sink {
  return {
    delivery: 'exactly-once',
    openWriter: async () => {
      let rows: number[] = [];
      return {
        write: batch =>
          forEachRow(batch, row =>
            rows.push(rowValue(batch.columns[0]!, row, schema.fields[0]!.type) as number),
          ),
        prepare: async () => {
          const staged = rows.length > 0 ? new TextEncoder().encode(JSON.stringify(rows)) : null;
          rows = [];
          return staged;
        },
        flush: async () => undefined,
        close: async () => undefined,
      };
    },
    openCommitter: async ({ incarnation }) => ({
      commit: async (epoch, staged: Uint8Array) => {
        if ((applied.get(incarnation) ?? 0) >= epoch) return;
        if (failCommitOnce.left-- > 0) throw new MillraceError('SINK_FAILED', 'the sink is away');
        shown.push(...(JSON.parse(new TextDecoder().decode(staged)) as number[]));
        applied.set(incarnation, epoch);
      },
      close: async () => undefined,
    }),
  };
}

function memoryCheckpoints(): CheckpointStorage & { readonly stored: Map<number, Uint8Array> } {
  const stored = new Map<number, Uint8Array>();
  return {
    stored,
    store: async (epoch, parts) => void stored.set(epoch, Buffer.concat(parts)),
    latest: async () => stored.get(Math.max(...stored.keys())) ?? null,
    discardBelow: async epoch => {
      for (const old of stored.keys()) if (old < epoch) stored.delete(old);
    },
  };
}

const upTo = (end: number): number[] => Array.from({ length: end }, (_, i) => i);
let job: JobHandle | null = null;
afterEach(() => job?.cancel());

const start = (source: Source, sink: Sink, checkpoints = memoryCheckpoints(), interval = 5): JobHandle => {
  let incarnations = 0;
  job = startJob({
    name: 'app/job',
    plan: plan(interval),
    tables: { source: async () => source, sink: async () => sink },
    checkpoints,
    clock,
    newIncarnation: () => `life-${++incarnations}`,
    restart: { kind: 'fixed-delay', attempts: 100, delayMs: 1 },
    logger: { info: () => undefined, warn: () => undefined },
  });
  return job;
};

test('bounded input is read to its end, every row is shown once, and the job is FINISHED', async () => {
  const shown: number[] = [];
  expect(await start(numbers(1000), stagingSink(shown, new Map())).whenEnded).toBe('FINISHED');
  expect(shown).toEqual(upTo(1000));
  expect(job?.status().rowsIn).toBe(1000);
});

test('a source that breaks restarts the job from its checkpoint; nothing is lost or doubled', async () => {
  const shown: number[] = [];
  const handle = start(numbers(3000, 1500), stagingSink(shown, new Map()));
  expect(await handle.whenEnded).toBe('FINISHED');
  expect(shown).toEqual(upTo(3000));
  expect(handle.status().restarts).toBe(1);
  expect(handle.status().exception).toBe('the source broke');
});

test('a sink that is away when an epoch is to be committed gets it after the restart', async () => {
  const shown: number[] = [];
  const handle = start(numbers(3000), stagingSink(shown, new Map(), { left: 1 }));
  expect(await handle.whenEnded).toBe('FINISHED');
  expect(shown).toEqual(upTo(3000));
});

test('an epoch stored but not committed before a crash is committed after it, once', async () => {
  const checkpoints = memoryCheckpoints();
  const shown: number[] = [];
  const applied = new Map<string, number>();
  await start(numbers(30), stagingSink(shown, applied), checkpoints, 60_000).whenEnded;
  const [[epoch]] = [...checkpoints.stored] as [[number, Uint8Array]];
  applied.set('life-1', epoch - 1);
  shown.length = 0;
  const stored = Buffer.from(checkpoints.stored.get(epoch) as Uint8Array).toString('latin1');
  checkpoints.stored.set(epoch, Buffer.from(stored.replace('"finished":true', '"finished":null'), 'latin1'));
  const again = start(numbers(30), stagingSink(shown, applied), checkpoints, 60_000);
  expect(await again.whenEnded).toBe('FINISHED');
  expect(shown).toEqual(upTo(30));
});

test('a finished job stays finished over a restart of the program', async () => {
  const checkpoints = memoryCheckpoints();
  const shown: number[] = [];
  const applied = new Map<string, number>();
  await start(numbers(30), stagingSink(shown, applied), checkpoints).whenEnded;
  expect(await start(numbers(60), stagingSink(shown, applied), checkpoints).whenEnded).toBe('FINISHED');
  expect(shown).toEqual(upTo(30));
});

test('a changed statement does not go on from old state', async () => {
  const checkpoints = memoryCheckpoints();
  await start(numbers(30), stagingSink([], new Map()), checkpoints).whenEnded;
  job = startJob({
    name: 'app/job',
    plan: { ...plan(), sinks: plan().sinks.map(sink => ({ ...sink, table: table('elsewhere') })) },
    tables: { source: async () => numbers(3), sink: async () => stagingSink([], new Map()) },
    checkpoints,
    clock,
    newIncarnation: () => 'new',
    logger: { info: () => undefined, warn: () => undefined },
  });
  expect(await job.whenEnded).toBe('FAILED');
  expect(job.status().exception).toMatch(/has changed since its last checkpoint/);
});

test('a job that has ended is shown, but holds nothing that its tasks had', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const writers: WeakRef<object>[] = [];
  const sink = stagingSink([], new Map());
  const openWriter: Sink['openWriter'] = async context => {
    const writer = await sink.openWriter(context);
    writers.push(new WeakRef(writer));
    return writer;
  };
  const handle = start(numbers(30), { ...sink, openWriter }, memoryCheckpoints());
  await handle.whenEnded;
  for (let turn = 0; turn < 100 && writers[0]!.deref() !== undefined; turn++) {
    await new Promise(resolve => setImmediate(resolve));
    collect();
  }
  expect(writers.map(writer => writer.deref())).toEqual([undefined]);
  expect(handle.status()).toMatchObject({ state: 'FINISHED', rowsIn: 30, rowsOut: 30 });
});
