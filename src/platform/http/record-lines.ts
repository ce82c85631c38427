import { isUtf8 } from 'node:buffer';
import { MillraceError, messageOf } from '../../core/mod.ts';
import { type LogRecord, type NewRecord, partitionOfKey } from '../../log/mod.ts';

/** A record to append, and the partition it was given, where it was. */
export interface IncomingRecord {
  readonly partition: number | null;
  readonly record: NewRecord;
}

const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const bytes = new TextEncoder();

/**
 * Reads NDJSON: `{"key": …, "value": …, "headers"?: {…}, "partition"?: 0, "timestamp"?: ms}` a line. Headers
 * may also be a list of `{"key": …, "value": …}`, where names come more than once or values are bytes.
 * A string is its UTF-8 bytes; `key_base64` and `value_base64` give any bytes; null is null (a tombstone);
 * anything else is stored as JSON text.
 */
export function parseRecordLines(body: Uint8Array): readonly IncomingRecord[] {
  if (!isUtf8(body)) {
    const message = 'the records are no UTF-8: "key_base64" and "value_base64" take any bytes.';
    throw new MillraceError('FORMAT_INVALID', message);
  }
  const lines = new TextDecoder().decode(body).split('\n');
  return lines.flatMap((line, i): IncomingRecord[] => (line.trim() === '' ? [] : [parseLine(line, i + 1)]));
}

function parseLine(line: string, number: number): IncomingRecord {
  const refuse = (message: string): never => {
    throw new MillraceError('FORMAT_INVALID', `line ${number}: ${message}`);
  };
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    return refuse(messageOf(error));
  }
  if (json === null || typeof json !== 'object' || Array.isArray(json)) {
    return refuse('expected an object like {"key": "k", "value": {"a": 1}}.');
  }
  const given = json as Record<string, unknown>;
  const { partition, timestamp, headers } = given;
  if (partition !== undefined && !isCount(partition)) refuse('"partition" must be a whole number from 0.');
  if (timestamp !== undefined && !isCount(timestamp)) refuse('"timestamp" must be epoch milliseconds.');
  const added = headers === undefined ? undefined : headersOf(headers);
  if (added === null)
    refuse('"headers" must be an object, or a list of objects like {"key": "h", "value": "v"}.');
  const record: NewRecord = {
    key: bytesOf(given.key, given.key_base64),
    value: bytesOf(given.value, given.value_base64),
    ...(timestamp !== undefined && { timestampMs: timestamp as number }),
    ...(added && { headers: added }),
  };
  return { partition: (partition as number | undefined) ?? null, record };
}

/** Null where they are none. */
function headersOf(given: unknown): NonNullable<NewRecord['headers']> | null {
  if (given === null || typeof given !== 'object') return null;
  if (!Array.isArray(given))
    return Object.entries(given).map(([key, value]) => ({ key, value: bytesOf(value, undefined) }));
  const headers = given as readonly (Readonly<Record<string, unknown>> | null)[];
  if (!headers.every(header => typeof header?.['key'] === 'string')) return null;
  return headers.map(header => ({
    key: header!['key'] as string,
    value: bytesOf(header!['value'], header!['value_base64']),
  }));
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function bytesOf(value: unknown, base64: unknown): Uint8Array | null {
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64');
  if (value === undefined || value === null) return null;
  return bytes.encode(typeof value === 'string' ? value : JSON.stringify(value));
}

/**
 * One line of NDJSON for a stored record. Bytes that are not UTF-8 come as `key_base64`, `value_base64`. Headers
 * are an object where that can hold them, else a list of `{"key", "value" or "value_base64"}`.
 */
export function recordLine(partition: number, record: LogRecord): string {
  return `${JSON.stringify({
    partition,
    offset: record.offset,
    timestamp: record.timestampMs,
    ...named('key', record.key),
    ...named('value', record.value),
    ...(record.headers.length > 0 && { headers: shownHeaders(record.headers) }),
  })}\n`;
}

function shownHeaders(headers: LogRecord['headers']): unknown {
  const texts = new Map(headers.map(({ key, value }) => [key, textOf(value)]));
  const fits = texts.size === headers.length && ![...texts.values()].includes(undefined);
  return fits
    ? Object.fromEntries(texts)
    : headers.map(({ key, value }) => ({ key, ...named('value', value) }));
}

/** `{[name]: text}` where the bytes are UTF-8, else `{[name]_base64: …}`. */
export function named(name: string, value: Uint8Array | null): Record<string, string | null> {
  const decoded = textOf(value);
  if (value === null || decoded !== undefined) return { [name]: decoded ?? null };
  return { [`${name}_base64`]: Buffer.from(value).toString('base64') };
}

function textOf(value: Uint8Array | null): string | null | undefined {
  if (value === null) return null;
  try {
    return text.decode(value);
  } catch {
    return undefined;
  }
}

/**
 * Which partition each record goes to: the given one, else Kafka's hash of the key, else one for the whole
 * request,
 * chosen by `turn` so that a retry with the same sequence goes to the same place.
 */
export function partitionRecords(
  incoming: readonly IncomingRecord[],
  partitions: number,
  turn: number,
): ReadonlyMap<number, readonly NewRecord[]> {
  const byPartition = new Map<number, NewRecord[]>();
  for (const { partition, record } of incoming) {
    const at = partition ?? (record.key ? partitionOfKey(record.key, partitions) : turn % partitions);
    const list = byPartition.get(at);
    if (list) list.push(record);
    else byPartition.set(at, [record]);
  }
  return byPartition;
}
