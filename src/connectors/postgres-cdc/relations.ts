import { MillraceError } from '../../core/mod.ts';
import type { CatalogTable } from './catalog.ts';
import type { CapturedTable } from './encode/table-encoder.ts';
import type { RelationMessage } from './read/pgoutput.ts';
import { resolveType, type TypeRow } from './types.ts';

/**
 * True when the catalog as it was read describes the relation as the WAL does, so that it need not be read
 * again.
 */
export function describes(
  table: CatalogTable | undefined,
  relation: RelationMessage,
  types: ReadonlyMap<number, TypeRow>,
): boolean {
  return (
    table !== undefined &&
    table.schema === relation.schema &&
    table.name === relation.name &&
    table.columns.length === relation.columns.length &&
    relation.columns.every((column, i) => column.name === table.columns[i]!.name && types.has(column.typeOid))
  );
}

/**
 * A table as the WAL describes it. Names, types and, under the default identity, the key come from the
 * relation
 * message; what it does not say (NOT NULL, defaults, the key under other identities) from the catalog, which
 * may be
 * younger than the change.
 */
export function tableOfRelation(
  relation: RelationMessage,
  catalog: CatalogTable | undefined,
  types: ReadonlyMap<number, TypeRow>,
): CapturedTable {
  const columns = relation.columns.map(column => {
    const known = catalog?.columns.find(({ name }) => name === column.name);
    return {
      name: column.name,
      type: resolveType(types, column.typeOid, column.modifier),
      nullable: known?.nullable ?? true,
      defaultExpression: known?.defaultExpression ?? null,
    };
  });
  return { schema: relation.schema, name: relation.name, columns, key: keyOf(relation, catalog) };
}

function keyOf(relation: RelationMessage, catalog: CatalogTable | undefined): readonly string[] {
  const flagged = relation.columns.filter(column => column.inIdentity).map(column => column.name);
  const known = catalog?.key ?? [];
  if (relation.replicaIdentity === 'd') {
    const same = known.length === flagged.length && known.every(name => flagged.includes(name));
    return same ? known : flagged;
  }
  const names = new Set(relation.columns.map(column => column.name));
  const gone = known.find(name => !names.has(name));
  if (gone === undefined) return known;
  const table = `${relation.schema}.${relation.name}`;
  throw new MillraceError(
    'CAPTURE_UNSUPPORTED',
    `the primary key of ${table} moved to column ${gone}, which the changes still to be read do not have; ` +
      `drop slot and topics of this connector and let it read the table anew`,
  );
}
