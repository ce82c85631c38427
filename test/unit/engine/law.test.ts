import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RowValue } from '../../../src/core/mod.ts';
import type { PhysicalNode } from '../../../src/plan/mod.ts';
import { aggregates, groupBy, input, results, row } from '../../support/law-aggregates.ts';
import { Bench, history, play } from '../../support/law-bench.ts';
import { accumulate, BIGINT, print, type Row, STRING, scan, schemaOf } from './harness.ts';

const SEED = 7;
const RUNS = 100;

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
