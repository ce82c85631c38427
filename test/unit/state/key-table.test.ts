import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BatchBuilder,
  type ColumnBuffer,
  type DataType,
  equalBytes,
  putValue,
  type RowValue,
  rowValue,
} from '../../../src/core/mod.ts';
import { KeyTable, StateTables } from '../../../src/state/mod.ts';

const nullable = <K extends string>(kind: K) => ({ kind, nullable: true }) as const;
const KEY: readonly DataType[] = [
  { ...nullable('VARCHAR'), length: 100 },
  nullable('BIGINT'),
  { ...nullable('TIMESTAMP'), precision: 6 },
];
const input = { fields: KEY.map((type, i) => ({ name: `k${i}`, type })) };
const kept = { fields: [...input.fields, { name: 'count', type: nullable('DOUBLE') }] };

const key = fc.tuple(
  fc.option(fc.constantFrom('', 'a', 'b', 'ä', 'a longer key than a word')),
  fc.option(fc.constantFrom(0n, 1n, -1n, 1n << 32n, -(1n << 63n))),
  fc.option(fc.record({ millis: fc.constantFrom(0, -1, 1e12), nanos: fc.constantFrom(0, 1000) })),
);
/** Keys with one text, as a computed column often has. */
const alike = fc
  .tuple(key, fc.array(key, { maxLength: 40 }))
  .map(([[text], keys]) => keys.map(([, ...rest]): (typeof keys)[number] => [text, ...rest]));
const steps = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: alike.map(keys => ({ kind: 'count' as const, keys })) },
    {
      weight: 3,
      arbitrary: fc.array(key, { maxLength: 40 }).map(keys => ({ kind: 'count' as const, keys })),
    },
    {
      weight: 1,
      arbitrary: fc.array(key, { maxLength: 10 }).map(keys => ({ kind: 'remove' as const, keys })),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'restore' as const, keys: [] }) },
  ),
  { maxLength: 12 },
);

/** A text that is that of the row before lies where that lies. */
function shareText(column: ColumnBuffer, row: number): void {
  if (column.physical !== 'bytes' || row === 0 || column.nulls[row] === 1 || column.nulls[row - 1] === 1)
    return;
  const { offsets, lengths, data } = column;
  const [from, length] = [offsets[row]!, lengths[row]!];
  if (!equalBytes(data, from, length, data, offsets[row - 1]!, lengths[row - 1]!)) return;
  offsets[row] = offsets[row - 1]!;
}

function batchOf(keys: readonly RowValue[][]) {
  const builder = new BatchBuilder(input, Math.max(1, keys.length));
  for (const values of keys) {
    values.forEach((value, c) => {
      putValue(builder.columns[c]!, builder.rowCount, value);
    });
    shareText(builder.columns[0]!, builder.rowCount);
    builder.endRow();
  }
  return builder.build();
}

function open() {
  const tables = new StateTables();
  const store = tables.table('t', kept, [0, 1, 2]);
  const index = new KeyTable(store, [0, 1, 2], [0, 1, 2]);
  index.onAdd = id => {
    const counts = store.columns[3]!;
    if (counts.physical === 'f64') counts.values[id] = 0;
    counts.nulls[id] = 0;
  };
  tables.onRestored(() => index.reindex());
  return { tables, store, index };
}

const print = (values: readonly RowValue[]): string =>
  JSON.stringify(values, (_, v) => (typeof v === 'bigint' ? `${v}n` : v));

test('a key table equals a Map through adds, removes, growth, snapshot and restore', () => {
  fc.assert(
    fc.property(steps, plan => {
      let state = open();
      const model = new Map<string, number>();
      for (const step of plan) {
        const ids = new Int32Array(step.keys.length);
        if (step.kind === 'restore') {
          const bytes = state.tables.snapshot();
          state = open();
          state.tables.restore(bytes);
        } else if (step.kind === 'count') {
          state.index.findOrAdd(batchOf(step.keys), ids);
          const counts = state.store.columns[3]!;
          step.keys.forEach((values, i) => {
            if (counts.physical === 'f64') counts.values[ids[i]!]! += 1;
            model.set(print(values), (model.get(print(values)) ?? 0) + 1);
          });
        } else {
          for (const values of step.keys) {
            const id = new Int32Array(1);
            state.index.find(batchOf([values]), id, true);
            expect(id[0]! > 0).toBe(model.delete(print(values)));
            if (id[0]! > 0) state.index.remove(id[0]!);
          }
        }
      }
      const rows = [];
      for (let id = 1; id < state.store.end; id++) {
        if (state.store.live[id] !== 1) continue;
        const cells = state.store.columns.map((c, k) => rowValue(c, id, kept.fields[k]!.type));
        rows.push([print(cells.slice(0, 3)), cells[3]]);
      }
      expect(rows.sort()).toEqual([...model].sort());
    }),
    { seed: 3, numRuns: 150 },
  );
});

test('null keys match nothing where the caller says so', () => {
  const { index } = open();
  const batch = batchOf([
    ['a', null, null],
    ['a', 1n, { millis: 0, nanos: 0 }],
  ]);
  const ids = new Int32Array(2);
  index.findOrAdd(batch, ids);
  expect([...ids]).toEqual([1, 2]);
  index.find(batch, ids, false);
  expect([...ids]).toEqual([0, 2]);
});

test('the memory of a state counts its texts', () => {
  const { tables, store, index } = open();
  const before = tables.byteLength;
  const text = 'x'.repeat(100_000);
  const keys = Array.from({ length: 20 }, (_, k): RowValue[] => [text + k, 1n, { millis: 0, nanos: 0 }]);
  index.findOrAdd(batchOf(keys), new Int32Array(20));
  expect(store.size).toBe(20);
  expect(tables.byteLength - before).toBeGreaterThan(2_000_000);
});
