import type { DataType } from '../core/mod.ts';
import { column } from './build-expression.ts';
import type { CatalogColumn, TableEntry } from './catalog.ts';
import type { Expression } from './expression.ts';

/** A field of a ROW column, or of a row inside it: `person.home.city` as indices. */
export interface FieldPath {
  readonly column: number;
  /** Not empty. */
  readonly fields: readonly number[];
}

/** The path that an expression is: fields of fields of a column; null for anything else. */
export function fieldPath(expression: Expression): FieldPath | null {
  if (expression.kind !== 'call' || expression.name !== 'FIELD') return null;
  const [row, index] = expression.operands;
  if (index?.kind !== 'literal') return null;
  const field = Number(index.value);
  if (row?.kind === 'column') return { column: row.index, fields: [field] };
  const outer = fieldPath(row!);
  return outer === null ? null : { column: outer.column, fields: [...outer.fields, field] };
}

/** Text that is equal for equal paths. */
export const pathKey = (path: FieldPath): string => [path.column, ...path.fields].join('.');

/** Applies `change` to each path and each bare column of an expression; null leaves a path as it is. */
export function mapPaths(
  expression: Expression,
  change: (path: FieldPath, expression: Expression) => Expression | null,
  bare: (index: number, type: DataType) => Expression = column,
): Expression {
  const again = (e: Expression): Expression => mapPaths(e, change, bare);
  const path = fieldPath(expression);
  if (path !== null) {
    const changed = change(path, expression);
    if (changed !== null) return changed;
  }
  switch (expression.kind) {
    case 'column':
      return bare(expression.index, expression.type);
    case 'literal':
      return expression;
    case 'call':
      return { ...expression, operands: expression.operands.map(again) };
    case 'cast':
      return { ...expression, operand: again(expression.operand) };
    case 'case':
      return {
        ...expression,
        // biome-ignore lint/suspicious/noThenProperty: a plan's branch is data, never awaited
        branches: expression.branches.map(b => ({ when: again(b.when), then: again(b.then) })),
        otherwise: again(expression.otherwise),
      };
  }
}

/** The names along a path. */
function namesOf(table: TableEntry, { column: at, fields }: FieldPath): readonly string[] {
  const { name, type } = table.columns[at]!;
  const names = [name];
  let inside: DataType = type;
  for (const field of fields) {
    if (inside.kind !== 'ROW') return names;
    names.push(inside.fields[field]!.name);
    inside = inside.fields[field]!.type;
  }
  return names;
}

/**
 * The fields that a job's queries read of a table, as computed columns behind its own. They keep their
 * places as more are found.
 */
export class RowFields {
  readonly #table: TableEntry;
  readonly #found = new Map<string, CatalogColumn>();

  constructor(table: TableEntry) {
    this.#table = table;
  }

  /** The table with all fields found so far. */
  get table(): TableEntry {
    return { ...this.#table, columns: [...this.#table.columns, ...this.#found.values()] };
  }

  /** The column of a field, given as an expression over the table's columns; -1 where there can't be one. */
  add(path: FieldPath, expression: Expression): number {
    if (this.#table.columns[path.column]?.kind !== 'physical') return -1;
    const key = pathKey(path);
    if (!this.#found.has(key)) {
      const name = namesOf(this.#table, path).join('.');
      this.#found.set(key, { kind: 'computed', name, type: expression.type, expression });
    }
    return this.#table.columns.length + [...this.#found.keys()].indexOf(key);
  }
}

/**
 * The table with fields of rows as stored columns of their own, as far as the columns `output` are made of
 * them and not of the whole row: the scan then reads nothing else of the row.
 */
export function withStoredFields(table: TableEntry, output: readonly number[]): TableEntry {
  const whole = wholeColumns(table, output);
  const stored = new Map<string, { readonly index: number; readonly column: CatalogColumn }>();
  const columns = [...table.columns];
  const isStored = (path: FieldPath) =>
    !whole.has(path.column) && table.columns[path.column]!.kind === 'physical';
  const fieldOf = (path: FieldPath, type: DataType): CatalogColumn => {
    const names = namesOf(table, path);
    return { kind: 'physical', name: names.join('.'), type, path: names };
  };
  // Columns that are fields themselves first: others read them there.
  for (const i of output) {
    const found = columns[i]!;
    const path = found.kind === 'computed' ? fieldPath(found.expression) : null;
    if (path === null || !isStored(path) || stored.has(pathKey(path))) continue;
    columns[i] = { ...fieldOf(path, found.type), name: found.name };
    stored.set(pathKey(path), { index: i, column: columns[i] });
  }
  const place = (path: FieldPath, expression: Expression): Expression | null => {
    if (!isStored(path)) return null;
    const known = stored.get(pathKey(path));
    if (known !== undefined) return column(known.index, expression.type);
    const made = fieldOf(path, expression.type);
    stored.set(pathKey(path), { index: columns.length, column: made });
    columns.push(made);
    return column(columns.length - 1, expression.type);
  };
  for (const i of output) {
    const found = columns[i]!;
    if (found.kind !== 'computed') continue;
    columns[i] = { ...found, expression: mapPaths(found.expression, place) };
  }
  return stored.size === 0 ? table : { ...table, columns };
}

/** Columns of the record that some output needs as a whole. */
function wholeColumns(table: TableEntry, output: readonly number[]): ReadonlySet<number> {
  const whole = new Set<number>();
  for (const i of output) {
    const found = table.columns[i]!;
    if (found.kind !== 'computed') whole.add(i);
    else {
      mapPaths(
        found.expression,
        (_, expression) => expression,
        (index, type) => {
          whole.add(index);
          return column(index, type);
        },
      );
    }
  }
  return whole;
}
