import { expect, test } from 'vitest';
import { putValue, rowValue, type Schema, seededRng } from '../../../src/core/mod.ts';
import { type SavedState, StateTables } from '../../../src/state/mod.ts';

const TEXT = { kind: 'VARCHAR', length: 2 ** 31 - 1, nullable: true } as const;
const schema: Schema = {
  fields: [
    { name: 'id', type: { kind: 'BIGINT', nullable: false } },
    { name: 'text', type: TEXT },
    { name: 'at', type: { kind: 'TIMESTAMP', precision: 9, nullable: true } },
    { name: 'price', type: { kind: 'DECIMAL', precision: 30, scale: 2, nullable: true } },
  ],
};

function declared() {
  const tables = new StateTables();
  return { tables, store: tables.growingTable('rows', schema, [0]) };
}

type Rows = ReturnType<typeof declared>['store'];

function add(rows: Rows, count: number, rng: ReturnType<typeof seededRng>): void {
  for (let k = 0; k < count; k++) {
    rows.reserve(1);
    const id = rows.allocate();
    putValue(rows.columns[0]!, id, BigInt(id));
    // Whole runs without a NULL are saved without nulls.
    putValue(rows.columns[1]!, id, id % 50_000 === 7 ? null : `text ${id} `.repeat(rng.int(1, 40)));
    putValue(rows.columns[2]!, id, { millis: id * 1000, nanos: id % 1_000_000 });
    putValue(rows.columns[3]!, id, BigInt(id) << 40n);
  }
}

const cellsOf = (rows: Rows): unknown[] =>
  Array.from({ length: rows.end - 1 }, (_, k) =>
    rows.columns.map((column, c) => rowValue(column, k + 1, schema.fields[c]!.type)),
  );

const wholeOf = ({ pieces }: SavedState): Uint8Array => Buffer.concat(pieces);

test('rows that only come are saved once, and come back as they were', () => {
  const rng = seededRng(5);
  const { tables, store } = declared();
  const known = new Map<object, Uint8Array>();
  let stored = 0;
  let whole: Uint8Array = new Uint8Array(0);
  for (let epoch = 0; epoch < 60; epoch++) {
    add(store, rng.int(0, 6000), rng);
    const saved = tables.save();
    whole = wholeOf(saved);
    for (const [piece, key] of saved.lasting) {
      // What a key means does not change, though the store goes on growing.
      if (known.has(key)) expect(Buffer.compare(known.get(key)!, piece)).toBe(0);
      else stored += piece.length;
      known.set(key, piece.slice());
    }
    tables.recycle(saved.pieces[0]!);
    expect(Buffer.compare(tables.snapshot(), whole)).toBe(0);
    expect(saved.lasting.size).toBeLessThan(200);
  }
  // Each byte is stored once for each level of runs, and not with each of the checkpoints.
  expect(stored).toBeGreaterThan(whole.length / 2);
  expect(stored).toBeLessThan(whole.length * 3);
  const again = declared();
  again.tables.restore(whole);
  expect(again.store.size).toBe(store.size);
  expect(cellsOf(again.store)).toEqual(cellsOf(store));
  add(again.store, 10, rng);
  const last = declared();
  last.tables.restore(wholeOf(again.tables.save()));
  expect(cellsOf(last.store)).toEqual(cellsOf(again.store));
});

test('what is being stored stays as it is while the store grows', () => {
  const rng = seededRng(6);
  const { tables, store } = declared();
  add(store, 20_000, rng);
  const saved = tables.save();
  expect(saved.lasting.size).toBeGreaterThan(0);
  const before = wholeOf(saved);
  add(store, 100_000, rng);
  expect(Buffer.compare(wholeOf(saved), before)).toBe(0);
});

test('few rows are copied in one piece', () => {
  const { tables, store } = declared();
  add(store, 100, seededRng(7));
  expect(tables.save().pieces.length).toBe(1);
});
