import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAccumulate, RowKind, type RowValue, type Schema } from '../../../src/core/mod.ts';
import type { JoinType, PhysicalNode } from '../../../src/plan/mod.ts';
import { uniqueKeys } from '../../../src/plan/unique-keys.ts';
import { Bench } from '../../support/law-bench.ts';
import { call, col, INT, print, type Row, STRING, schemaOf, table } from './harness.ts';

const SEED = 11;
const RUNS = 50;

/** One side: its rows are known by its key, which holds the join key k. */
interface Side {
  readonly name: string;
  readonly schema: Schema;
  readonly key: readonly number[];
}
const left: Side = { name: 'l', schema: schemaOf({ k: STRING, u: INT, a: INT }), key: [0, 1] };
const rightMany: Side = { name: 'r', schema: schemaOf({ k: STRING, v: INT, b: INT }), key: [0, 1] };
const rightOnce: Side = { ...rightMany, key: [0] };

const step = fc.record({
  side: fc.boolean(),
  /** A row, or the place of one that goes. */
  rows: fc.array(
    fc.record({
      row: fc.tuple(
        fc.option(fc.constantFrom('a', 'b')),
        fc.integer({ min: 0, max: 1 }),
        fc.option(fc.integer({ min: 0, max: 3 })),
      ),
      goes: fc.boolean(),
    }),
    { maxLength: 8 },
  ),
  crash: fc.boolean(),
});

/** What a side holds, by key; `change` gives the change of an upsert stream that a step asks for. */
class Held {
  readonly rows = new Map<string, RowValue[]>();
  readonly #key: readonly number[];

  constructor(key: readonly number[]) {
    this.#key = key;
  }

  change(row: RowValue[], goes: boolean): Row | null {
    const key = print(this.#key.map(c => row[c]));
    const known = this.rows.get(key);
    if (goes) {
      this.rows.delete(key);
      return known === undefined ? null : [RowKind.delete, ...known];
    }
    this.rows.set(key, row);
    return [known === undefined ? RowKind.insert : RowKind.updateAfter, ...row];
  }
}

interface JoinCase {
  readonly joinType: JoinType;
  readonly conditional: boolean;
  readonly once: boolean;
}

function naiveJoin(of: JoinCase, l: readonly RowValue[][], r: readonly RowValue[][]): string[] {
  const { joinType: type, conditional } = of;
  const joins = (a: RowValue[], b: RowValue[]): boolean =>
    a[0] !== null &&
    a[0] === b[0] &&
    (!conditional || (a[2] !== null && b[2] !== null && Number(a[2]) <= Number(b[2])));
  const nulls = [null, null, null];
  const out = l.flatMap((row): RowValue[][] => {
    const partners = r.filter(other => joins(row, other));
    if (type === 'SEMI' || type === 'ANTI') return partners.length > 0 === (type === 'SEMI') ? [row] : [];
    if (partners.length === 0 && (type === 'LEFT' || type === 'FULL')) return [[...row, ...nulls]];
    return partners.map(other => [...row, ...other]);
  });
  if (type === 'RIGHT' || type === 'FULL') {
    out.push(...r.filter(row => !l.some(other => joins(other, row))).map(row => [...nulls, ...row]));
  }
  return out.map(print).sort();
}

/** The table that changes without -U make, by a key of the plan. */
function upserted(changes: readonly Row[], key: readonly number[]): string[] {
  const rows = new Map<string, string>();
  for (const [kind, ...values] of changes) {
    const at = print(key.map(c => values[c]));
    expect(kind).not.toBe(RowKind.updateBefore);
    if (isAccumulate(kind)) rows.set(at, print(values));
    else expect(rows.delete(at)).toBe(true);
  }
  return [...rows.values()].sort();
}

function planOf({ joinType, conditional, once }: JoinCase): PhysicalNode {
  const half = joinType === 'SEMI' || joinType === 'ANTI';
  const input = (id: number, { name, schema, key }: Side): PhysicalNode => ({
    ...{ kind: 'scan', id, schema, changelogMode: 'upsert', projection: [0, 1, 2] },
    table: { ...table(name, schema), primaryKey: key },
  });
  return {
    ...{ kind: 'join', id: 1, changelogMode: 'upsert', joinType },
    schema: schemaOf({
      ...{ lk: STRING, u: INT, a: INT },
      ...(half ? {} : { rk: STRING, v: INT, b: INT }),
    }),
    left: input(2, left),
    right: input(3, once ? rightOnce : rightMany),
    leftKeys: [0],
    rightKeys: [0],
    nullsJoin: [false],
    condition: conditional ? call('<=', { kind: 'BOOLEAN', nullable: true }, col(2, INT), col(5, INT)) : null,
  };
}

const FLAGS = [false, true];
const CASES = (['INNER', 'LEFT', 'RIGHT', 'FULL', 'SEMI', 'ANTI'] as const).flatMap(joinType =>
  FLAGS.flatMap(conditional => FLAGS.map((once): JoinCase => ({ joinType, conditional, once }))),
);

test.each(CASES)('$joinType JOIN of updates without -U: the law, $conditional $once', of => {
  const root = planOf(of);
  const key = uniqueKeys(root)[0]!;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), steps => {
      const bench = new Bench(root);
      const held = [new Held(left.key), new Held(of.once ? rightOnce.key : rightMany.key)] as const;
      for (const { side, rows, crash } of steps) {
        const changes = rows.map(({ row, goes }) => held[side ? 1 : 0].change([...row], goes));
        const sent = changes.filter(change => change !== null);
        if (sent.length > 0) bench.send(side ? 'r' : 'l', sent);
        if (crash) bench.crash();
        const expected = naiveJoin(of, [...held[0].rows.values()], [...held[1].rows.values()]);
        expect(upserted(bench.changes, key)).toEqual(expected);
      }
    }),
    { seed: SEED, numRuns: RUNS },
  );
});
