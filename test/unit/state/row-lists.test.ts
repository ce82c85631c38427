import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BatchBuilder, putValue, type RowValue, rowValue } from '../../../src/core/mod.ts';
import { keyGroupsOf, RowLists, StateTables, taskOf } from '../../../src/state/mod.ts';

const STRING = { kind: 'VARCHAR', length: 100, nullable: true } as const;
const INT = { kind: 'INT', nullable: true } as const;
const schema = {
  fields: [
    { name: 'key', type: STRING },
    { name: 'order', type: INT },
    { name: 'serial', type: INT },
  ],
};
type Cells = readonly [key: string | null, order: number | null, serial: number];

function open(sorted: boolean) {
  const tables = new StateTables();
  const sort = sorted ? { sort: [{ column: 1, ascending: false, nullsLast: true }] } : {};
  return { tables, lists: new RowLists(tables, 't', { schema, keys: [0], ...sort }) };
}

function batchOf(rows: readonly Cells[]) {
  const builder = new BatchBuilder(schema, Math.max(1, rows.length));
  for (const cells of rows) {
    cells.forEach((cell, c) => {
      putValue(builder.columns[c]!, builder.rowCount, cell);
    });
    builder.endRow();
  }
  return builder.build();
}

/** Every list, from its head and checked from its tail, by key. */
function contents(lists: RowLists): Map<string, RowValue[][]> {
  const found = new Map<string, RowValue[][]>();
  const { store } = lists.keyTable;
  for (let key = 1; key < store.end; key++) {
    if (store.live[key] !== 1) continue;
    const ids: number[] = [];
    for (let id = lists.first(key); id !== 0; id = lists.next[id]!) ids.push(id);
    const back: number[] = [];
    for (let id = lists.last(key); id !== 0; id = lists.previous[id]!) back.unshift(id);
    expect(back).toEqual(ids);
    expect(lists.size(key)).toBe(ids.length);
    expect(ids.every(id => lists.keyOf[id] === key)).toBe(true);
    const rows = ids.map(id =>
      [0, 1, 2].map(c => rowValue(lists.rows.columns[c]!, id, schema.fields[c]!.type)),
    );
    found.set(JSON.stringify(rowValue(store.columns[0]!, key, STRING)), rows);
  }
  return found;
}

/** The same in plain words. */
class Model {
  readonly lists = new Map<string, Cells[]>();
  readonly #sorted: boolean;
  constructor(sorted: boolean) {
    this.#sorted = sorted;
  }
  insert(cells: Cells): void {
    const list = this.lists.get(JSON.stringify(cells[0])) ?? [];
    const rank = (c: Cells): number => (c[1] === null ? Number.POSITIVE_INFINITY : -c[1]);
    const at = this.#sorted ? list.findLastIndex(other => rank(other) <= rank(cells)) + 1 : list.length;
    list.splice(at, 0, cells);
    this.lists.set(JSON.stringify(cells[0]), list);
  }
  remove(cells: Cells): void {
    const key = JSON.stringify(cells[0]);
    const list = this.lists.get(key) ?? [];
    const at = list.findIndex(other => JSON.stringify(other) === JSON.stringify(cells));
    if (at >= 0) list.splice(at, 1);
    if (list.length === 0) this.lists.delete(key);
  }
}

const cells = fc.tuple(
  fc.option(fc.constantFrom('', 'a', 'b', 'ä', 'a longer key', 'f', 'g')),
  fc.option(fc.integer({ min: 0, max: 4 })),
  fc.integer({ min: 0, max: 3 }),
);
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('insert', 'insert', 'remove'),
    rows: fc.array(cells, { maxLength: 12 }),
  }),
  { maxLength: 12 },
);

