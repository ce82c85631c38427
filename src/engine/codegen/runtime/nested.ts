import { type Column, equalBytes, type RowValue } from '../../../core/mod.ts';

/** Equality of plain values of one type; null equals null, NaN equals NaN, maps in any order of entries. */
export function equalPlain(a: RowValue, b: RowValue, isMap: boolean): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    if (!(a instanceof Uint8Array && b instanceof Uint8Array)) return false;
    return equalBytes(a, 0, a.length, b, 0, b.length);
  }
  if ('millis' in a || 'millis' in b) {
    return 'millis' in a && 'millis' in b && a.millis === b.millis && a.nanos === b.nanos;
  }
  if (a.length !== b.length) return false;
  if (!isMap) return a.every((item, i) => equalPlain(item, b[i]!, false));
  return a.every(item => {
    const [key, value] = item as readonly RowValue[];
    const found = (b as readonly (readonly RowValue[])[]).find(other => equalPlain(other[0]!, key!, false));
    return found !== undefined && equalPlain(found[1]!, value!, false);
  });
}

/** The child row of a map's entry with this key, -1 where there is none. `read` gives a key's plain value. */
export function entryOf(
  map: Extract<Column, { physical: 'map' }>,
  row: number,
  key: RowValue,
  read: (keys: Column, at: number) => RowValue,
): number {
  const from = map.offsets[row]!;
  for (let i = from; i < from + map.lengths[row]!; i++)
    if (equalPlain(read(map.keys, i), key, false)) return i;
  return -1;
}

/** The value of a key among plain entries; null where there is none. */
export function lookUp(entries: readonly (readonly RowValue[])[], key: RowValue): RowValue {
  return entries.find(entry => equalPlain(entry[0]!, key, false))?.[1] ?? null;
}

/** Plain entries of a MAP constructor: a later entry of a key replaces the value of the earlier. */
export function mapOf(items: readonly RowValue[]): RowValue {
  const entries: [RowValue, RowValue][] = [];
  for (let i = 0; i < items.length; i += 2) {
    const [key, value] = [items[i]!, items[i + 1]!];
    const known = entries.find(entry => equalPlain(entry[0], key, false));
    if (known === undefined) entries.push([key, value]);
    else known[1] = value;
  }
  return entries;
}

/** The elements of a plain MULTISET, each as often as it is there. */
export function elementsOf(entries: readonly (readonly RowValue[])[]): RowValue[] {
  return entries.flatMap(([element, count]) => Array<RowValue>(Number(count)).fill(element!));
}
