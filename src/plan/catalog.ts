import type { DataType } from '../core/mod.ts';
import type { Drop, Position, QualifiedName, Query, TableDefinition, TableOptions } from '../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../sql/mod.ts';
import type { Expression } from './expression.ts';
import { FunctionCatalog, type FunctionLibrary } from './function-catalog.ts';

export const DEFAULT_CATALOG = 'default_catalog';
export const DEFAULT_DATABASE = 'default_database';

/** A column of a declared table. Expressions are over all columns of the table, by index. */
export type CatalogColumn =
  | {
      readonly kind: 'physical';
      readonly name: string;
      readonly type: DataType;
      /** Where it is inside the record's rows, for a field that is read by itself. */
      readonly path?: readonly string[];
    }
  | {
      readonly kind: 'computed';
      readonly name: string;
      readonly type: DataType;
      readonly expression: Expression;
    }
  | {
      readonly kind: 'metadata';
      readonly name: string;
      readonly type: DataType;
      /** The connector's or format's name for it. */
      readonly key: string;
      readonly isVirtual: boolean;
    };

/** Where a table or view is found, beside its catalog: there is one. */
export interface ObjectPath {
  readonly database: string;
  readonly name: string;
}

/** A table as CREATE TABLE declared it, its expressions bound. */
export interface TableEntry extends ObjectPath {
  readonly kind: 'table';
  readonly temporary: boolean;
  readonly columns: readonly CatalogColumn[];
  /** Index of the event time column and the watermark over the table's columns. */
  readonly watermark: { readonly rowtime: number; readonly expression: Expression } | null;
  /** Indices of the primary key's columns in `columns`; empty when none. */
  readonly primaryKey: readonly number[];
  /** Indices of the columns of PARTITIONED BY. */
  readonly partitionKeys: readonly number[];
  readonly options: Readonly<Record<string, string>>;
  readonly comment: string | null;
  /** What it was made of, for LIKE, ALTER and SHOW. */
  readonly definition: TableDefinition;
}

/** A view: its query is bound anew where it is used. */
export interface ViewEntry extends ObjectPath {
  readonly kind: 'view';
  readonly temporary: boolean;
  /** New names of the query's columns; empty to keep them. */
  readonly columns: readonly string[];
  readonly comment: string | null;
  readonly query: Query;
  /** The database that unqualified names of the query mean. */
  readonly home: string;
}

export type CatalogEntry = TableEntry | ViewEntry;

interface Database {
  readonly comment: string | null;
  readonly options: TableOptions;
  readonly entries: Map<string, CatalogEntry>;
}

interface Contents {
  readonly databases: Map<string, Database>;
  /** Temporary tables and views, by `keyOf`; they hide what else has their name. */
  readonly temporary: Map<string, CatalogEntry>;
  readonly functions: FunctionCatalog;
}

/** Databases with their tables and views, in memory. */
export class Catalog {
  readonly #contents: Contents;
  #current: string;

  constructor(contents: Contents = empty(new FunctionCatalog()), current = DEFAULT_DATABASE) {
    this.#contents = contents;
    this.#current = current;
  }

  /** An empty catalog whose functions come from a library. */
  static withFunctions(library: FunctionLibrary): Catalog {
    return new Catalog(empty(new FunctionCatalog(library)));
  }

  get functions(): FunctionCatalog {
    return this.#contents.functions;
  }

  /** The database that unqualified names mean. */
  get current(): string {
    return this.#current;
  }

  /** The same contents seen from another database. */
  from(database: string): Catalog {
    return database === this.#current ? this : new Catalog(this.#contents, database);
  }

