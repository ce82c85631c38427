import type { ByteSink } from './byte-sink.ts';

/** How `decimal.handling.mode` and `time.precision.mode` shape values, and which half of capture reads. */
export interface ValueModes {
  readonly decimals: 'precise' | 'string' | 'double';
  readonly times: 'adaptive' | 'adaptive_time_microseconds' | 'connect';
  /** Debezium prints some values differently in its two halves (infinite dates). */
  readonly half: 'snapshotRead' | 'streamRead';
  /** Stands for a TOASTed value that the WAL does not carry. */
  readonly unavailable: string;
}

/**
 * A column's type with domains and arrays resolved. `modifier` is PostgreSQL's typmod, -1 when there is
 * none.
 */
export interface ColumnType {
  /** `int4`, `text`, …; `enum` for any enumeration. */
  readonly name: string;
  readonly modifier: number;
  /** Set for arrays. */
  readonly element?: ColumnType;
}

/** Writes one column's text as JSON. */
export interface ColumnEncoder {
  /** The text is `source[from, end)`, unescaped, never null. */
  put(sink: ByteSink, source: Uint8Array, from: number, end: number): void;
  /** JSON in place of null where a NOT NULL column of an old row is not known (Connect's fall-back). */
  readonly zero: string;
  /** JSON in place of a TOASTed value that is not known; null where the type has none. */
  readonly unavailable: string | null;
  /** Bytes of JSON for one byte of text at most, beyond a fixed 96. */
  readonly growth: number;
}

/** The ASCII or UTF-8 text of a range. */
export function textOf(source: Uint8Array, from: number, end: number): string {
  return Buffer.from(source.buffer, source.byteOffset + from, end - from).toString('utf8');
}

/** True when the range begins with the letter i (`infinity`), or -i. Digits never do. */
export function isInfinity(source: Uint8Array, from: number): -1 | 0 | 1 {
  if (source[from] === 0x69) return 1;
  return source[from] === 0x2d && source[from + 1] === 0x69 ? -1 : 0;
}
