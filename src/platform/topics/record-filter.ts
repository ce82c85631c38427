import type { LogRecord } from '../../log/mod.ts';

/** Where a search looks. */
export const SEARCH_PLACES = ['key', 'value', 'headers'] as const;
export type SearchPlace = (typeof SEARCH_PLACES)[number];
export type RecordFilter = (record: LogRecord) => boolean;

const utf8 = new TextDecoder();

/**
 * Finds records with a text in their key, their value or their headers (names and values), whatever its case;
 * null where there is nothing to look for.
 */
export function recordFilter(search: string, places: readonly SearchPlace[]): RecordFilter | null {
  const wanted = search.toLowerCase();
  if (wanted === '') return null;
  const holds = (bytes: Uint8Array | null): boolean =>
    bytes !== null && utf8.decode(bytes).toLowerCase().includes(wanted);
  const inKey = places.includes('key');
  const inValue = places.includes('value');
  const inHeaders = places.includes('headers');
  return ({ key, value, headers }) =>
    (inKey && holds(key)) ||
    (inValue && holds(value)) ||
    (inHeaders && headers.some(header => header.key.toLowerCase().includes(wanted) || holds(header.value)));
}
