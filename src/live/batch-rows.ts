import {
  type Batch,
  type DataType,
  decimalToNumber,
  forEachRow,
  isAccumulate,
  printDecimal,
  type RowValue,
  rowValue,
} from '../core/mod.ts';
import type { ViewRow } from './protocol.ts';
import type { ViewChange } from './view.ts';

type Cell = ViewRow[string];

/** Digits up to which a decimal survives as a JSON number. */
const EXACT_DIGITS = 15;
const DAY_MS = 86_400_000;

/** The changes a batch of a query's changelog makes to a view: additions by key, and removals. */
export function changesOf(batch: Batch): ViewChange[] {
  const changes: ViewChange[] = [];
  forEachRow(batch, row => {
    const kind = batch.rowKinds === null || isAccumulate(batch.rowKinds[row]!) ? 'upsert' : 'delete';
    changes.push({ kind, row: jsonRow(batch, row) });
  });
  return changes;
}

/**
 * A row as JSON: instants are epoch ms, decimals numbers where that is exact and else text, binaries
 * base64.
 */
export function jsonRow(batch: Batch, row: number): ViewRow {
  const cells: Record<string, Cell> = {};
  batch.schema.fields.forEach(({ name, type }, i) => {
    cells[name] = jsonCell(rowValue(batch.columns[i]!, row, type), type);
  });
  return cells;
}

function jsonCell(value: RowValue, type: DataType): Cell {
  if (value === null) return null;
  switch (type.kind) {
    case 'DECIMAL': {
      const unscaled = value as bigint;
      return type.precision <= EXACT_DIGITS
        ? decimalToNumber(unscaled, type.scale)
        : printDecimal(unscaled, type.scale);
    }
    case 'DATE':
      return (value as number) * DAY_MS;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return (value as { millis: number }).millis;
    default:
      return plainCell(value);
  }
}

function plainCell(value: RowValue): Cell {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'object') return JSON.stringify(value, bigintText);
  return value;
}

function bigintText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
