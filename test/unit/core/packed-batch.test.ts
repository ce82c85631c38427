import { expect, test } from 'vitest';
import {
  type Batch,
  BatchBuilder,
  packBatch,
  putValue,
  type RowValue,
  rowValues,
  type Schema,
  selectRows,
  unpackBatch,
} from '../../../src/core/mod.ts';

// That cells of all types come through, whatever is in them, `columns.test.ts` shows: a copy is a packed batch.

const schema: Schema = {
  fields: [
    { name: 'x', type: { kind: 'VARCHAR', nullable: true, length: 1000 } },
    { name: 'n', type: { kind: 'BIGINT', nullable: true } },
  ],
};

function batchOf(rows: readonly (readonly RowValue[])[]): Batch {
  const builder = new BatchBuilder(schema, rows.length);
  for (const [r, row] of rows.entries()) {
    for (const [c, value] of row.entries()) putValue(builder.columns[c]!, r, value);
    builder.endRow();
  }
  return builder.build();
}

/** As through a port: the memory is here no more. */
function sent(batch: Batch): Batch {
  const memory = packBatch(batch, bytes => new ArrayBuffer(bytes));
  return unpackBatch(structuredClone(memory, { transfer: [memory] }), batch.schema);
}

const valuesOf = (batch: Batch): RowValue[][] =>
  Array.from({ length: batch.rowCount }, (_, row) => rowValues(batch, row));

test('rows go to another thread as one piece of memory, with their kinds', () => {
  const rows = [
    ['Ærø', 1n],
    [null, 2n],
    ['', null],
  ];
  const batch = { ...batchOf(rows), rowKinds: Uint8Array.of(0, 3, 1) };
  const odd = sent(selectRows(batch, Int32Array.of(1, 2), 2));
  expect(valuesOf(odd)).toEqual(rows.slice(1));
  expect([...odd.rowKinds!]).toEqual([3, 1]);
  expect(valuesOf(sent(selectRows(batch, null, 0)))).toEqual([]);
});

test('batches that come one after the other share no memory', () => {
  const [one, other] = [batchOf([['a', 1n]]), batchOf([['b', 2n]])];
  expect([valuesOf(sent(one)), valuesOf(sent(other))]).toEqual([[['a', 1n]], [['b', 2n]]]);
});

test('rows that need more memory than was guessed come through', () => {
  const rows = Array.from({ length: 50 }, (_, i) => [`${i}`.repeat(300), BigInt(i)]);
  expect(valuesOf(sent(batchOf(rows)))).toEqual(rows);
});
