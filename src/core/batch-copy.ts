import type { Batch, BytesColumn, Column } from './batch.ts';
import { eachOf } from './batch-views.ts';
import { copyCell, createColumnBuffer, reserveRows } from './column-buffer.ts';
import { bytesOf, decimal128Of, numbersOf, timestampsOf } from './column-cells.ts';
import type { DataType } from './types.ts';

/** Calls `visit` with the physical index of every live row, in order. */
export function forEachRow(batch: Batch, visit: (row: number) => void): void {
  const { selection, selectionCount } = batch;
  for (let k = 0; k < selectionCount; k++) visit(selection === null ? k : selection[k]!);
}

/** A batch of its own memory, no more than needed, with the live rows only: to keep or to give away. */
export function copyBatch(batch: Batch): Batch {
  const { schema, selection, selectionCount: count, rowKinds } = batch;
  return {
    schema,
    rowCount: count,
    columns: eachOf(batch.columns, (column, c) => gather(column, selection, count, schema.fields[c]!.type)),
    rowKinds: rowKinds === null ? null : pick(rowKinds, selection, new Uint8Array(count)),
    selection: null,
    selectionCount: count,
  };
}

type Numbers = Uint8Array | Int32Array | Float64Array;
type BigInts = BigInt64Array | BigUint64Array;

function pick<T extends Numbers>(from: T, selection: Int32Array | null, to: T): T {
  const count = to.length;
  if (selection === null) to.set(from.subarray(0, count));
  else for (let k = 0; k < count; k++) to[k] = from[selection[k]!]!;
  return to;
}

/** 64-bit integers move as two halves: a bigint is never made. */
function pickWide<T extends BigInts>(from: T, selection: Int32Array | null, to: T): T {
  if (selection === null) {
    to.set(from.subarray(0, to.length) as never);
    return to;
  }
  const source = new Int32Array(from.buffer, from.byteOffset, from.length * 2);
  const target = new Int32Array(to.buffer);
  for (let k = 0; k < to.length; k++) {
    const row = selection[k]!;
    target[k * 2] = source[row * 2]!;
    target[k * 2 + 1] = source[row * 2 + 1]!;
  }
  return to;
}

function gather(column: Column, selection: Int32Array | null, count: number, type: DataType): Column {
  const nulls = column.nulls === null ? null : pick(column.nulls, selection, new Uint8Array(count));
  const { physical } = column;
  switch (physical) {
    case 'bool':
      return numbersOf(physical, nulls, pick(column.values, selection, new Uint8Array(count)));
    case 'i32':
      return numbersOf(physical, nulls, pick(column.values, selection, new Int32Array(count)));
    case 'f64':
      return numbersOf(physical, nulls, pick(column.values, selection, new Float64Array(count)));
    case 'i64':
    case 'decimal64':
      return numbersOf(physical, nulls, pickWide(column.values, selection, new BigInt64Array(count)));
    case 'decimal128': {
      const high = pickWide(column.high, selection, new BigInt64Array(count));
      return decimal128Of(nulls, high, pickWide(column.low, selection, new BigUint64Array(count)));
    }
    case 'timestamp': {
      const millis = pick(column.millis, selection, new Float64Array(count));
      const nanos = column.nanos === null ? null : pick(column.nanos, selection, new Int32Array(count));
      return timestampsOf(nulls, millis, nanos);
    }
    case 'bytes':
      return gatherBytes(column, selection, nulls, count);
    default:
      return gatherNested(column, selection, count, type);
  }
}

function gatherBytes(
  column: BytesColumn,
  selection: Int32Array | null,
  nulls: Uint8Array | null,
  count: number,
): Column {
  const offsets = new Int32Array(count);
  const lengths = new Int32Array(count);
  let used = 0;
  for (let k = 0; k < count; k++) {
    const length =
      nulls !== null && nulls[k] === 1 ? 0 : column.lengths[selection === null ? k : selection[k]!]!;
    offsets[k] = used;
    lengths[k] = length;
    used += length;
  }
  const data = new Uint8Array(used);
  for (let k = 0; k < count; k++) {
    const from = column.offsets[selection === null ? k : selection[k]!]!;
    const [at, length] = [offsets[k]!, lengths[k]!];
    if (length > COPY_BYTES_MIN) data.set(column.data.subarray(from, from + length), at);
    else for (let i = 0; i < length; i++) data[at + i] = column.data[from + i]!;
  }
  return bytesOf(nulls, data, offsets, lengths);
}
/** Below, a loop over bytes beats making two views. */
const COPY_BYTES_MIN = 48;

function gatherNested(column: Column, selection: Int32Array | null, count: number, type: DataType): Column {
  const buffer = createColumnBuffer(type, Math.max(1, count));
  reserveRows(buffer, count);
  for (let k = 0; k < count; k++) copyCell(column, selection === null ? k : selection[k]!, buffer, k);
  return buffer;
}

/**
 * The memory of a batch of its own, for giving it to another thread; nested columns are cloned instead. Empty
 * memory is not given away: what stands for none at all is everyone's.
 */
export function buffersOf(batch: Batch): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const add = (array: ArrayBufferView | null | undefined): void => {
    if (array?.buffer instanceof ArrayBuffer && array.buffer.byteLength > 0) found.add(array.buffer);
  };
  add(batch.rowKinds);
  add(batch.selection);
  for (const column of batch.columns) {
    if (column.physical === 'list' || column.physical === 'map' || column.physical === 'struct') continue;
    for (const part of Object.values(column)) if (ArrayBuffer.isView(part)) add(part);
  }
  return [...found];
}
