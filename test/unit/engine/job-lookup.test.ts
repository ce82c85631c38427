import { expect, test } from 'vitest';
import type { Lookup, Sink, Source } from '../../../src/contract/mod.ts';
import { type Batch, forEachRow, MillraceError, rowValue } from '../../../src/core/mod.ts';
import { startJob } from '../../../src/engine/mod.ts';
import type { LookupJoinNode, PhysicalPlan } from '../../../src/plan/mod.ts';
import { systemClock as clock } from '../../../src/platform/system-clock.ts';
import { batchOf, INT, insert, scan, schemaOf } from './harness.ts';

const input = schemaOf({ n: INT });
const squares = schemaOf({ k: INT, square: INT });
const output = schemaOf({ n: INT, k: INT, square: INT });
const tableOf = (name: string, physicalSchema: typeof input) => ({
  name,
  physicalSchema,
  primaryKey: [],
  options: { connector: 'test' },
});
const join: LookupJoinNode = {
  kind: 'lookupJoin',
  id: 1,
  schema: output,
  changelogMode: 'append',
  joinType: 'INNER',
  input: scan(0, 'numbers', input, 'append'),
  table: tableOf('squares', squares),
  projection: [0, 1],
  tableSchema: squares,
  inputKeys: [0],
  tableKeys: [0],
  condition: null,
  cache: null,
  retry: null,
};
const plan: PhysicalPlan = {
  sinks: [{ kind: 'sink', id: 2, table: tableOf('out', output), input: join, upsertKey: null }],
  options: { 'execution.checkpointing.interval': '1' },
};

const ROWS = 300;
/** Numbers from 0, seven a batch. */
const numbers: Source = {
  schema: input,
  bounded: true,
  splits: async () => [{ id: '0' }],
  open: async (_split, position) => {
    let next = (position as number | null) ?? 0;
    return {
      poll: async () => {
        if (next >= ROWS) return { kind: 'end' };
        const rows = Array.from({ length: Math.min(7, ROWS - next) }, (_, i) => insert(next + i));
        next += rows.length;
        return { kind: 'batch', batch: batchOf(input, rows) };
      },
      position: () => next,
      lag: async () => ROWS - next,
      takeRejected: () => [],
      close: async () => undefined,
    };
  },
};

/** Shows each epoch once, whoever commits it. */
function collecting(shown: string[]): Sink {
  let last = 0;
  return {
    delivery: 'exactly-once',
    openWriter: async () => {
      let rows: string[] = [];
      return {
        write: (batch: Batch) =>
          forEachRow(batch, row => rows.push(batch.columns.map(c => rowValue(c, row, INT)).join())),
        prepare: async () => {
          const staged = [Buffer.from(JSON.stringify(rows))];
          rows = [];
          return staged;
        },
        flush: async () => undefined,
        close: async () => undefined,
      };
    },
    openCommitter: async () => ({
      commit: async (epoch, staged) => {
        if (epoch <= last) return;
        last = epoch;
        shown.push(
          ...(JSON.parse(
            Buffer.concat(staged instanceof Uint8Array ? [staged] : [...staged]).toString(),
          ) as string[]),
        );
      },
      close: async () => undefined,
    }),
  };
}

test('a job waits for its look-ups before each barrier, and starts over when one fails', async () => {
  const shown: string[] = [];
  let [asked, closed] = [0, 0];
  const lookup: Lookup = {
    schema: squares,
    find: async keys => {
      await clock.sleep(1, new AbortController().signal);
      if (++asked === 10) throw new MillraceError('SOURCE_FAILED', 'the table is away');
      const values: number[] = [];
      forEachRow(keys, row => {
        values.push(rowValue(keys.columns[0]!, row, INT) as number);
      });
      const rows = values.map(value => insert(value, value * value));
      return { rows: batchOf(squares, rows), keyOf: Int32Array.from(values.keys()) };
    },
    close: async () => {
      closed++;
    },
  };
  const stored: Uint8Array[] = [];
  const sink = collecting(shown);
  const job = startJob({
    name: 'app/lookup',
    plan,
    tables: { source: async () => numbers, sink: async () => sink, lookup: () => lookup },
    checkpoints: {
      store: async (_epoch, parts) => void stored.push(Buffer.concat(parts)),
      latest: async () => stored.at(-1) ?? null,
      discardBelow: async () => undefined,
    },
    clock,
    newIncarnation: () => 'life',
    restart: { kind: 'fixed-delay', attempts: 100, delayMs: 1 },
    logger: { info: () => undefined, warn: () => undefined },
  });
  expect(await job.whenEnded).toBe('FINISHED');
  expect(shown).toEqual(Array.from({ length: ROWS }, (_, n) => `${n},${n},${n * n}`));
  expect(job.status().restarts).toBe(1);
  expect(closed).toBe(2);
});
