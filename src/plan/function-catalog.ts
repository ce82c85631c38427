import type { ScalarFunction } from '../contract/mod.ts';
import type { CreateFunction, Drop } from '../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../sql/mod.ts';
import { type Catalog, DEFAULT_CATALOG } from './catalog.ts';
import type { FunctionEntry, FunctionResolver } from './functions/user-functions.ts';

/**
 * What a program brings in functions: the one of an export, of the given file or of any. A sentence instead
 * says why there is none.
 */
export type FunctionLibrary = (exportName: string, file: string | null) => ScalarFunction | string;

/** The functions of CREATE FUNCTION, by kind and path. */
export class FunctionCatalog {
  readonly #library: FunctionLibrary;
  readonly #entries: Map<string, FunctionEntry>;

  constructor(
    library: FunctionLibrary = () => 'there are no functions to choose from',
    entries: ReadonlyMap<string, FunctionEntry> = new Map(),
  ) {
    this.#library = library;
    this.#entries = new Map(entries);
  }

  copy(): FunctionCatalog {
    return new FunctionCatalog(this.#library, this.#entries);
  }

  create(statement: CreateFunction, catalog: Catalog): void {
    const { language, at, temporary, system, ifNotExists } = statement;
    if (language !== 'JAVASCRIPT') {
      throw sqlUnsupported(at, `a function in ${language ?? 'Java'}; write LANGUAGE JAVASCRIPT`);
    }
    const key = keyOf(statement, catalog);
    if (this.#entries.has(key)) {
      if (ifNotExists) return;
      throw sqlInvalid(at, alreadyThere(statement, catalog));
    }
    const found = this.#library(statement.className, statement.file);
    if (typeof found === 'string') {
      throw sqlInvalid(at, `Cannot create function '${statement.name.parts.join('.')}': ${found}.`);
    }
    const kind = system ? 'temporary system' : temporary ? 'temporary' : 'permanent';
    const name = statement.name.parts.at(-1)!.toLowerCase();
    this.#entries.set(key, { name, kind, function: found });
  }

  drop(statement: Drop, catalog: Catalog): void {
    if (this.#entries.delete(keyOf(statement, catalog)) || statement.ifExists) return;
    const { database, name } = catalog.pathOf(statement.name);
    throw sqlInvalid(
      statement.at,
      statement.system
        ? `Temporary system function ${name} doesn't exist`
        : statement.temporary
          ? `Temporary catalog function \`${DEFAULT_CATALOG}\`.\`${database}\`.\`${name}\` doesn't exist`
          : `Function ${database}.${name} does not exist in Catalog ${DEFAULT_CATALOG}.`,
    );
  }

  /** Names a call may use, sorted: of the user's functions seen from the current database. */
  names(catalog: Catalog): readonly string[] {
    const place = JSON.stringify(catalog.current);
    const seen = [...this.#entries].filter(
      ([key, { kind }]) => kind === 'temporary system' || key.includes(place),
    );
    return [...new Set(seen.map(([, { name }]) => name))].sort();
  }

  /** Flink's order: temporary system functions, Flink's own, temporary ones, those of the database. */
  resolver(catalog: Catalog): FunctionResolver {
    return (parts, beforeOwn) => {
      const name = parts.at(-1)!;
      if (beforeOwn) return parts.length === 1 ? this.#entries.get(systemKey(name)) : undefined;
      const database = parts.at(-2) ?? catalog.current;
      return (
        this.#entries.get(pathKey('temporary', database, name)) ??
        this.#entries.get(pathKey('permanent', database, name))
      );
    };
  }
}

const systemKey = (name: string): string => `system ${JSON.stringify([name])}`;
const pathKey = (kind: string, database: string, name: string): string =>
  `${kind} ${JSON.stringify([database, name])}`;

function keyOf({ name, temporary, system }: CreateFunction | Drop, catalog: Catalog): string {
  const lower = name.parts.at(-1)!.toLowerCase();
  if (system) return systemKey(lower);
  return pathKey(temporary ? 'temporary' : 'permanent', catalog.pathOf(name).database, lower);
}

/** In Flink's words. */
function alreadyThere({ name, temporary, system }: CreateFunction, catalog: Catalog): string {
  const { database } = catalog.pathOf(name);
  const own = name.parts.at(-1)!;
  if (system) return `Temporary system function '${own}' is already defined`;
  if (temporary) {
    return `Temporary catalog function \`${DEFAULT_CATALOG}\`.\`${database}\`.\`${own}\` is already defined`;
  }
  return `Function ${database}.${own} already exists in Catalog ${DEFAULT_CATALOG}.`;
}
