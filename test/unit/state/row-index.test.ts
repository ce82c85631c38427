import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BatchBuilder, type DataType, putValue, type RowValue } from '../../../src/core/mod.ts';
import { compileCopy, KeyHashes, RowIndex, RowStore } from '../../../src/state/mod.ts';

const INT: DataType = { kind: 'INT', nullable: true };
const TEXT: DataType = { kind: 'VARCHAR', length: 100, nullable: true };
const schema = {
  fields: [
    { name: 'k', type: TEXT },
    { name: 'l', type: INT },
    { name: 'v', type: INT },
  ],
};
const copy = compileCopy([TEXT, INT, INT], [0, 1, 2], [0, 1, 2]);

function batchOf(rows: readonly (readonly RowValue[])[]) {
  const builder = new BatchBuilder(schema, Math.max(1, rows.length));
  for (const row of rows) {
    row.forEach((value, c) => {
      putValue(builder.columns[c]!, builder.rowCount, value);
    });
    builder.endRow();
  }
  return builder.build();
}

const pairs = () => ({
  rows: new Int32Array(1),
  ids: new Int32Array(1),
  starts: new Int32Array(100),
  count: 0,
  grow() {
    const [rows, ids] = [this.rows, this.ids];
    this.rows = new Int32Array(rows.length * 2);
    this.ids = new Int32Array(rows.length * 2);
    this.rows.set(rows);
    this.ids.set(ids);
  },
});

const row = fc.tuple(
  fc.option(fc.constantFrom('a', 'b', 'long enough to be hashed by words')),
  fc.option(fc.integer({ min: 0, max: 2 })),
  fc.integer({ min: 0, max: 9 }),
);
const steps = fc.array(
  fc.record({ add: fc.array(row, { maxLength: 40 }), drop: fc.array(fc.nat()), rebuild: fc.boolean() }),
);

test('finds the rows of each key, NULL where it joins', () => {
  fc.assert(
    fc.property(
      steps,
      fc.array(row, { maxLength: 20 }),
      fc.integer({ min: 1, max: 30 }),
      (history, asked, limit) => {
        const store = new RowStore(schema);
        const index = new RowIndex(store, [0, 1]);
        const own = new KeyHashes([TEXT, INT], [0, 1], [false, true]);
        const find = index.finder([0, 1]);
        let model: { id: number; row: readonly RowValue[] }[] = [];
        for (const { add, drop, rebuild } of history) {
          const batch = batchOf(add);
          own.read(batch);
          store.reserve(add.length);
          index.reserve(add.length);
          add.forEach((values, i) => {
            const id = store.allocate();
            copy(batch.columns, i, store.columns, id);
            index.add(id, own.hashes[i]!);
            model.push({ id, row: values });
          });
          for (const pick of drop) {
            const gone = model[pick % Math.max(1, model.length)];
            if (gone === undefined) continue;
            index.remove(gone.id);
            store.release(gone.id);
            model = model.filter(kept => kept !== gone);
          }
          // After a restore the order is that of the ids.
          if (rebuild) {
            index.rebuild();
            model.sort((a, b) => a.id - b.id);
          }
        }
        const batch = batchOf(asked);
        own.read(batch);
        const found = pairs();
        for (let from = 0; from < asked.length; ) {
          const to = find(index, batch, own, from, limit, found);
          expect(to).toBeGreaterThan(from);
          for (let k = from; k < to; k++) {
            const ids = [...found.ids.subarray(found.starts[k - from]!, found.starts[k - from + 1]!)];
            const [key, second] = asked[k]!;
            const same = model.filter(m => key !== null && m.row[0] === key && m.row[1] === second);
            expect(ids.sort()).toEqual(same.map(m => m.id).sort());
          }
          from = to;
        }
      },
    ),
    { seed: 3, numRuns: 300 },
  );
});
