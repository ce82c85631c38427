import {
  type ColumnBuffer,
  childBuffers,
  copyCell,
  createColumnBuffer,
  reserveBytes,
  reserveRows,
} from '../core/mod.ts';
import type { BytesReader, BytesWriter } from './bytes.ts';
import { wordsOf } from './cells.ts';

type RowArray = Uint8Array | Int32Array | Float64Array | BigInt64Array | BigUint64Array;

/** The arrays that have one item a row, without the nulls. */
export function valuesOf(column: ColumnBuffer): RowArray[] {
  switch (column.physical) {
    case 'bytes':
    case 'list':
    case 'map':
      return [column.offsets, column.lengths];
    case 'decimal128':
      return [column.high, column.low];
    case 'timestamp':
      return column.nanos === null ? [column.millis] : [column.millis, column.nanos];
    case 'struct':
      return [];
    default:
      return [column.values];
  }
}

/** The arrays that have one item a row. */
const arraysOf = (column: ColumnBuffer): RowArray[] => [column.nulls, ...valuesOf(column)];

/** Whether one of the first `rows` cells is NULL; looked at four at a time. */
function hasNulls(nulls: Uint8Array, rows: number): boolean {
  const words = new Int32Array(nulls.buffer, nulls.byteOffset, rows >>> 2);
  for (let k = 0; k < words.length; k++) if (words[k] !== 0) return true;
  for (let row = words.length * 4; row < rows; row++) if (nulls[row] !== 0) return true;
  return false;
}

/** How many rows the columns inside have, when the column itself has `rows`. */
const innerRows = (column: ColumnBuffer, rows: number): number =>
  column.physical === 'list' || column.physical === 'map' ? column.used : rows;

/** Memory that `rows` rows of a column take; what lies behind them was never touched. */
export function columnBytes(column: ColumnBuffer, rows: number): number {
  const own = arraysOf(column).reduce((sum, array) => sum + array.BYTES_PER_ELEMENT * rows, 0);
  const data = column.physical === 'bytes' ? column.used : 0;
  const inner = innerRows(column, rows);
  return childBuffers(column).reduce((sum, child) => sum + columnBytes(child, inner), own + data);
}

/** Write the first `rows` rows of a column; where none is NULL, that is all that is written of their nulls. */
export function writeColumn(column: ColumnBuffer, rows: number, out: BytesWriter): void {
  if ('used' in column) out.int(column.used);
  if (column.physical === 'bytes') out.raw(column.data.subarray(0, column.used));
  const someAreNull = hasNulls(column.nulls, rows);
  out.int(someAreNull ? 1 : 0);
  if (someAreNull) out.raw(column.nulls.subarray(0, rows));
  for (const array of valuesOf(column)) out.raw(array.subarray(0, rows));
  for (const child of childBuffers(column)) writeColumn(child, innerRows(column, rows), out);
}

/** Take over what `writeColumn` wrote. */
export function readColumn(column: ColumnBuffer, rows: number, input: BytesReader): void {
  reserveRows(column, rows);
  if ('used' in column) {
    const used = input.int();
    if (column.physical === 'bytes') {
      column.used = 0;
      reserveBytes(column, used);
      input.fill(column.data.subarray(0, used));
    }
    column.used = used;
  }
  if (input.int() === 1) input.fill(column.nulls.subarray(0, rows));
  else column.nulls.fill(0, 0, rows);
  for (const array of valuesOf(column)) input.fill(array.subarray(0, rows));
  for (const child of childBuffers(column)) readColumn(child, innerRows(column, rows), input);
}

/**
 * What a cell takes beside its own place: bytes of strings and binaries, rows of lists and maps. All of it
 * is given up: the cell holds nothing any more.
 */
export function dropCell(column: ColumnBuffer, row: number): number {
  if (column.nulls[row] === 1) return 0;
  let units = 0;
  if ('lengths' in column) {
    units = column.lengths[row]!;
    if (column.physical !== 'bytes') {
      const from = column.offsets[row]!;
      for (const child of childBuffers(column)) {
        for (let i = 0; i < column.lengths[row]!; i++) units += dropCell(child, from + i);
      }
    }
    column.lengths[row] = 0;
  } else for (const child of childBuffers(column)) units += dropCell(child, row);
  return units;
}

/** Cells `to` take over all that cells `from` hold, which then hold nothing any more. */
export function moveCells(column: ColumnBuffer, from: Int32Array, to: Int32Array, count: number): void {
  for (const array of arraysOf(column)) {
    if (array instanceof BigInt64Array || array instanceof BigUint64Array) moveWords(array, from, to, count);
    else for (let k = 0; k < count; k++) array[to[k]!] = array[from[k]!]!;
  }
  if ('lengths' in column) for (let k = 0; k < count; k++) column.lengths[from[k]!] = 0;
  if (column.physical !== 'struct') return;
  for (const child of column.children) moveCells(child, from, to, count);
}

/** 64-bit items move as pairs of words, which makes no bigint. */
function moveWords(
  array: BigInt64Array | BigUint64Array,
  from: Int32Array,
  to: Int32Array,
  count: number,
): void {
  const words = wordsOf(array);
  for (let k = 0; k < count; k++) {
    const [source, target] = [from[k]! * 2, to[k]! * 2];
    words[target] = words[source]!;
    words[target + 1] = words[source + 1]!;
  }
}

/** Whether cells of the column hold something beside their own place, which `dropCell` gives up. */
export const holdsMore = (column: ColumnBuffer): boolean =>
  'lengths' in column || childBuffers(column).length > 0;

/** All that the cells of a column take beside their own places, given up or not. */
export function unitsIn(column: ColumnBuffer): number {
  const own = 'used' in column ? column.used : 0;
  return childBuffers(column).reduce((sum, child) => sum + unitsIn(child), own);
}

/** Copy the live rows into fresh memory, without what was given up. */
export function compactColumn(column: ColumnBuffer, live: Uint8Array, end: number): void {
  const fresh = createColumnBuffer(column.type, column.nulls.length);
  for (let id = 1; id < end; id++) if (live[id] === 1) copyCell(column, id, fresh, id);
  Object.assign(column, fresh);
}
