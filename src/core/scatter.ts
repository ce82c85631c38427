import type { BytesColumn, Column } from './batch.ts';
import {
  type BytesBuffer,
  type ColumnBuffer,
  copyBytes,
  copyCell,
  putBytes,
  reserveBytes,
} from './column-buffer.ts';
import { copyText, viewOf, viewOfColumn } from './copy-text.ts';

/** Copies cells `rows[k]` of a column into cells `targets[k]` of a growable one, where room is reserved. */
export function scatter(
  source: Column,
  rows: Int32Array,
  count: number,
  buffer: ColumnBuffer,
  targets: Int32Array,
): void {
  const { nulls } = buffer;
  if (source.nulls === null) for (let k = 0; k < count; k++) nulls[targets[k]!] = 0;
  else for (let k = 0; k < count; k++) nulls[targets[k]!] = source.nulls[rows[k]!]!;
  switch (source.physical) {
    case 'bool':
      putByteItems(source.values, rows, count, (buffer as { values: Uint8Array }).values, targets);
      return;
    case 'i32':
      putInts(source.values, rows, count, (buffer as { values: Int32Array }).values, targets);
      return;
    case 'f64':
      putDoubles(source.values, rows, count, (buffer as { values: Float64Array }).values, targets);
      return;
    case 'i64':
    case 'decimal64':
      putWords(source.values, rows, count, (buffer as { values: BigInt64Array }).values, targets);
      return;
    default:
      putWide(source, rows, count, buffer, targets);
  }
}

function putWide(
  source: Column,
  rows: Int32Array,
  count: number,
  buffer: ColumnBuffer,
  targets: Int32Array,
): void {
  if (source.physical === 'decimal128' && buffer.physical === 'decimal128') {
    putWords(source.high, rows, count, buffer.high, targets);
    putWords(source.low, rows, count, buffer.low, targets);
  } else if (source.physical === 'timestamp' && buffer.physical === 'timestamp') {
    putDoubles(source.millis, rows, count, buffer.millis, targets);
    if (buffer.nanos === null) return;
    for (let k = 0; k < count; k++) {
      buffer.nanos[targets[k]!] = source.nanos === null ? 0 : source.nanos[rows[k]!]!;
    }
  } else if (source.physical === 'bytes' && buffer.physical === 'bytes') {
    putRuns(source, rows, count, buffer, targets);
  } else {
    for (let k = 0; k < count; k++) copyCell(source, rows[k]!, buffer, targets[k]!);
  }
}

/** Bytes of a source that may lie between those that are taken, a hundredth of them. */
const GAPS_MAX_PERCENT = 25;

/** Copies runs of bytes: all at once, where they lie close together, one by one where not. */
function putRuns(
  source: BytesColumn,
  rows: Int32Array,
  count: number,
  buffer: BytesBuffer,
  targets: Int32Array,
): void {
  const { offsets, lengths, data, nulls } = source;
  let [from, to, sum] = [Number.POSITIVE_INFINITY, 0, 0];
  for (let k = 0; k < count; k++) {
    const row = rows[k]!;
    if (nulls !== null && nulls[row] === 1) continue;
    const at = offsets[row]!;
    const length = lengths[row]!;
    if (at < from) from = at;
    if (at + length > to) to = at + length;
    sum += length;
  }
  if (sum === 0 || (to - from) * 100 > sum * (100 + GAPS_MAX_PERCENT)) {
    putEach(source, rows, count, buffer, targets, sum);
    return;
  }
  reserveBytes(buffer, to - from);
  const shift = buffer.used - from;
  buffer.data.set(data.subarray(from, to), buffer.used);
  buffer.used += to - from;
  for (let k = 0; k < count; k++) {
    buffer.offsets[targets[k]!] = offsets[rows[k]!]! + shift;
    buffer.lengths[targets[k]!] = lengths[rows[k]!]!;
  }
}

/** Longer text is copied as memory: the view it takes is worth it then. */
const WORDS_MAX = 512;

