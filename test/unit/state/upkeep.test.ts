import { expect, test } from 'vitest';
import { rowValue } from '../../../src/core/mod.ts';
import { RowStore, UPKEEP } from '../../../src/state/mod.ts';
import { EAGER } from '../../support/eager-upkeep.ts';
import { batchOf, INT, insert, STRING, schemaOf } from '../engine/harness.ts';

const schema = schemaOf({ id: INT, text: STRING });

/** A store of ten texts of which all but the last are given up; the memory that held them, as it was. */
function tidied(upkeep: typeof UPKEEP) {
  const store = new RowStore(schema, upkeep);
  const rows = Array.from({ length: 10 }, (_, i) => insert(i, `a text of some length, number ${i}`));
  const batch = batchOf(schema, rows);
  store.reserve(10);
  const ids = new Int32Array(10);
  store.allocateAll(10, ids);
  const from = Int32Array.from(ids.keys());
  batch.columns.forEach((column, c) => void store.overwrite(c, column, from, 10, ids));
  const text = store.columns[1] as { data: Uint8Array };
  const lent = text.data;
  for (const id of ids.subarray(0, 9)) store.release(id);
  store.reserve(1);
  return { lent, now: text.data, kept: rowValue(store.columns[1]!, ids[9]!, STRING) };
}

test('tests tidy state up early and spoil what is left behind, so that a batch borrowed for too long shows', () => {
  const { lent, now, kept } = tidied(EAGER);
  expect(now).not.toBe(lent);
  expect(lent.every(byte => byte === 0xff)).toBe(true);
  expect(kept).toBe('a text of some length, number 9');
});

test('a job does it where it pays', () => {
  const { lent, now } = tidied(UPKEEP);
  expect(now).toBe(lent);
});