  /** Where a name points. Only the default catalog is there. */
  pathOf(name: QualifiedName): ObjectPath {
    const { parts } = name;
    if (parts.length > 3 || (parts.length === 3 && parts[0] !== DEFAULT_CATALOG)) {
      throw sqlUnsupported(name.at, `the catalog of ${parts.join('.')}; only ${DEFAULT_CATALOG}`);
    }
    return { database: parts.at(-2) ?? this.#current, name: parts.at(-1)! };
  }

  /** The entry of a path, a temporary one before all others. */
  get(path: ObjectPath): CatalogEntry | undefined {
    const { temporary, databases } = this.#contents;
    return temporary.get(keyOf(path)) ?? databases.get(path.database)?.entries.get(path.name);
  }

  /** The entry of a name; "Object 'x' not found" otherwise. */
  lookup(name: QualifiedName): CatalogEntry {
    const entry = this.get(this.pathOf(name));
    if (entry === undefined) throw sqlInvalid(name.at, `Object '${name.parts.join('.')}' not found`);
    return entry;
  }

  /** Adds an entry; one that exists is left alone with IF NOT EXISTS and refused without. */
  add(entry: CatalogEntry, ifNotExists: boolean, at: Position): void {
    const { temporary } = this.#contents;
    const database = this.#database(entry.database, at);
    const entries = entry.temporary ? temporary : database.entries;
    const key = entry.temporary ? keyOf(entry) : entry.name;
    if (entries.has(key)) {
      if (ifNotExists) return;
      throw sqlInvalid(
        at,
        entry.temporary
          ? `Temporary table '${quotedPath(entry)}' already exists`
          : `Table (or view) ${entry.database}.${entry.name} already exists in Catalog ${DEFAULT_CATALOG}.`,
      );
    }
    entries.set(key, entry);
  }

  /** Puts an entry in the place of the one of its name. */
  replace(entry: CatalogEntry, at: Position): void {
    if (entry.temporary) this.#contents.temporary.set(keyOf(entry), entry);
    else this.#database(entry.database, at).entries.set(entry.name, entry);
  }

  /** DROP TABLE and DROP VIEW. */
  drop(statement: Drop): void {
    const kind = statement.what.toLowerCase();
    const what = statement.what === 'TABLE' ? 'Table' : 'View';
    const path = this.pathOf(statement.name);
    const { temporary, databases } = this.#contents;
    const hidden = temporary.get(keyOf(path))?.kind === kind;
    const entries = databases.get(path.database)?.entries;
    if (statement.temporary && hidden) temporary.delete(keyOf(path));
    else if (!statement.temporary && hidden) {
      throw sqlInvalid(
        statement.at,
        `Temporary ${kind} with identifier '${quotedPath(path)}' exists. ` +
          `Drop it first before removing the permanent ${kind}.`,
      );
    } else if (!statement.temporary && entries?.get(path.name)?.kind === kind) entries.delete(path.name);
    else if (!statement.ifExists) {
      const missing = statement.temporary ? `Temporary ${kind}` : what;
      throw sqlInvalid(statement.at, `${missing} with identifier '${fullName(path)}' does not exist.`);
    }
  }

  /** Takes a permanent entry out under one name and puts it in under another of the same database. */
  rename(path: ObjectPath, to: string, at: Position): void {
    const { entries } = this.#database(path.database, at);
    const entry = entries.get(path.name)!;
    this.add({ ...entry, name: to }, false, at);
    entries.delete(path.name);
  }

  addDatabase(
    name: string,
    given: Pick<Database, 'comment' | 'options'>,
    ifNotExists: boolean,
    at: Position,
  ): void {
    const { databases } = this.#contents;
    if (!databases.has(name)) databases.set(name, { ...given, entries: new Map() });
    else if (!ifNotExists) {
      throw sqlInvalid(at, `Database ${name} already exists in Catalog ${DEFAULT_CATALOG}.`);
    }
  }

  /** Changes a database's options. */
  alterDatabase(name: string, options: TableOptions, at: Position): void {
    const database = this.#database(name, at);
    this.#contents.databases.set(name, { ...database, options: { ...database.options, ...options } });
  }

  dropDatabase(statement: Drop): void {
    const { databases } = this.#contents;
    const name = this.databaseOf(statement.name);
    const database = databases.get(name);
    if (database === undefined) {
      if (statement.ifExists) return;
      throw sqlInvalid(statement.at, `Database ${name} does not exist in Catalog ${DEFAULT_CATALOG}.`);
    }
    if (name === this.#current) {
      throw sqlInvalid(statement.at, 'Cannot drop a database which is currently in use.');
    }
    if (database.entries.size > 0 && !statement.cascade) {
      throw sqlInvalid(statement.at, `Database ${name} in catalog ${DEFAULT_CATALOG} is not empty.`);
    }
    databases.delete(name);
  }

  /** The database a name of one or two parts means. */
  databaseOf(name: QualifiedName): string {
    if (name.parts.length > 2 || (name.parts.length === 2 && name.parts[0] !== DEFAULT_CATALOG)) {
      throw sqlUnsupported(name.at, `the catalog of ${name.parts.join('.')}; only ${DEFAULT_CATALOG}`);
    }
    return name.parts.at(-1)!;
  }

  /** USE: makes a database the current one. */
  use(name: string, at: Position): void {
    if (!this.#contents.databases.has(name)) {
      throw sqlInvalid(
        at,
        `A database with name [${name}] does not exist in the catalog: [${DEFAULT_CATALOG}].`,
      );
    }
    this.#current = name;
  }

  databases(): readonly string[] {
    return [...this.#contents.databases.keys()].sort();
  }

  /** Entries that are seen in a database, by name. */
  entries(database: string): readonly CatalogEntry[] {
    const seen = new Map(this.#contents.databases.get(database)?.entries ?? []);
    for (const entry of this.#contents.temporary.values()) {
      if (entry.database === database) seen.set(entry.name, entry);
    }
    return [...seen.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** A catalog of its own with the same contents. */
  copy(): Catalog {
    const databases = [...this.#contents.databases].map(
      ([name, database]) => [name, { ...database, entries: new Map(database.entries) }] as const,
    );
    const temporary = new Map(this.#contents.temporary);
    const functions = this.#contents.functions.copy();
    return new Catalog({ databases: new Map(databases), temporary, functions }, this.#current);
  }

  #database(name: string, at: Position): Database {
    const database = this.#contents.databases.get(name);
    if (database === undefined) {
      throw sqlInvalid(at, `Database ${name} does not exist in Catalog ${DEFAULT_CATALOG}.`);
    }
    return database;
  }
}

function empty(functions: FunctionCatalog): Contents {
  const first: Database = { comment: null, options: {}, entries: new Map() };
  return { databases: new Map([[DEFAULT_DATABASE, first]]), temporary: new Map(), functions };
}

const keyOf = ({ database, name }: ObjectPath): string => JSON.stringify([database, name]);

/** `default_catalog.default_database.t`, as messages name a table. */
export const fullName = ({ database, name }: { readonly database?: string; readonly name: string }): string =>
  `${DEFAULT_CATALOG}.${database ?? DEFAULT_DATABASE}.${name}`;

/** The same between backticks. */
export const quotedPath = ({ database, name }: ObjectPath): string =>
  [DEFAULT_CATALOG, database, name].map(part => `\`${part.replaceAll('`', '``')}\``).join('.');
