import { expect, test } from 'vitest';
import { datagenSource } from '../../../src/connectors/datagen/mod.ts';
import { type DataType, forEachRow, type RowValue, rowValues } from '../../../src/core/mod.ts';
import { tableOf } from '../../support/tables.ts';
import { TestClock } from '../../support/test-clock.ts';
import { decimal, T, timestampLtz } from '../formats/support.ts';

const never = new AbortController().signal;

function opened(fields: Record<string, DataType>, options: Record<string, string>, projection?: number[]) {
  const clock = new TestClock();
  const table = tableOf(fields, [], { connector: 'datagen', ...options });
  const source = datagenSource(table, projection ?? [...Object.keys(fields).keys()], {
    clock,
    randomSeed: () => 42,
  });
  return { clock, source, open: (position: unknown = null) => source.open({ id: '0' }, position) };
}

async function allRows(
  reader: Awaited<ReturnType<ReturnType<typeof opened>['open']>>,
): Promise<RowValue[][]> {
  const rows: RowValue[][] = [];
  for (;;) {
    const event = await reader.poll(1000, never);
    if (event.kind === 'end') return rows;
    if (event.kind === 'batch') forEachRow(event.batch, row => rows.push(rowValues(event.batch, row)));
  }
}

test('a sequence counts from start to end, and the table ends with the shortest', async () => {
  const options = {
    'rows-per-second': '1000000000',
    ...{ 'fields.id.kind': 'sequence', 'fields.id.start': '5', 'fields.id.end': '7' },
    ...{ 'fields.name.kind': 'sequence', 'fields.name.start': '1', 'fields.name.end': '100' },
  };
  const { source, open, clock } = opened({ id: T.long, name: T.text }, options);
  expect(source.bounded).toBe(true);
  const reader = await open();
  clock.advance(1000);
  expect(await allRows(reader)).toEqual([
    [5n, '1'],
    [6n, '2'],
    [7n, '3'],
  ]);
  const again = await open({ rows: 2, seed: 1 });
  clock.advance(1000);
  expect(await allRows(again)).toEqual([[7n, '3']]);
});

test('random values keep to their bounds, lengths and null rate', async () => {
  const options = {
    'rows-per-second': '1000000000',
    'number-of-rows': '500',
    ...{
      'fields.i.min': '-3',
      'fields.i.max': '3',
      'fields.l.min': '9007199254740993',
      'fields.l.max': '9007199254740995',
    },
    ...{
      'fields.s.length': '4',
      'fields.v.var-len': 'true',
      'fields.n.null-rate': '1',
      'fields.p.max-past': '1 h',
    },
    ...{
      'fields.d.max': '99.99',
      'fields.a.length': '2',
      'fields.a.element.max': '0',
      'fields.a.element.min': '0',
    },
  };
  const fields: Record<string, DataType> = {
    ...{ i: T.int, l: T.long, s: T.text, n: T.int, d: decimal(10, 2), p: timestampLtz(3) },
    v: { kind: 'VARCHAR', length: 5, nullable: true },
    a: { kind: 'ARRAY', element: T.int, nullable: true },
  };
  const { open, clock } = opened(fields, options);
  const reader = await open();
  clock.advance(1000);
  const rows = await allRows(reader);
  expect(rows).toHaveLength(500);
  expect([...new Set(rows.map(row => Number(row[0])))].sort((a, b) => a - b)).toEqual([
    -3, -2, -1, 0, 1, 2, 3,
  ]);
  expect([...new Set(rows.map(row => row[1] as bigint))].sort()).toEqual([
    9007199254740993n,
    9007199254740994n,
    9007199254740995n,
  ]);
  const now = clock.nowMs();
  for (const [, , s, n, d, p, v, a] of rows) {
    expect(s).toMatch(/^[0-9a-f]{4}$/);
    expect(n).toBeNull();
    expect(Number(d)).toBeLessThanOrEqual(9999);
    const { millis } = p as { millis: number };
    expect(millis).toBeGreaterThanOrEqual(now - 3_601_000);
    expect(millis).toBeLessThanOrEqual(now);
    expect((v as string).length).toBeGreaterThan(0);
    expect((v as string).length).toBeLessThanOrEqual(5);
    expect(a).toEqual([0, 0]);
  }
});

test('rows come at their rate', async () => {
  const { open, clock } = opened({ id: T.int }, { 'rows-per-second': '10' });
  const reader = await open();
  const counts: number[] = [];
  for (const ms of [0, 250, 50, 700]) {
    clock.advance(ms);
    const event = await reader.poll(0, AbortSignal.abort());
    counts.push(event.kind === 'batch' ? event.batch.rowCount : 0);
  }
  expect(counts).toEqual([1, 2, 1, 7]);
});

test.each([
  [
    { 'fields.id.kind': 'sequence' },
    "Could not find required property 'fields.id.start' for sequence generator.",
  ],
  [{ 'fields.id.kind': 'magic' }, "Could not parse value 'magic' for key 'fields.id.kind'"],
  [{ 'fields.nope.min': '1' }, 'Unsupported options:\n\nfields.nope.min'],
  [{ 'fields.id.min': '5', 'fields.id.max': '1' }, "'fields.id.min' is 5, which is above"],
  [{ 'rows-per-second': '0' }, "'rows-per-second' must be greater than 0"],
  [{ 'fields.id.null-rate': '2' }, 'a number from 0 to 1'],
])('%j is refused', (options, message) => {
  expect(() => opened({ id: T.int }, options as Record<string, string>)).toThrow(message);
});