/** Copies runs of bytes, `sum` in all, one by one. Text goes by words, without a view a run. */
function putEach(
  source: BytesColumn,
  rows: Int32Array,
  count: number,
  buffer: BytesBuffer,
  targets: Int32Array,
  sum: number,
): void {
  const { offsets, lengths, data, nulls } = source;
  reserveBytes(buffer, sum);
  const [to, from] = [viewOf(buffer), viewOfColumn(source)];
  const wordsMin = buffer.isText ? 8 : Number.POSITIVE_INFINITY;
  for (let k = 0; k < count; k++) {
    const row = rows[k]!;
    if (nulls !== null && nulls[row] === 1) continue;
    const length = lengths[row]!;
    if (length < wordsMin || length > WORDS_MAX) {
      putBytes(buffer, targets[k]!, data, offsets[row]!, length);
      continue;
    }
    copyText(to, buffer.used, from, offsets[row]!, length);
    buffer.offsets[targets[k]!] = buffer.used;
    buffer.lengths[targets[k]!] = length;
    buffer.used += length;
  }
}

// A loop for each kind of array: one that meets several asks each time which it is.
function putByteItems(
  source: Uint8Array,
  rows: Int32Array,
  count: number,
  target: Uint8Array,
  targets: Int32Array,
): void {
  for (let k = 0; k < count; k++) target[targets[k]!] = source[rows[k]!]!;
}
function putInts(
  source: Int32Array,
  rows: Int32Array,
  count: number,
  target: Int32Array,
  targets: Int32Array,
): void {
  for (let k = 0; k < count; k++) target[targets[k]!] = source[rows[k]!]!;
}
function putDoubles(
  source: Float64Array,
  rows: Int32Array,
  count: number,
  target: Float64Array,
  targets: Int32Array,
): void {
  for (let k = 0; k < count; k++) target[targets[k]!] = source[rows[k]!]!;
}

function putWords<T extends BigInt64Array | BigUint64Array>(
  source: T,
  rows: Int32Array,
  count: number,
  target: T,
  targets: Int32Array,
): void {
  const from = new Int32Array(source.buffer, source.byteOffset, source.length * 2);
  const to = new Int32Array(target.buffer, target.byteOffset, target.length * 2);
  for (let k = 0; k < count; k++) {
    const row = rows[k]! * 2;
    const at = targets[k]! * 2;
    to[at] = from[row]!;
    to[at + 1] = from[row + 1]!;
  }
}

/**
 * Copies cells `rows[k]` into cells `targets[k]`, over the bytes that were there where they are no longer.
 * Returns how many bytes now belong to no cell.
 */
export function overwriteBytes(
  source: BytesColumn,
  rows: Int32Array,
  count: number,
  buffer: BytesBuffer,
  targets: Int32Array,
): number {
  const { offsets, lengths, data, nulls } = source;
  const from = viewOfColumn(source);
  const wordsMin = buffer.isText ? 8 : Number.POSITIVE_INFINITY;
  let freed = 0;
  for (let k = 0; k < count; k++) {
    const [row, target] = [rows[k]!, targets[k]!];
    const had = buffer.nulls[target] === 1 ? 0 : buffer.lengths[target]!;
    const isNull = nulls !== null && nulls[row] === 1;
    const length = isNull ? 0 : lengths[row]!;
    buffer.nulls[target] = isNull ? 1 : 0;
    const fits = length <= had;
    freed += fits ? had - length : had;
    const at = fits ? buffer.offsets[target]! : buffer.used;
    if (!fits) reserveBytes(buffer, length);
    if (length < wordsMin || length > WORDS_MAX) copyBytes(data, offsets[row]!, length, buffer.data, at);
    else copyText(viewOf(buffer), at, from, offsets[row]!, length);
    buffer.offsets[target] = at;
    buffer.lengths[target] = length;
    if (!fits) buffer.used = at + length;
  }
  return freed;
}
