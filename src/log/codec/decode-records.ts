import type { IsolationLevel, LogRecord, RecordHeader } from '../log.ts';
import { type AbortedTransaction, RecordCursor } from './record-cursor.ts';

/** What a reader wants of the bytes of a read. `aborted` counts for `read_committed` only. */
export interface DecodeOptions {
  readonly isolation?: IsolationLevel;
  readonly aborted?: readonly AbortedTransaction[];
  /** Records below are passed over: the first batch of a read may begin before the asked offset. */
  readonly fromOffset?: number;
}

/**
 * Call `visit` for each record that counts, with the same cursor each time: take what is kept out of it.
 * FORMAT_INVALID where the bytes are no record batches v2.
 */
export function forEachRecord(
  bytes: Uint8Array,
  options: DecodeOptions,
  visit: (record: RecordCursor) => void,
): void {
  const cursor = new RecordCursor();
  const aborted = options.isolation === 'read_uncommitted' ? [] : (options.aborted ?? []);
  cursor.reset(bytes, options.fromOffset ?? 0, aborted);
  while (cursor.next()) visit(cursor);
}

/** The records that count as objects. Keys and values are views into `bytes`. */
export function decodeRecords(bytes: Uint8Array, options: DecodeOptions = {}): LogRecord[] {
  const records: LogRecord[] = [];
  forEachRecord(bytes, options, cursor => records.push(recordOf(cursor)));
  return records;
}

/** The record under the cursor as an object. */
export function recordOf(cursor: RecordCursor): LogRecord {
  return {
    offset: cursor.offset,
    timestampMs: cursor.timestampMs,
    key: view(cursor.bytes, cursor.keyStart, cursor.keyLength),
    value: view(cursor.bytes, cursor.valueStart, cursor.valueLength),
    headers: headersAt(cursor.bytes, cursor.headersStart),
  };
}

function view(bytes: Uint8Array, start: number, length: number): Uint8Array | null {
  return length < 0 ? null : bytes.subarray(start, start + length);
}

const NO_HEADERS: readonly RecordHeader[] = [];
const utf8 = new TextDecoder();

/** The headers whose count lies at `start` of a read's bytes. Values are views. */
export function headersAt(bytes: Uint8Array, start: number): readonly RecordHeader[] {
  if (bytes[start] === 0) return NO_HEADERS;
  let position = start;
  const varint = (): number => {
    let value = 0;
    let scale = 1;
    let byte: number;
    do {
      byte = bytes[position++]!;
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte >= 128);
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  };
  const sized = (): Uint8Array | null => {
    const length = varint();
    if (length < 0) return null;
    position += length;
    return bytes.subarray(position - length, position);
  };
  return Array.from({ length: varint() }, () => ({ key: utf8.decode(sized() ?? undefined), value: sized() }));
}
