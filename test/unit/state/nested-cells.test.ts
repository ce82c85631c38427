import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BatchBuilder, type DataType, putValue, type RowValue, rowValue } from '../../../src/core/mod.ts';
import { compileCopy, compileEqual, KeyTable, StateTables } from '../../../src/state/mod.ts';

const TEXT: DataType = { kind: 'VARCHAR', length: 100, nullable: true };
const INT: DataType = { kind: 'INT', nullable: true };
const LIST: DataType = { kind: 'ARRAY', element: TEXT, nullable: true };
const MAP: DataType = { kind: 'MAP', key: TEXT, value: INT, nullable: true };
const ROW: DataType = {
  kind: 'ROW',
  fields: [
    { name: 'a', type: INT },
    { name: 'b', type: { kind: 'ARRAY', element: LIST, nullable: true } },
  ],
  nullable: true,
};
const input = { fields: [LIST, MAP, ROW].map((type, i) => ({ name: `k${i}`, type })) };

const text = fc.option(fc.constantFrom('', 'a', 'bc', 'a longer text than one word'));
const list = fc.option(fc.array(text, { maxLength: 3 }));
const entries = fc
  .uniqueArray(fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.option(fc.integer())), { selector: e => e[0] })
  .map(pairs => pairs as unknown as RowValue);
const row = fc.tuple(
  list as fc.Arbitrary<RowValue>,
  fc.option(entries) as fc.Arbitrary<RowValue>,
  fc.option(fc.tuple(fc.option(fc.integer()), fc.option(fc.array(list)))) as fc.Arbitrary<RowValue>,
);

function batchOf(rows: readonly (readonly RowValue[])[]) {
  const builder = new BatchBuilder(input, 1);
  for (const values of rows) {
    builder.reserve(builder.rowCount + 1);
    values.forEach((value, c) => {
      putValue(builder.columns[c]!, builder.rowCount, value);
    });
    builder.endRow();
  }
  return builder.build();
}

/** Maps are equal whatever the order of their entries. */
const sorted = (value: RowValue): RowValue =>
  value === null ? null : ([...(value as RowValue[])].sort() as RowValue);
const printed = ([a, b, c]: readonly RowValue[]): string => JSON.stringify([a, sorted(b!), c]);

test('nested cells are kept, found, equal and forgotten as their values are', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), fc.array(fc.nat(), { maxLength: 10 }), (rows, dropped) => {
      const open = () => {
        const state = new StateTables();
        const store = state.table('t', input, [0, 1, 2]);
        return { state, store, index: new KeyTable(store, [0, 1, 2], [0, 1, 2]) };
      };
      let { state, store, index } = open();
      const batch = batchOf(rows);
      const ids = new Int32Array(rows.length);
      index.findOrAdd(batch, ids);
      const known = new Map<string, number>();
      rows.forEach((values, k) => {
        const same = known.get(printed(values));
        if (same === undefined) known.set(printed(values), ids[k]!);
        else expect(ids[k]).toBe(same);
      });
      for (const n of dropped) {
        const gone = rows[n % Math.max(1, rows.length)];
        const id = gone === undefined ? undefined : known.get(printed(gone));
        if (gone === undefined || id === undefined) continue;
        known.delete(printed(gone));
        index.remove(id);
      }
      const saved = state.snapshot();
      ({ state, store, index } = open());
      state.restore(saved);
      index.reindex();
      expect(store.size).toBe(known.size);
      index.find(batch, ids, true);
      rows.forEach((values, k) => {
        expect(ids[k]).toBe(known.get(printed(values)) ?? 0);
        if (ids[k] === 0) return;
        const kept = store.columns.map((column, c) => rowValue(column, ids[k]!, input.fields[c]!.type));
        expect(printed(kept)).toBe(printed(values));
      });
    }),
    { numRuns: 300 },
  );
});

test('freed nested cells are used again: the state does not grow with what has passed', () => {
  const state = new StateTables();
  const store = state.table('t', input, [0]);
  const types = input.fields.map(f => f.type);
  const copy = compileCopy(types, [0, 1, 2], [0, 1, 2]);
  const equal = compileEqual(types, [0, 1, 2], [0, 1, 2]);
  const values: RowValue[] = [Array(50).fill('some text'), [['x', 1]], [1, [['y'], null]]];
  const batch = batchOf([values]);
  for (let i = 0; i < 20_000; i++) {
    store.reserve(1);
    const id = store.allocate();
    copy(batch.columns, 0, store.columns, id);
    expect(equal(batch.columns, 0, store.columns, id)).toBe(true);
    if (i > 0) store.release(id);
  }
  expect(store.byteLength).toBeLessThan(4_000_000);
});
