import { type Batch, type Column, type DataType, ROW_KIND_NAMES, unreachable } from '../../src/core/mod.ts';

/**
 * The live rows of a batch as plain values, each with its row kind first: integers and decimals (unscaled)
 * as bigint where the column has 64 bits or more, timestamps as `[millis, nanos]`, binaries as hex, nested
 * types as arrays.
 */
export function rowsOf(batch: Batch): unknown[][] {
  const live =
    batch.selection === null ? null : Array.from(batch.selection.subarray(0, batch.selectionCount));
  const indices = live ?? Array.from({ length: batch.rowCount }, (_, i) => i);
  return indices.map(row => [
    ROW_KIND_NAMES[batch.rowKinds?.[row] ?? 0],
    ...batch.columns.map((column, k) => valueAt(column, batch.schema.fields[k]!.type, row)),
  ]);
}

/** One value of a column. */
export function valueAt(column: Column, type: DataType, row: number): unknown {
  if (column.nulls !== null && column.nulls[row] === 1) return null;
  switch (column.physical) {
    case 'bool':
      return column.values[row] === 1;
    case 'i32':
    case 'i64':
    case 'f64':
    case 'decimal64':
      return column.values[row];
    case 'decimal128':
      return (column.high[row]! << 64n) | column.low[row]!;
    case 'timestamp':
      return [column.millis[row], column.nanos === null ? 0 : column.nanos[row]];
    case 'bytes': {
      const at = column.offsets[row]!;
      const bytes = Buffer.from(column.data.subarray(at, at + column.lengths[row]!));
      return type.kind.endsWith('BINARY') ? bytes.toString('hex') : bytes.toString('utf8');
    }
    case 'list':
      return range(column, row).map(i => valueAt(column.child, childOf(type, 0), i));
    case 'map':
      return range(column, row).map(i => [
        valueAt(column.keys, childOf(type, 0), i),
        valueAt(column.values, childOf(type, 1), i),
      ]);
    case 'struct':
      return column.children.map((child, i) => valueAt(child, childOf(type, i), row));
    default:
      return unreachable(column);
  }
}

function range({ offsets, lengths }: Extract<Column, { physical: 'list' | 'map' }>, row: number): number[] {
  return Array.from({ length: lengths[row]! }, (_, i) => offsets[row]! + i);
}

function childOf(type: DataType, index: number): DataType {
  if (type.kind === 'ARRAY') return type.element;
  if (type.kind === 'MAP') return index === 0 ? type.key : type.value;
  if (type.kind === 'ROW') return type.fields[index]!.type;
  throw new Error(`${type.kind} has no child ${index}`);
}
