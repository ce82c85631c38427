import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RowValue, Schema } from '../../../src/core/mod.ts';
import type { JoinType, PhysicalNode } from '../../../src/plan/mod.ts';
import { Bench, history, play } from '../../support/law-bench.ts';
import { accumulate, at, call, col, INT, insert, print, STRING, scan, schemaOf, TIME3 } from './harness.ts';

const SEED = 7;
const RUNS = 100;

const leftSchema = schemaOf({ k: STRING, a: INT });
const rightSchema = schemaOf({ k: STRING, b: INT });
const joinRow = fc
  .tuple(fc.option(fc.constantFrom('a', 'b', 'c')), fc.option(fc.integer({ min: 0, max: 3 })))
  .map(values => values as RowValue[]);

interface JoinCase {
  readonly joinType: JoinType;
  readonly conditional: boolean;
  readonly nullsJoin: boolean;
  /** Rows are never taken back. */
  readonly append: boolean;
}

function naiveJoin(of: JoinCase, left: RowValue[][], right: RowValue[][]): string[] {
  const out: RowValue[][] = [];
  const { joinType: type } = of;
  const joins = (l: RowValue[], r: RowValue[]): boolean =>
    (of.nullsJoin || l[0] !== null) &&
    l[0] === r[0] &&
    (!of.conditional || (l[1] !== null && r[1] !== null && l[1]! <= r[1]!));
  for (const l of left) {
    const partners = right.filter(r => joins(l, r));
    if (type === 'SEMI' || type === 'ANTI') {
      if (partners.length > 0 === (type === 'SEMI')) out.push(l);
      continue;
    }
    out.push(...partners.map(r => [...l, ...r]));
    if (partners.length === 0 && (type === 'LEFT' || type === 'FULL')) out.push([...l, null, null]);
  }
  if (type === 'RIGHT' || type === 'FULL') {
    for (const r of right) if (!left.some(l => joins(l, r))) out.push([null, null, ...r]);
  }
  return out.map(print).sort();
}

const TYPES: readonly JoinType[] = ['INNER', 'LEFT', 'RIGHT', 'FULL', 'SEMI', 'ANTI'];
const FLAGS = [false, true];
const CASES: readonly JoinCase[] = TYPES.flatMap(joinType =>
  FLAGS.flatMap(conditional =>
    FLAGS.flatMap(nullsJoin => FLAGS.map(append => ({ joinType, conditional, nullsJoin, append }))),
  ),
);

test.each(CASES)('$joinType JOIN: the law over two inputs, $conditional $nullsJoin $append', of => {
  const half = of.joinType === 'SEMI' || of.joinType === 'ANTI';
  const mode = of.append ? 'append' : 'retract';
  const root: PhysicalNode = {
    kind: 'join',
    id: 1,
    schema: schemaOf(half ? { lk: STRING, a: INT } : { lk: STRING, a: INT, rk: STRING, b: INT }),
    changelogMode: 'retract',
    joinType: of.joinType,
    left: scan(2, 'l', leftSchema, mode),
    right: scan(3, 'r', rightSchema, mode),
    leftKeys: [0],
    rightKeys: [0],
    nullsJoin: [of.nullsJoin],
    condition: of.conditional
      ? call('<=', { kind: 'BOOLEAN', nullable: true }, col(1, INT), col(3, INT))
      : null,
  };
  fc.assert(
    fc.property(history(joinRow, ['l', 'r']), steps => {
      const bench = new Bench(root);
      const held = play(bench, of.append ? steps.map(step => ({ ...step, takeBack: [] })) : steps);
      const expected = naiveJoin(of, held.get('l') ?? [], held.get('r') ?? []);
      expect(accumulate(bench.changes)).toEqual(expected);
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

const timedLeft = schemaOf({ k: STRING, a: INT, t: TIME3 });
const timedRight = schemaOf({ k: STRING, b: INT, t: TIME3 });
const nearRow = fc
  .tuple(joinRow, fc.integer({ min: 0, max: 30_000 }))
  .map(([values, ms]) => [...values, at(ms)] as RowValue[]);

test.each(['INNER', 'LEFT', 'RIGHT', 'FULL'] as const)(
  '%s interval join: the law, nothing being late',
  type => {
    const [lowerMs, upperMs] = [-4000, 2500];
    const watermark = (id: number, name: string, schema: Schema): PhysicalNode => ({
      kind: 'watermark',
      id,
      schema,
      changelogMode: 'append',
      input: scan(id + 10, name, schema, 'append'),
      rowtime: 2,
      watermark: col(2, TIME3),
      idleTimeoutMs: null,
    });
    const root: PhysicalNode = {
      kind: 'intervalJoin',
      id: 1,
      schema: schemaOf({ lk: STRING, a: INT, lt: TIME3, rk: STRING, b: INT, rt: TIME3 }),
      changelogMode: 'append',
      joinType: type,
      left: watermark(2, 'l', timedLeft),
      right: watermark(3, 'r', timedRight),
      leftKeys: [0],
      rightKeys: [0],
      nullsJoin: [false],
      condition: null,
      time: 'rowtime',
      leftTime: 2,
      rightTime: 2,
      lowerMs,
      upperMs,
      timeConditions: [],
    };
    const ms = (row: RowValue[]): number => (row[2] as { millis: number }).millis;
    const property = fc.property(
      fc.array(nearRow),
      fc.array(nearRow),
      fc.array(fc.boolean()),
      (l, r, crashes) => {
        const bench = new Bench(root);
        const inputs = { l: [...l].sort((x, y) => ms(x) - ms(y)), r: [...r].sort((x, y) => ms(x) - ms(y)) };
        const sent = { l: 0, r: 0 };
        // Each step sends one row of the side that lags behind, so that no row is late.
        for (let step = 0; sent.l < l.length || sent.r < r.length; step++) {
          const isLeft =
            sent.r === r.length || (sent.l < l.length && ms(inputs.l[sent.l]!) <= ms(inputs.r[sent.r]!));
          const side = isLeft ? 'l' : 'r';
          bench.send(side, [insert(...inputs[side][sent[side]++]!)]);
          if (crashes[step]) bench.crash();
        }
        bench.end();
        const joins = (x: RowValue[], y: RowValue[]): boolean =>
          x[0] !== null && x[0] === y[0] && ms(x) - ms(y) >= lowerMs && ms(x) - ms(y) <= upperMs;
        const none = [null, null, null];
        const expected = l.flatMap(x => r.filter(y => joins(x, y)).map(y => [...x, ...y]));
        if (type === 'LEFT' || type === 'FULL')
          expected.push(...l.filter(x => !r.some(y => joins(x, y))).map(x => [...x, ...none]));
        if (type === 'RIGHT' || type === 'FULL')
          expected.push(...r.filter(y => !l.some(x => joins(x, y))).map(y => [...none, ...y]));
        expect(accumulate(bench.changes)).toEqual(expected.map(print).sort());
      },
    );
    fc.assert(property, { seed: SEED, numRuns: RUNS });
  },
);