function play(
  sorted: boolean,
  script: readonly { readonly kind: string; readonly rows: readonly Cells[] }[],
) {
  const { tables, lists } = open(sorted);
  const model = new Model(sorted);
  for (const { kind, rows } of script) {
    const batch = batchOf(rows);
    const found = lists.lookUp(batch, kind === 'insert');
    rows.forEach((row, i) => {
      if (kind === 'insert') {
        lists.insert(found[i]!, batch.columns, i);
        model.insert(row);
        return;
      }
      const id = lists.findEqual(found[i]!, batch.columns, i);
      if (id !== 0) lists.remove(id);
      model.remove(row);
    });
    lists.sweep();
    expect(contents(lists)).toEqual(model.lists);
  }
  return { tables, model };
}

test.each([true, false])('lists hold what was inserted and not removed, sorted: %s', sorted => {
  fc.assert(
    fc.property(steps, script => void play(sorted, script)),
    { seed: 7, numRuns: 200 },
  );
});

test('a snapshot comes back whole, and its key groups add up to it at any parallelism', () => {
  const property = fc.property(steps, fc.integer({ min: 1, max: 5 }), (script, parallelism) => {
    const { tables, model } = play(true, script);
    const whole = open(true);
    whole.tables.restore(tables.snapshot());
    expect(contents(whole.lists)).toEqual(model.lists);
    const shares = Array.from({ length: parallelism }, (_, task) => {
      const share = open(true);
      share.tables.restoreShare([tables.snapshot()], keyGroupsOf(task, parallelism));
      return share;
    });
    const parts = shares.map(share => contents(share.lists));
    expect(new Map(parts.flatMap(part => [...part]))).toEqual(model.lists);
    expect(parts.reduce((sum, part) => sum + part.size, 0)).toBe(model.lists.size);
    const joined = open(true);
    joined.tables.restoreShare(
      shares.map(share => share.tables.snapshot()),
      keyGroupsOf(0, 1),
    );
    expect(contents(joined.lists)).toEqual(model.lists);
  });
  fc.assert(property, { seed: 11, numRuns: 200 });
});

test('every key group has one task, whose range holds it', () => {
  for (let parallelism = 1; parallelism <= 128; parallelism++) {
    for (let group = 0; group < 128; group++) {
      const { first, end } = keyGroupsOf(taskOf(group, parallelism), parallelism);
      expect(first <= group && group < end).toBe(true);
    }
  }
});

test('the only row of a key is written over, in its place where there is room, and comes back from a snapshot', () => {
  const texts = fc.option(fc.string({ unit: 'grapheme', maxLength: 90 }));
  const changes = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), texts), { maxLength: 12 });
  fc.assert(
    fc.property(fc.array(changes, { maxLength: 12 }), batches => {
      const fields = [
        { name: 'key', type: STRING },
        { name: 'text', type: STRING },
      ];
      const open = () => {
        const tables = new StateTables();
        return { tables, lists: new RowLists(tables, 't', { schema: { fields }, keys: [0] }) };
      };
      const { tables, lists } = open();
      const kept = new Map<string, string | null>();
      for (const rows of batches) {
        const last = new Map(rows);
        const builder = new BatchBuilder({ fields });
        builder.reserve(last.size);
        for (const cells of last) {
          fields.forEach((_, c) => {
            putValue(builder.columns[c]!, builder.rowCount, cells[c]!);
          });
          builder.endRow();
        }
        const batch = builder.build();
        const keys = lists.lookUp(batch, true);
        lists.putOnly(batch.columns, keys, Int32Array.from([...last].keys()), last.size);
        lists.sweepFound(last.size);
        for (const [key, text] of last) kept.set(key, text);
      }
      const back = open();
      back.tables.restore(tables.snapshot());
      for (const { rows } of [lists, back.lists]) {
        const ids = [...rows.live.keys()].filter(id => rows.live[id] === 1);
        const found = ids.map(id => fields.map((f, c) => rowValue(rows.columns[c]!, id, f.type)));
        expect(new Map(found as [string, string | null][])).toEqual(kept);
      }
    }),
    { numRuns: 300 },
  );
});
