import { type DataType, MillraceError, printType } from '../../core/mod.ts';
import type { TableDeclaration } from '../../plan/mod.ts';

/** A column of the target table as the catalog describes it. */
export interface TargetColumn {
  readonly name: string;
  /**
   * `format_type` with modifier -1 (`bpchar`, where NULL would mean `character(1)`): `integer`, `timestamp
   * with time zone`, …
   */
  readonly type: string;
}

/** The target table as it was found. */
export interface Target {
  readonly columns: readonly TargetColumn[];
  /** Column names of each unique index without expressions or predicate, the primary key's included. */
  readonly uniqueKeys: readonly (readonly string[])[];
}

/** One row per column: name, type. $1 is the quoted table name. */
export const COLUMNS_QUERY =
  'SELECT attname AS name, format_type(atttypid, -1) AS type FROM pg_attribute ' +
  'WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum';

/** One row per unique index: the names of its columns. */
export const UNIQUE_KEYS_QUERY =
  'SELECT ARRAY(SELECT attname::text FROM pg_attribute a ' +
  'WHERE a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)) AS names ' +
  'FROM pg_index i WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL';

const INTEGERS = ['integer', 'bigint', 'numeric', 'double precision'];
const FITS: Readonly<Record<string, readonly string[]>> = {
  BOOLEAN: ['boolean'],
  TINYINT: ['smallint', ...INTEGERS],
  SMALLINT: ['smallint', ...INTEGERS],
  INT: INTEGERS,
  BIGINT: ['bigint', 'numeric', 'double precision'],
  FLOAT: ['real', 'double precision', 'numeric'],
  DOUBLE: ['double precision', 'real', 'numeric'],
  DECIMAL: ['numeric', 'double precision', 'money'],
  DATE: ['date', 'timestamp without time zone', 'timestamp with time zone'],
  TIME: ['time without time zone'],
  TIMESTAMP: ['timestamp without time zone', 'timestamp with time zone'],
  TIMESTAMP_LTZ: ['timestamp with time zone', 'timestamp without time zone'],
  BINARY: ['bytea'],
  VARBINARY: ['bytea'],
  ARRAY: ['json', 'jsonb'],
  MAP: ['json', 'jsonb'],
  ROW: ['json', 'jsonb'],
};
/** Types that text must not go to unseen: the mistake would show only at the first odd value. */
const NOT_FOR_TEXT = new Set([...Object.values(FITS).flat()].filter(type => !type.startsWith('json')));

/** Check that the target can take the table's rows; says what to change where it can't. */
export function checkTarget(table: TableDeclaration, tableName: string, target: Target): void {
  const fail = (message: string): never => {
    throw new MillraceError('SQL_INVALID', `sink '${table.name}': ${message}`);
  };
  if (target.columns.length === 0) {
    fail(`the table '${tableName}' does not exist in the target database`);
  }
  for (const { name, type } of table.physicalSchema.fields) {
    const column = target.columns.find(c => c.name === name);
    if (column === undefined) {
      const names = target.columns.map(c => c.name).join(', ');
      fail(`the table '${tableName}' has no column '${name}'; it has: ${names}`);
    } else if (!fits(type, column.type)) {
      fail(`column '${name}' of '${tableName}' is ${column.type}, which does not take ${printType(type)}`);
    }
  }
  const key = table.primaryKey.map(i => table.physicalSchema.fields[i]!.name);
  if (key.length > 0 && !target.uniqueKeys.some(unique => sameNames(unique, key))) {
    fail(`the table '${tableName}' needs a primary key or unique constraint on exactly (${key.join(', ')})`);
  }
}

function fits(type: DataType, target: string): boolean {
  if (type.kind === 'VARCHAR' || type.kind === 'CHAR') return !NOT_FOR_TEXT.has(target);
  return (FITS[type.kind] ?? []).includes(target);
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && b.every(name => a.includes(name));
}
