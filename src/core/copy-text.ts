import type { BytesColumn } from './batch.ts';

/** Bytes with a view over the same memory. The view is made anew when the bytes have moved. */
export interface Viewed {
  data: Uint8Array;
  view: DataView;
  viewed: Uint8Array;
}

/** The view over a growable column's bytes. */
export function viewOf(buffer: Viewed): DataView {
  if (buffer.viewed === buffer.data) return buffer.view;
  const { data } = buffer;
  buffer.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  buffer.viewed = data;
  return buffer.view;
}

/** The bytes that were read from last: a batch's columns mostly share theirs. */
const last: Viewed = {
  data: new Uint8Array(0),
  view: new DataView(new ArrayBuffer(0)),
  viewed: new Uint8Array(0),
};

/** The view over a column's bytes: a growable column keeps its own. */
export function viewOfColumn(column: BytesColumn & Partial<Viewed & { readonly type: unknown }>): DataView {
  const { data, view } = column;
  if (view !== undefined && column.viewed === data) return view;
  if (view !== undefined && column.type !== null) return viewOf(column as unknown as Viewed);
  last.data = data;
  return viewOf(last);
}

const WORD = 8;

/**
 * Copies UTF-8 text of at least eight bytes by words. They pass through as doubles: the pattern of a NaN,
 * which might not stay as it is, has a byte above 0xef before 0x7f or 0xff, which UTF-8 never has.
 */
export function copyText(to: DataView, at: number, source: DataView, from: number, length: number): void {
  const rest = length - WORD;
  for (let i = 0; i < rest; i += WORD) to.setFloat64(at + i, source.getFloat64(from + i, true), true);
  to.setFloat64(at + rest, source.getFloat64(from + rest, true), true);
}
