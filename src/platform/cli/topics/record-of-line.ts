import { isUtf8 } from 'node:buffer';
import { MillraceError } from '../../../core/mod.ts';

/** How lines become records. */
export interface LineOptions {
  readonly keySeparator: string | undefined;
  readonly headersSeparator: string | undefined;
  /** Of every record. */
  readonly key: string | undefined;
  readonly headers: readonly (readonly [string, string])[];
  readonly partition: number | undefined;
  readonly emptyIsNull: boolean;
  readonly nullMarker: string | undefined;
}

/**
 * Makes a line of the API's NDJSON from a line of input: `headers SEP key SEP value`, where headers and key
 * are there only with their separators. A line without the key's separator is a value without a key.
 */
export function lineToRecord(options: LineOptions): (line: string) => string {
  const { keySeparator, headersSeparator, partition } = options;
  const orNull = nullsOf(options);
  return line => {
    const [ownHeaders, rest] = split(line, headersSeparator);
    const [ownKey, value] = split(rest, keySeparator);
    const key = ownKey ?? options.key;
    const headers = [...options.headers, ...headersOf(ownHeaders)];
    return JSON.stringify({
      ...(key !== undefined && { key: orNull(key) }),
      value: orNull(value),
      ...(headers.length > 0 && { headers: headersField(headers) }),
      ...(partition !== undefined && { partition }),
    });
  };
}

/** As `lineToRecord`, of the whole input. What is no text is the value as it is, and can not be split. */
export function bytesToRecord(options: LineOptions): (bytes: Uint8Array) => string {
  const { keySeparator, headersSeparator, key, headers, partition } = options;
  const ofText = lineToRecord(options);
  return bytes => {
    if (isUtf8(bytes)) return ofText(Buffer.from(bytes).toString());
    if (keySeparator !== undefined || headersSeparator !== undefined) {
      const message = 'the input is no UTF-8: it can not be split by --key-separator or --headers-separator.';
      throw new MillraceError('CONFIG_INVALID', message);
    }
    return JSON.stringify({
      ...(key !== undefined && { key: nullsOf(options)(key) }),
      value_base64: Buffer.from(bytes).toString('base64'),
      ...(headers.length > 0 && { headers: headersField(headers) }),
      ...(partition !== undefined && { partition }),
    });
  };
}

/** An object, or a list where a name comes more than once. */
function headersField(headers: readonly (readonly [string, string])[]): unknown {
  const byName = new Map(headers);
  if (byName.size === headers.length) return Object.fromEntries(byName);
  return headers.map(([key, value]) => ({ key, value }));
}

const nullsOf =
  ({ emptyIsNull, nullMarker }: LineOptions) =>
  (text: string): string | null =>
    (emptyIsNull && text === '') || text === nullMarker ? null : text;

function split(text: string, separator: string | undefined): readonly [string | undefined, string] {
  const at = separator === undefined ? -1 : text.indexOf(separator);
  return at < 0 ? [undefined, text] : [text.slice(0, at), text.slice(at + separator!.length)];
}

/** `NAME:VALUE,…`, as Kafka's console producer takes them. */
function headersOf(text: string | undefined): (readonly [string, string])[] {
  if (text === undefined || text === '') return [];
  return text.split(',').map(pair => {
    const colon = pair.indexOf(':');
    return colon < 0 ? [pair, ''] : [pair.slice(0, colon), pair.slice(colon + 1)];
  });
}
