import { readUint16, readUint32 } from '../lsn.ts';

/** Marks in `starts` for a column without bytes. */
export const NULL_COLUMN = -1;
export const UNCHANGED_TOAST = -2;

/**
 * One row as text columns inside a buffer: column i is `bytes[starts[i], ends[i])`, or a mark above. Reused.
 */
export interface Tuple {
  bytes: Uint8Array;
  starts: Int32Array;
  ends: Int32Array;
  columns: number;
  /** Bytes of all columns together. */
  size: number;
}

/** An empty tuple for up to `columnsMax` columns. */
export function newTuple(columnsMax = 1600): Tuple {
  return {
    bytes: new Uint8Array(0),
    starts: new Int32Array(columnsMax),
    ends: new Int32Array(columnsMax),
    columns: 0,
    size: 0,
  };
}

/**
 * pgoutput's TupleData: Int16 columns, each `n` (null), `u` (unchanged TOAST) or `t` Int32 length, text.
 * Returns where it ends.
 */
export function readTupleData(bytes: Uint8Array, at: number, tuple: Tuple): number {
  const columns = readUint16(bytes, at);
  tuple.bytes = bytes;
  tuple.columns = columns;
  let p = at + 2;
  for (let i = 0; i < columns; i++) {
    const kind = bytes[p++];
    if (kind === 0x74) {
      const length = readUint32(bytes, p);
      p += 4;
      tuple.starts[i] = p;
      p += length;
      tuple.ends[i] = p;
    } else {
      tuple.starts[i] = kind === 0x75 ? UNCHANGED_TOAST : NULL_COLUMN;
      tuple.ends[i] = 0;
    }
  }
  tuple.size = p - at;
  return p;
}

const TAB = 9;
const BACKSLASH = 0x5c;
const ESCAPES: Readonly<Record<number, number>> = { 98: 8, 102: 12, 110: 10, 114: 13, 116: 9, 118: 11 };

/**
 * A row of COPY's text format at `[from, end)`, its newline excluded: columns part at tabs, `\N` is null.
 * Escapes are resolved in place (text only shrinks), so the buffer must be ours.
 */
export function readCopyRow(bytes: Uint8Array, from: number, end: number, tuple: Tuple): void {
  const { starts, ends } = tuple;
  let column = 0;
  let p = from;
  while (p <= end) {
    const start = p;
    let byte = 0;
    while (p < end && (byte = bytes[p]!) !== TAB && byte !== BACKSLASH) p++;
    starts[column] = start;
    ends[column] = p;
    if (p < end && byte === BACKSLASH) p = unescapeColumn(bytes, start, p, end, column, tuple);
    column++;
    p++;
  }
  tuple.bytes = bytes;
  tuple.columns = column;
  tuple.size = end - from;
}

/** From the first backslash of a column on. Returns where the column's text ends in the source. */
function unescapeColumn(
  bytes: Uint8Array,
  start: number,
  backslash: number,
  end: number,
  column: number,
  tuple: Tuple,
): number {
  let p = backslash;
  if (p === start && bytes[p + 1] === 0x4e) {
    tuple.starts[column] = NULL_COLUMN;
    return p + 2;
  }
  let write = p;
  while (p < end && bytes[p] !== TAB) {
    let byte = bytes[p++]!;
    if (byte === BACKSLASH) {
      const escaped = bytes[p++]!;
      byte = ESCAPES[escaped] ?? escaped;
    }
    bytes[write++] = byte;
  }
  tuple.ends[column] = write;
  return p;
}
