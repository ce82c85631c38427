import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAccumulate, type RowValue } from '../../../src/core/mod.ts';
import type { PhysicalNode } from '../../../src/plan/mod.ts';
import { Bench, history, play } from '../../support/law-bench.ts';
import {
  accumulate,
  agg,
  at,
  BIGINT,
  call,
  col,
  decimal,
  insert,
  lit,
  print,
  type Row,
  remove,
  STRING,
  scan,
  schemaOf,
  TIME3,
} from './harness.ts';

const SEED = 7;
const RUNS = 100;

const input = schemaOf({ k: STRING, v: BIGINT, t: STRING, d: decimal(12, 2) });
const row = fc
  .tuple(
    fc.option(fc.constantFrom('a', 'b', 'a longer key, to be hashed by words')),
    fc.option(fc.bigInt({ min: -5n, max: 5n })),
    fc.option(fc.constantFrom('', 'x', 'yy', 'ü', '\u{1F600}', '\uFFFD')),
    fc.option(fc.bigInt({ min: -(10n ** 12n) + 1n, max: 10n ** 12n - 1n })),
  )
  .map(values => values as RowValue[]);

const present = <T>(values: readonly (T | null)[]): T[] => values.filter(v => v !== null);
const sum = (values: readonly bigint[]): bigint | null =>
  values.length === 0 ? null : values.reduce((s, v) => s + v, 0n);
const extreme = <T>(values: readonly T[], sign: 1 | -1): T | null =>
  values.length === 0 ? null : values.reduce((best, v) => ((v < best ? -1 : 1) === sign ? v : best));

function naiveAggregates(rows: readonly RowValue[][]): RowValue[] {
  const v = present(rows.map(r => r[1] as bigint | null));
  const t = present(rows.map(r => r[2] as string | null));
  const total = sum(v);
  return [
    BigInt(rows.length),
    BigInt(v.length),
    total,
    total === null ? null : total / BigInt(v.length),
    extreme(v, -1),
    extreme(v, 1),
    extreme(t, -1),
    extreme(t, 1),
    BigInt(new Set(v).size),
    sum([...new Set(v)]),
    sum(present(rows.map(r => r[3] as bigint | null))),
  ];
}
const aggregates = [
  agg('COUNT', null, BIGINT),
  agg('COUNT', 1, BIGINT),
  agg('SUM', 1, BIGINT),
  agg('AVG', 1, BIGINT),
  agg('MIN', 1, BIGINT),
  agg('MAX', 1, BIGINT),
  agg('MIN', 2, STRING),
  agg('MAX', 2, STRING),
  agg('COUNT', 1, BIGINT, { distinct: true }),
  agg('SUM', 1, BIGINT, { distinct: true }),
  agg('SUM', 3, decimal(38, 2)),
];
const results = {
  n: BIGINT,
  nv: BIGINT,
  sum: BIGINT,
  avg: BIGINT,
  min: BIGINT,
  max: BIGINT,
  minT: STRING,
  maxT: STRING,
  distinct: BIGINT,
  sumDistinct: BIGINT,
  total: decimal(38, 2),
};

function groupBy(rows: readonly RowValue[][], key: (row: RowValue[]) => RowValue[]): string[] {
  const groups = new Map<string, { key: RowValue[]; rows: RowValue[][] }>();
  for (const r of rows) {
    const name = print(key(r));
    const group = groups.get(name) ?? { key: key(r), rows: [] };
    group.rows.push(r);
    groups.set(name, group);
  }
  return [...groups.values()].map(g => print([...g.key, ...naiveAggregates(g.rows)])).sort();
}

