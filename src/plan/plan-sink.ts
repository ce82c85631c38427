import { type Field, STRING_LENGTH_MAX } from '../core/mod.ts';
import { changeKinds, checkSinkChanges } from './changelog.ts';
import { sinkMode } from './connectors.ts';
import type { BoundInsert } from './insert.ts';
import type { Options } from './options.ts';
import type { PhysicalNode, TableDeclaration } from './physical.ts';
import { upsertKeys } from './unique-keys.ts';
import type { UpdateImages } from './update-kinds.ts';

/** What a sink asks of updates: only one that knows its rows by exactly the input's key can do without -U. */
export function imagesOfSink(table: TableDeclaration, input: PhysicalNode): UpdateImages {
  if (sinkMode(table) !== 'upsert') return 'both';
  const { primaryKey } = table;
  if (primaryKey.length === 0) return 'after';
  const wanted = [...primaryKey].sort((a, b) => a - b).join();
  return upsertKeys(input).some(key => key.join() === wanted) ? 'after' : 'both';
}

/**
 * The input of a sink with what Flink puts between: a materializer where the input's key is not within the
 * sink's (`table.exec.sink.upsert-materialize`), and the checks of its columns.
 */
export function beforeSink({ table, at }: BoundInsert, input: PhysicalNode, options: Options): PhysicalNode {
  checkSinkChanges(table, input, at);
  return materialized(table, enforced(table, input, options), options);
}

/** The checks of NOT NULL and of lengths, where a row may fail them. */
function enforced(table: TableDeclaration, input: PhysicalNode, options: Options): PhysicalNode {
  const { fields } = table.physicalSchema;
  const given = input.schema.fields;
  const notNull = fields.flatMap(({ type }, i) => (!type.nullable && given[i]!.type.nullable ? [i] : []));
  const trims = (options['table.exec.sink.type-length-enforcer'] ?? '').toUpperCase() === 'TRIM_PAD';
  const hasLength = ({ type }: Field) => 'length' in type && type.length < STRING_LENGTH_MAX;
  const lengths = trims ? fields.flatMap((field, i) => (hasLength(field) ? [i] : [])) : [];
  if (notNull.length + lengths.length === 0) return input;
  const onNull =
    (options['table.exec.sink.not-null-enforcer'] ?? '').toUpperCase() === 'DROP' ? 'DROP' : 'ERROR';
  const { schema, changelogMode } = input;
  return { kind: 'constraintEnforcer', id: -1, schema, changelogMode, input, notNull, onNull, lengths };
}

function materialized(table: TableDeclaration, input: PhysicalNode, options: Options): PhysicalNode {
  const { primaryKey } = table;
  const keys = upsertKeys(input);
  if (!needsMaterializer(table, input, options)) return input;
  const shortest = [...keys].sort((a, b) => a.length - b.length)[0] ?? null;
  const { schema } = input;
  return {
    kind: 'sinkMaterializer',
    id: -1,
    schema,
    changelogMode: 'retract',
    input,
    keys: primaryKey,
    inputKey: shortest,
  };
}

function needsMaterializer(table: TableDeclaration, input: PhysicalNode, options: Options): boolean {
  const choice = (options['table.exec.sink.upsert-materialize'] ?? 'AUTO').toUpperCase();
  const { primaryKey } = table;
  if (choice === 'NONE' || primaryKey.length === 0 || sinkMode(table) !== 'upsert') return false;
  if (choice === 'FORCE') return true;
  const kinds = changeKinds(input);
  if (!kinds.update && !kinds.delete) return false;
  const within = new Set(primaryKey);
  return !upsertKeys(input).some(key => key.every(column => within.has(column)));
}
