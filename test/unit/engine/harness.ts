import {
  type Batch,
  BatchBuilder,
  type DataType,
  type Field,
  forEachRow,
  isAccumulate,
  putValue,
  RowKind,
  type RowValue,
  rowValues,
  type Schema,
} from '../../../src/core/mod.ts';
import type {
  AggregateCall,
  ChangelogMode,
  Expression,
  PhysicalNode,
  TableDeclaration,
} from '../../../src/plan/mod.ts';

export const type = (kind: string, more: object = {}): DataType =>
  ({ kind, nullable: true, ...more }) as DataType;
export const INT = type('INT');
export const BIGINT = type('BIGINT');
export const STRING = type('VARCHAR', { length: 2147483647 });
export const TIME3 = type('TIMESTAMP', { precision: 3 });
export const decimal = (precision: number, scale: number): DataType => type('DECIMAL', { precision, scale });

export const schemaOf = (types: Record<string, DataType>): Schema => ({
  fields: Object.entries(types).map(([name, t]): Field => ({ name, type: t })),
});
export const col = (index: number, t: DataType): Expression => ({ kind: 'column', index, type: t });
export const lit = (value: unknown, t: DataType): Expression =>
  ({ kind: 'literal', value, type: t }) as Expression;
export const call = (name: string, t: DataType, ...operands: Expression[]): Expression => ({
  kind: 'call',
  name,
  operands,
  type: t,
  at: { line: 1, column: 8 },
});
export const agg = (
  name: AggregateCall['name'],
  argument: number | null,
  t: DataType,
  more: Partial<AggregateCall> = {},
): AggregateCall => ({ name, argument, distinct: false, filter: null, type: t, ...more });

export type Row = readonly [kind: number, ...values: RowValue[]];
export const insert = (...values: RowValue[]): Row => [RowKind.insert, ...values];
export const remove = (...values: RowValue[]): Row => [RowKind.delete, ...values];
export const at = (millis: number): RowValue => ({ millis, nanos: 0 });

export function batchOf(schema: Schema, rows: readonly Row[]): Batch {
  const builder = new BatchBuilder(schema, Math.max(1, rows.length));
  for (const [kind, ...values] of rows) {
    values.forEach((value, c) => {
      putValue(builder.columns[c]!, builder.rowCount, value);
    });
    builder.endRow(kind);
  }
  return builder.build();
}

export function rowsOf(batch: Batch): Row[] {
  const rows: Row[] = [];
  forEachRow(batch, row => {
    rows.push([batch.rowKinds?.[row] ?? 0, ...rowValues(batch, row)]);
  });
  return rows;
}

export const print = (values: unknown): string =>
  JSON.stringify(values, (_, v) =>
    typeof v === 'bigint' ? `${v}` : v !== null && typeof v === 'object' && 'millis' in v ? v.millis : v,
  );

/** The table that a changelog describes, as sorted printed rows. A -U or -D without its row is a failure. */
export function accumulate(changes: readonly Row[]): string[] {
  const counts = new Map<string, number>();
  for (const [kind, ...values] of changes) {
    const key = print(values);
    const next = (counts.get(key) ?? 0) + (isAccumulate(kind) ? 1 : -1);
    if (next < 0) throw new Error(`${kind} without its row: ${key}`);
    counts.set(key, next);
  }
  return [...counts].flatMap(([key, n]) => Array<string>(n).fill(key)).sort();
}

export const table = (name: string, schema: Schema): TableDeclaration => ({
  name,
  physicalSchema: schema,
  primaryKey: [],
  options: {},
});
export const scan = (
  id: number,
  name: string,
  schema: Schema,
  mode: ChangelogMode = 'retract',
): PhysicalNode => ({
  kind: 'scan',
  id,
  schema,
  changelogMode: mode,
  table: table(name, schema),
  projection: [...schema.fields.keys()],
});
