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
  const orNull = (text: string): string | null =>
    (options.emptyIsNull && text === '') || text === options.nullMarker ? null : text;
  return line => {
    const [ownHeaders, rest] = split(line, headersSeparator);
    const [ownKey, value] = split(rest, keySeparator);
    const key = ownKey ?? options.key;
    const headers = [...options.headers, ...headersOf(ownHeaders)];
    return JSON.stringify({
      ...(key !== undefined && { key: orNull(key) }),
      value: orNull(value),
      ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
      ...(partition !== undefined && { partition }),
    });
  };
}

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
