import { expect, test } from 'vitest';
import { seededRng } from '../../../src/core/mod.ts';
import { OrderTree } from '../../../src/engine/operators/order-tree.ts';
import { compileCompare, RowLists, StateTables } from '../../../src/state/mod.ts';
import { batchOf, INT, insert, schemaOf } from './harness.ts';

const schema = schemaOf({ key: INT, value: INT, arrival: INT });
const sort = [{ column: 1, ascending: true, nullsLast: false }];

test('among thousands of rows the tree finds the places that the sorted lists have', () => {
  const lists = new RowLists(new StateTables(), 'rows', { schema, keys: [0], sort });
  const compare = compileCompare(
    schema.fields.map(f => f.type),
    sort,
  );
  let tree = new OrderTree(lists, compare);
  const rng = seededRng(3);
  const model: { id: number; key: number; value: number; arrival: number }[] = [];
  for (let step = 0; step < 6000; step++) {
    if (step === 3000) {
      tree = new OrderTree(lists, compare);
      tree.rebuild();
    }
    if (model.length > 0 && rng.next() < 0.3) {
      const [gone] = model.splice(Math.floor(rng.next() * model.length), 1);
      tree.remove(lists.keyOf[gone!.id]!, gone!.id);
      lists.remove(gone!.id);
      continue;
    }
    const [key, value] = [Math.floor(rng.next() * 3), Math.floor(rng.next() * 500)];
    const batch = batchOf(schema, [insert(key, value, step)]);
    const list = lists.lookUp(batch, true)[0]!;
    const before = tree.lastUpTo(list, batch.columns, 0);
    const id = lists.insert(list, batch.columns, 0, before);
    tree.add(list, id, before);
    model.push({ id, key, value, arrival: step });
  }
  for (const key of [0, 1, 2]) {
    const probe = batchOf(schema, [insert(key, 250, 0)]);
    const list = lists.lookUp(probe, false)[0]!;
    const listed: number[] = [];
    for (let id = lists.first(list); id !== 0; id = lists.next[id]!) listed.push(id);
    const wanted = model
      .filter(row => row.key === key)
      .sort((a, b) => a.value - b.value || a.arrival - b.arrival);
    expect(listed).toEqual(wanted.map(row => row.id));
    expect(tree.firstFrom(list, probe.columns, 0)).toBe(wanted.find(row => row.value >= 250)!.id);
    expect(tree.lastUpTo(list, probe.columns, 0)).toBe(wanted.findLast(row => row.value <= 250)!.id);
  }
});
