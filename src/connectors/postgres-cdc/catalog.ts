import type pg from 'pg';
import type { CaptureConfig } from './config.ts';
import type { CapturedTable } from './encode/table-encoder.ts';
import { resolveType, type TypeRow } from './types.ts';

/** A table that is captured, as the catalog describes it. */
export interface CatalogTable extends CapturedTable {
  readonly oid: number;
  readonly replicaIdentity: string;
  /** The planner's estimate, 0 when it has none. */
  readonly rowsEstimated: number;
}

/**
 * Tables that the config includes, in the order of the include list, by name within one pattern; and all
 * types.
 */
export interface Catalog {
  readonly tables: readonly CatalogTable[];
  readonly types: ReadonlyMap<number, TypeRow>;
}

const COLUMNS_SQL = `
select n.nspname as schema, c.relname as name, c.oid::int8 as oid, c.relreplident as identity,
       greatest(c.reltuples, 0)::float8 as rows, a.attname as column,
       a.atttypid::int8 as type, a.atttypmod as modifier,
       not a.attnotnull as nullable, pg_get_expr(d.adbin, d.adrelid) as fallback,
       array_position(i.indkey::int2[], a.attnum) as key_place
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
left join pg_index i on i.indrelid = c.oid and i.indisprimary
where c.relkind = 'r' and c.relpersistence = 'p' and n.nspname not in ('pg_catalog', 'information_schema')
  and ($1::int8 is null or c.oid = $1::int8)
order by n.nspname, c.relname, a.attnum`;

interface ColumnRow {
  readonly schema: string;
  readonly name: string;
  readonly oid: string;
  readonly identity: string;
  readonly rows: number;
  readonly column: string;
  readonly type: string;
  readonly modifier: number;
  readonly nullable: boolean;
  readonly fallback: string | null;
  readonly key_place: number | null;
}

/** Read the catalog; with `oid`, of that table only (included or not). */
export async function readCatalog(client: pg.Client, config: CaptureConfig, oid?: number): Promise<Catalog> {
  const { rows: typeRows } = await client.query<Record<string, string>>(
    `select oid::int8, typname, typtype, typcategory, typelem::int8, typbasetype::int8, typtypmod
     from pg_type`,
  );
  const types = new Map(typeRows.map(row => [Number(row['oid']), typeRow(row)]));
  const { rows } = await client.query<ColumnRow>(COLUMNS_SQL, [oid ?? null]);
  const byTable = new Map<string, ColumnRow[]>();
  for (const row of rows) {
    const known = byTable.get(row.oid);
    if (known === undefined) byTable.set(row.oid, [row]);
    else known.push(row);
  }
  const tables = [...byTable.values()].map(columns => tableOf(columns, types));
  return { tables: oid === undefined ? included(tables, config) : tables, types };
}

function typeRow(row: Readonly<Record<string, string>>): TypeRow {
  return {
    name: row['typname']!,
    kind: row['typtype']!,
    category: row['typcategory']!,
    element: Number(row['typelem']),
    base: Number(row['typbasetype']),
    modifier: Number(row['typtypmod']),
  };
}

function tableOf(rows: readonly ColumnRow[], types: ReadonlyMap<number, TypeRow>): CatalogTable {
  const first = rows[0]!;
  const key = rows
    .filter(row => row.key_place !== null)
    .sort((a, b) => a.key_place! - b.key_place!)
    .map(row => row.column);
  return {
    schema: first.schema,
    name: first.name,
    oid: Number(first.oid),
    replicaIdentity: first.identity,
    rowsEstimated: first.rows,
    key,
    columns: rows.map(row => ({
      name: row.column,
      type: resolveType(types, Number(row.type), row.modifier),
      nullable: row.nullable,
      defaultExpression: row.fallback,
    })),
  };
}

/** Tables that the patterns choose, each once, in the order of the patterns. */
export function included<T extends { readonly schema: string; readonly name: string }>(
  tables: readonly T[],
  { include, exclude }: Pick<CaptureConfig, 'include' | 'exclude'>,
): readonly T[] {
  const nameOf = (table: T): string => `${table.schema}.${table.name}`;
  const left = tables.filter(table => !exclude.some(pattern => pattern.test(nameOf(table))));
  if (include.length === 0) return left;
  return [...new Set(include.flatMap(pattern => left.filter(table => pattern.test(nameOf(table)))))];
}