for (const keys of [[0], []]) {
  test(`GROUP BY over ${keys.length} keys: the changelog adds up to the query over what is there`, () => {
    const root: PhysicalNode = {
      kind: 'groupAggregate',
      id: 1,
      schema: schemaOf({ ...(keys.length > 0 ? { k: STRING } : {}), ...results }),
      changelogMode: 'retract',
      input: scan(2, 't', input),
      keys,
      aggregates,
    };
    fc.assert(
      fc.property(history(row, ['t']), steps => {
        const bench = new Bench(root);
        const held = play(bench, steps).get('t') ?? [];
        expect(accumulate(bench.changes)).toEqual(groupBy(held, r => keys.map(c => r[c]!)));
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });
}

test('GROUP BY over rows that are never taken back', () => {
  const root: PhysicalNode = {
    kind: 'groupAggregate',
    id: 1,
    schema: schemaOf({ k: STRING, ...results }),
    changelogMode: 'retract',
    input: scan(2, 't', input, 'append'),
    keys: [0],
    aggregates,
  };
  fc.assert(
    fc.property(history(row, ['t']), steps => {
      const bench = new Bench(root);
      const held = play(
        bench,
        steps.map(s => ({ ...s, takeBack: [] })),
      ).get('t');
      expect(accumulate(bench.changes)).toEqual(groupBy(held ?? [], r => [r[0]!]));
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

const timed = schemaOf({ k: STRING, v: BIGINT, t: STRING, d: decimal(12, 2), ts: TIME3 });
const MINUTE = 60_000;
const windowRoot: PhysicalNode = {
  kind: 'windowAggregate',
  id: 1,
  schema: schemaOf({ k: STRING, ...results, start: TIME3, end: TIME3 }),
  changelogMode: 'append',
  input: {
    kind: 'watermark',
    id: 2,
    schema: timed,
    changelogMode: 'retract',
    input: scan(3, 't', timed),
    rowtime: 4,
    watermark: call('-', TIME3, col(4, TIME3), lit(90_000n, { kind: 'INTERVAL_DAY_TIME', nullable: false })),
    idleTimeoutMs: null,
  },
  window: { kind: 'TUMBLE', sizeMs: MINUTE, offsetMs: 0 },
  time: { attribute: 'rowtime', column: 4, isInstant: false },
  keys: [0],
  aggregates,
  windowProperties: ['window_start', 'window_end'],
};
const timedRow = fc
  .tuple(row, fc.integer({ min: -4 * MINUTE, max: 4 * MINUTE }))
  .map(([values, ms]) => [...values, at(ms)]);

test('TUMBLE: each window is the query over its rows in time; late rows are counted, whatever the batches', () => {
  fc.assert(
    fc.property(history(timedRow, ['t']), fc.boolean(), (steps, cut) => {
      const bench = new Bench(windowRoot);
      const held: RowValue[][] = [];
      let [watermark, late] = [Number.NEGATIVE_INFINITY, 0];
      for (const step of steps) {
        const kept: Row[] = step.rows.map(r => insert(...r));
        for (const pick of step.takeBack)
          if (held.length > 0) kept.push(remove(...held[pick % held.length]!));
        const sent: Row[] = [];
        // The model takes rows one by one, and takes back only what is there.
        for (const change of kept) {
          const [kind, ...values] = change;
          const ms = (values[4] as { millis: number }).millis;
          const end = (Math.floor(ms / MINUTE) + 1) * MINUTE;
          const index = held.findIndex(r => print(r) === print(values));
          if (!isAccumulate(kind) && index < 0) continue;
          sent.push(change);
          if (end - 1 <= watermark) late++;
          else if (isAccumulate(kind)) held.push(values);
          else held.splice(index, 1);
          watermark = Math.max(watermark, ms - 90_000);
        }
        for (const part of cut ? sent.map(r => [r]) : [sent]) if (part.length > 0) bench.send('t', part);
        if (step.crash) bench.crash();
      }
      bench.end();
      const start = (r: RowValue[]): number =>
        Math.floor((r[4] as { millis: number }).millis / MINUTE) * MINUTE;
      const expected = groupBy(held, r => [start(r), r[0]!]).map(text => {
        const [from, ...rest] = JSON.parse(text) as [number, ...unknown[]];
        return print([...rest, from, from + MINUTE]);
      });
      expect(accumulate(bench.changes)).toEqual(expected.sort());
      expect(bench.late).toBe(late);
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

test('changelogNormalize turns upserts and tombstones into a changelog', () => {
  const schema = schemaOf({ k: STRING, v: BIGINT });
  const root: PhysicalNode = {
    kind: 'changelogNormalize',
    id: 1,
    schema,
    changelogMode: 'retract',
    input: scan(2, 't', schema, 'upsert'),
    keys: [0],
  };
  const change = fc.record({
    k: fc.constantFrom('a', 'b', 'c'),
    v: fc.option(fc.bigInt({ min: 0n, max: 3n })),
    kind: fc.constantFrom(0, 2, 3),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.array(change), fc.boolean())), parts => {
      const bench = new Bench(root);
      const model = new Map<string, RowValue[]>();
      for (const [changes, crash] of parts) {
        for (const { k, v, kind } of changes) {
          if (kind === 3) model.delete(k);
          else model.set(k, [k, v]);
        }
        bench.send(
          't',
          changes.map(({ k, v, kind }): Row => [kind, k, kind === 3 ? null : v]),
        );
        if (crash) bench.crash();
      }
      expect(accumulate(bench.changes)).toEqual([...model.values()].map(print).sort());
    }),
    { seed: SEED, numRuns: RUNS },
  );
});
