import type { ColumnType } from './encode/column-encoder.ts';

/** A row of pg_type, as far as capture reads it. */
export interface TypeRow {
  readonly name: string;
  /** typtype: `b` base, `e` enum, `d` domain, `c` composite, … */
  readonly kind: string;
  readonly category: string;
  readonly element: number;
  readonly base: number;
  readonly modifier: number;
}

/** A type with its domains and arrays resolved. An unknown one is named `unknown`, which no encoder takes. */
export function resolveType(types: ReadonlyMap<number, TypeRow>, oid: number, modifier: number): ColumnType {
  const row = types.get(oid);
  if (row === undefined) return { name: 'unknown', modifier };
  if (row.kind === 'd') return resolveType(types, row.base, row.modifier);
  if (row.category === 'A' && row.element !== 0) {
    return { name: 'array', modifier, element: resolveType(types, row.element, modifier) };
  }
  if (row.kind === 'c') return { name: 'composite', modifier };
  return { name: row.kind === 'e' ? 'enum' : row.name, modifier };
}
