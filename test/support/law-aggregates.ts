import fc from 'fast-check';
import type { RowValue } from '../../src/core/mod.ts';
import { agg, BIGINT, decimal, print, STRING, schemaOf } from '../unit/engine/harness.ts';

/** Rows, aggregates over them, and what the aggregates come to, computed plainly. */
export const input = schemaOf({ k: STRING, v: BIGINT, t: STRING, d: decimal(12, 2) });
export const row = fc
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

export function naiveAggregates(rows: readonly RowValue[][]): RowValue[] {
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
export const aggregates = [
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
export const results = {
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

export function groupBy(rows: readonly RowValue[][], key: (row: RowValue[]) => RowValue[]): string[] {
  const groups = new Map<string, { key: RowValue[]; rows: RowValue[][] }>();
  for (const r of rows) {
    const name = print(key(r));
    const group = groups.get(name) ?? { key: key(r), rows: [] };
    group.rows.push(r);
    groups.set(name, group);
  }
  return [...groups.values()].map(g => print([...g.key, ...naiveAggregates(g.rows)])).sort();
}
