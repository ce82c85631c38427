import {
  type Batch,
  BatchBuilder,
  type DataType,
  putValue,
  RowKind,
  type RowValue,
  type Schema,
} from '../../src/core/mod.ts';
import type { TableDeclaration } from '../../src/plan/mod.ts';

/** A table declaration for tests. */
export function tableOf(
  fields: Record<string, DataType>,
  primaryKey: readonly string[],
  options: Record<string, string>,
): TableDeclaration {
  const names = Object.keys(fields);
  return {
    name: 't',
    physicalSchema: { fields: names.map(name => ({ name, type: fields[name]! })) },
    primaryKey: primaryKey.map(name => names.indexOf(name)),
    options,
  };
}

const KINDS = {
  '+I': RowKind.insert,
  '-U': RowKind.updateBefore,
  '+U': RowKind.updateAfter,
  '-D': RowKind.delete,
};

/** A batch from rows that begin with their kind: `['+I', 1, 'a']`. */
export function batchOf(
  schema: Schema,
  rows: readonly (readonly [keyof typeof KINDS, ...RowValue[]])[],
): Batch {
  const builder = new BatchBuilder(schema, Math.max(1, rows.length));
  for (const [kind, ...values] of rows) {
    builder.reserve(builder.rowCount + 1);
    values.forEach((value, c) => void putValue(builder.columns[c]!, builder.rowCount, value));
    builder.endRow(KINDS[kind]);
  }
  return builder.build();
}
