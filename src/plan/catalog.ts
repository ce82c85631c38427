import type { DataType } from '../core/mod.ts';
import type { Drop, QualifiedName, Query } from '../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../sql/mod.ts';
import type { Expression } from './expression.ts';

export const DEFAULT_CATALOG = 'default_catalog';
export const DEFAULT_DATABASE = 'default_database';

/** A column of a declared table. Expressions are over all columns of the table, by index. */
export type CatalogColumn =
  | { readonly kind: 'physical'; readonly name: string; readonly type: DataType }
  | {
      readonly kind: 'computed';
      readonly name: string;
      readonly type: DataType;
      readonly expression: Expression;
    };

/** A table as CREATE TABLE declared it, its expressions bound. */
export interface TableEntry {
  readonly kind: 'table';
  readonly name: string;
  readonly columns: readonly CatalogColumn[];
  /** Index of the event time column and the watermark over the table's columns. */
  readonly watermark: { readonly rowtime: number; readonly expression: Expression } | null;
  /** Indices of the primary key's columns in `columns`; empty when none. */
  readonly primaryKey: readonly number[];
  readonly options: Readonly<Record<string, string>>;
  readonly comment: string | null;
}

/** A view: its query is bound anew where it is used. */
export interface ViewEntry {
  readonly kind: 'view';
  readonly name: string;
  /** New names of the query's columns; empty to keep them. */
  readonly columns: readonly string[];
  readonly query: Query;
}

export type CatalogEntry = TableEntry | ViewEntry;

/** Tables and views in memory, in order of declaration. */
export class Catalog {
  readonly #entries = new Map<string, CatalogEntry>();

  /** The key of a name: its last part, the catalog and database before it checked. */
  static nameOf(name: QualifiedName): string {
    const { parts } = name;
    const spaces = parts.slice(0, -1);
    const expected = [DEFAULT_CATALOG, DEFAULT_DATABASE].slice(2 - spaces.length);
    if (spaces.length > 2 || spaces.some((part, i) => part !== expected[i])) {
      throw sqlUnsupported(
        name.at,
        `the database ${spaces.join('.')}; only ${DEFAULT_CATALOG}.${DEFAULT_DATABASE}`,
      );
    }
    return parts.at(-1)!;
  }

  get(name: string): CatalogEntry | undefined {
    return this.#entries.get(name);
  }

  /** The entry of a name; "Object 'x' not found" otherwise. */
  lookup(name: QualifiedName): CatalogEntry {
    const entry = this.#entries.get(Catalog.nameOf(name));
    if (entry === undefined) throw sqlInvalid(name.at, `Object '${name.parts.join('.')}' not found`);
    return entry;
  }

  /** Adds an entry; one that exists is left alone with IF NOT EXISTS and refused without. */
  add(entry: CatalogEntry, ifNotExists: boolean, at: QualifiedName['at']): void {
    if (this.#entries.has(entry.name)) {
      if (ifNotExists) return;
      throw sqlInvalid(at, `Could not create ${entry.kind} '${fullName(entry.name)}': it exists already`);
    }
    this.#entries.set(entry.name, entry);
  }

  drop(statement: Drop): void {
    const kind = statement.what.toLowerCase();
    const name = Catalog.nameOf(statement.name);
    if (this.#entries.get(name)?.kind === kind) this.#entries.delete(name);
    else if (!statement.ifExists) {
      const what = `${statement.what.charAt(0)}${kind.slice(1)}`;
      throw sqlInvalid(statement.at, `${what} with identifier '${fullName(name)}' does not exist.`);
    }
  }

  /** Entries in order of declaration. */
  entries(): readonly CatalogEntry[] {
    return [...this.#entries.values()];
  }

  /** A catalog of its own with the same entries. */
  copy(): Catalog {
    const copy = new Catalog();
    for (const entry of this.#entries.values()) copy.#entries.set(entry.name, entry);
    return copy;
  }
}

/** `default_catalog.default_database.t`, as messages name a table. */
export const fullName = (name: string): string => `${DEFAULT_CATALOG}.${DEFAULT_DATABASE}.${name}`;
