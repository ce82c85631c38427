import { expect, it } from 'vitest';
import { printSink } from '../../../src/connectors/print/mod.ts';
import { batchOf, tableOf } from '../../support/tables.ts';
import { decimal, T, timestamp, timestampLtz } from '../formats/support.ts';

it('prints rows as Flink does', async () => {
  const fields = {
    id: T.long,
    name: T.text,
    at: timestamp(3),
    ltz: timestampLtz(6),
    price: decimal(10, 2),
    d: T.double,
    b: T.bytes,
    list: { kind: 'ARRAY', element: T.int, nullable: true },
  } as const;
  const lines: string[] = [];
  const table = tableOf(fields, [], { connector: 'print', 'print-identifier': 'id' });
  const writer = await printSink(table, { print: line => lines.push(line) }).openWriter({
    incarnation: 'i',
    sinkId: 's',
  });
  const millis = Date.UTC(2026, 0, 1, 10);
  const batch = batchOf(table.physicalSchema, [
    ['+I', 1n, 'a', { millis, nanos: 0 }, { millis, nanos: 1000 }, 750n, 1, Uint8Array.of(1, 255), [1, null]],
    ['-D', 2n, null, { millis: millis + 20, nanos: 0 }, null, null, null, null, null],
  ]);
  await writer.write({ ...batch, selection: Int32Array.of(0, 1), selectionCount: 2 });
  expect(lines).toEqual([
    'id> +I[1, a, 2026-01-01T10:00, 2026-01-01T10:00:00.000001Z, 7.50, 1.0, [1, -1], [1, null]]',
    'id> -D[2, null, 2026-01-01T10:00:00.020, null, null, null, null, null]',
  ]);
  expect(() => printSink(tableOf(fields, [], { nonsense: '' }), { print: () => undefined })).toThrow(
    'nonsense',
  );
});
