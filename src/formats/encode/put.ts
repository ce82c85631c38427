import type { TimestampColumn } from '../../core/batch.ts';
import { printTimestamp, type TimestampStandard } from '../text/timestamp.ts';
import { putAscii, putFraction, THOUSANDTHS_BYTES, THOUSANDTHS_WORDS } from './put-number.ts';

/**
 * Writers of single values as JSON text: into `u8` at `p`, returning the position behind. Room is the
 * caller's care.
 */

const HEX = '0123456789ABCDEF';
/** The letter behind the backslash of a short escape, 0 where there is none. */
const SHORT = new Uint8Array(128);
for (const [code, letter] of [
  [8, 98],
  [9, 116],
  [10, 110],
  [12, 102],
  [13, 114],
  [34, 34],
  [92, 92],
] as const) {
  SHORT[code] = letter;
}

/**
 * The UTF-8 bytes [from, from + length) as a JSON string with quotes, escaped as Jackson does. At most 6 ×
 * length + 2 bytes.
 */
export function putString(
  u8: Uint8Array,
  dv: DataView,
  at: number,
  data: Uint8Array,
  view: DataView,
  from: number,
  length: number,
): number {
  let p = at + 1;
  u8[at] = 34;
  const end = from + length;
  const whole = end - 8;
  let q = from;
  while (q < end) {
    while (q <= whole) {
      const x = view.getInt32(q, true);
      const y = view.getInt32(q + 4, true);
      if (((specials(x) | specials(y)) & 0x80808080) !== 0) break;
      dv.setInt32(p, x, true);
      dv.setInt32(p + 4, y, true);
      p += 8;
      q += 8;
    }
    if (q >= end) break;
    // The rest once more with what precedes it: where nothing is escaped there, it stands there already.
    if (q > whole && length >= 8) {
      const x = view.getInt32(whole, true);
      const y = view.getInt32(whole + 4, true);
      if (((specials(x) | specials(y)) & 0x80808080) === 0) {
        p += end - q;
        dv.setInt32(p - 8, x, true);
        dv.setInt32(p - 4, y, true);
        break;
      }
    }
    const c = data[q++]!;
    if (c > 31 && c !== 34 && c !== 92) u8[p++] = c;
    else p = putEscape(u8, p, c);
  }
  u8[p++] = 34;
  return p;
}

/**
 * Four bytes at once: the upper bit of each that JSON escapes is set. Others behind such a byte may be, too,
 * and a caller looks at each.
 */
function specials(x: number): number {
  const a = x ^ 0x02020202;
  const b = x ^ 0x5c5c5c5c;
  return ((a - 0x21212121) & ~a) | ((b - 0x01010101) & ~b);
}

function putEscape(u8: Uint8Array, at: number, c: number): number {
  let p = at;
  u8[p++] = 92;
  if (SHORT[c] !== 0) {
    u8[p++] = SHORT[c]!;
    return p;
  }
  return putAscii(u8, p, `u00${HEX[c >> 4]}${HEX[c & 15]}`);
}

/** How a column's timestamps are written, with the last second that was: neighbouring rows mostly share it. */
export interface TimestampWriter {
  readonly standard: TimestampStandard;
  readonly zoned: boolean;
  /** The begin of that second, in milliseconds. */
  startMs: number;
  /** Its text, quote and all, as two doubles and a word. */
  readonly doubles: Float64Array;
  readonly words: Int32Array;
}

/** A writer of timestamps by this standard; `zoned` adds the `Z`. */
export function timestampWriter(standard: TimestampStandard, zoned: boolean): TimestampWriter {
  const doubles = new Float64Array(3);
  return { standard, zoned, startMs: Number.NaN, doubles, words: new Int32Array(doubles.buffer) };
}

/** `"0001-01-01 00:00:00` to `"9999-12-31 23:59:59`, in milliseconds of the epoch: what has twenty bytes. */
const START_MIN = -62_135_596_800_000;
const START_MAX = 253_402_300_799_000;

/** Row `row` of a column of timestamps, in quotes. At most 48 bytes. */
export function putTimestamp(
  u8: Uint8Array,
  dv: DataView,
  at: number,
  { millis, nanos }: TimestampColumn,
  row: number,
  writer: TimestampWriter,
): number {
  const value = millis[row]!;
  const fine = nanos === null ? 0 : nanos[row]!;
  // False for a second that was never set, too.
  if (!(value >= writer.startMs && value < writer.startMs + 1000) && !setSecond(writer, value)) {
    return putAscii(u8, at, `"${printTimestamp(value, fine, writer.standard, writer.zoned)}"`);
  }
  const { doubles, words } = writer;
  dv.setFloat64(at, doubles[0]!, true);
  dv.setFloat64(at + 8, doubles[1]!, true);
  dv.setInt32(at + 16, words[4]!, true);
  const milli = value - writer.startMs;
  let p = at + 20;
  if (fine === 0) {
    dv.setInt32(p, THOUSANDTHS_WORDS[milli]!, true);
    p += THOUSANDTHS_BYTES[milli]!;
  } else p = putFraction(u8, p, milli * 1_000_000 + fine, 9);
  if (writer.zoned) u8[p++] = 90;
  u8[p++] = 34;
  return p;
}

/** Makes the second of `millis` the one that is written; false for one that is too far. */
function setSecond(writer: TimestampWriter, millis: number): boolean {
  const startMs = Math.floor(millis / 1000) * 1000;
  if (!(startMs >= START_MIN && startMs <= START_MAX)) return false;
  const bytes = new Uint8Array(writer.doubles.buffer);
  putAscii(bytes, 0, `"${printTimestamp(startMs, 0, writer.standard, false)}`);
  writer.startMs = startMs;
  return true;
}
