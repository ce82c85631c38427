import type { ColumnDefinition, CreateTable, LikeClause, TableDefinition } from '../sql/mod.ts';
import { sqlInvalid } from '../sql/mod.ts';

type Strategy = LikeClause['options'][number]['strategy'];
type Feature =
  | 'CONSTRAINTS'
  | 'DISTRIBUTION'
  | 'GENERATED'
  | 'METADATA'
  | 'OPTIONS'
  | 'PARTITIONS'
  | 'WATERMARKS';

const OVERWRITABLE = ['GENERATED', 'METADATA', 'OPTIONS', 'WATERMARKS'];
const DEFAULTS: Readonly<Record<Feature, Strategy>> = {
  CONSTRAINTS: 'INCLUDING',
  DISTRIBUTION: 'INCLUDING',
  GENERATED: 'INCLUDING',
  METADATA: 'INCLUDING',
  OPTIONS: 'OVERWRITING',
  PARTITIONS: 'INCLUDING',
  WATERMARKS: 'INCLUDING',
};

/** The definition that a CREATE TABLE writes out, without LIKE. */
export function ownDefinition(statement: TableDefinition): TableDefinition {
  const { columns, watermark, primaryKey, comment, partitionedBy, options } = statement;
  return { columns, watermark, primaryKey, comment, partitionedBy, options };
}

/** The definition of CREATE TABLE … LIKE: the base's parts and the statement's own, by Flink's rules. */
export function mergeLike(base: TableDefinition, statement: CreateTable, like: LikeClause): TableDefinition {
  const strategies = strategiesOf(like, statement);
  const fail = (message: string): never => {
    throw sqlInvalid(statement.at, message);
  };
  const has = (feature: Feature) => strategies[feature] !== 'EXCLUDING';
  if (has('CONSTRAINTS') && base.primaryKey !== null && statement.primaryKey !== null) {
    fail('The base table already has a primary key. You might want to specify EXCLUDING CONSTRAINTS.');
  }
  if (has('PARTITIONS') && base.partitionedBy.length > 0 && statement.partitionedBy.length > 0) {
    fail('The base table already has partitions defined. You might want to specify EXCLUDING PARTITIONS.');
  }
  if (strategies.WATERMARKS === 'INCLUDING' && base.watermark !== null && statement.watermark !== null) {
    fail(
      `There already exists a watermark on column '${base.watermark.column.parts.join('.')}' in the base table. ` +
        'You might want to specify EXCLUDING WATERMARKS or OVERWRITING WATERMARKS.',
    );
  }
  const inheritedKey = has('CONSTRAINTS') ? base.primaryKey : null;
  const inheritedPartitions = has('PARTITIONS') ? base.partitionedBy : [];
  const inheritedWatermark = has('WATERMARKS') ? base.watermark : null;
  return {
    columns: mergeColumns(base, statement, strategies, fail),
    watermark: statement.watermark ?? inheritedWatermark,
    primaryKey: statement.primaryKey ?? inheritedKey,
    comment: statement.comment,
    partitionedBy: statement.partitionedBy.length > 0 ? statement.partitionedBy : inheritedPartitions,
    options: mergeOptions(base, statement, strategies.OPTIONS, fail),
  };
}

function strategiesOf(like: LikeClause, statement: CreateTable): Record<Feature, Strategy> {
  for (const [i, { feature, strategy }] of like.options.entries()) {
    if (like.options.findIndex(other => other.feature === feature) !== i) {
      throw sqlInvalid(statement.at, 'Each like option feature can be declared only once.');
    }
    if (strategy === 'OVERWRITING' && !OVERWRITABLE.includes(feature)) {
      throw sqlInvalid(statement.at, `Illegal merging strategy '${strategy}' for '${feature}' option.`);
    }
  }
  const all = like.options.find(option => option.feature === 'ALL')?.strategy;
  const features = Object.keys(DEFAULTS) as Feature[];
  const chosen = features.map(feature => [
    feature,
    like.options.find(option => option.feature === feature)?.strategy ?? all ?? DEFAULTS[feature],
  ]);
  return Object.fromEntries(chosen) as Record<Feature, Strategy>;
}

function mergeOptions(
  base: TableDefinition,
  statement: CreateTable,
  strategy: Strategy,
  fail: (message: string) => never,
): TableDefinition['options'] {
  if (strategy === 'EXCLUDING') return statement.options;
  const twice = Object.keys(statement.options).find(key => Object.hasOwn(base.options, key));
  if (strategy === 'INCLUDING' && twice !== undefined) {
    fail(
      `There already exists an option ['${twice}' -> '${base.options[twice]}']  in the base table. ` +
        'You might want to specify EXCLUDING OPTIONS or OVERWRITING OPTIONS.',
    );
  }
  return { ...base.options, ...statement.options };
}

/** The base's columns in their places, then the statement's own; one that overwrites takes the old place. */
function mergeColumns(
  base: TableDefinition,
  statement: CreateTable,
  strategies: Record<Feature, Strategy>,
  fail: (message: string) => never,
): readonly ColumnDefinition[] {
  const excluded = (column: ColumnDefinition) =>
    (column.kind === 'computed' && strategies.GENERATED === 'EXCLUDING') ||
    (column.kind === 'metadata' && strategies.METADATA === 'EXCLUDING');
  const columns = base.columns.filter(column => !excluded(column)).map(withoutInlineKey(strategies));
  for (const column of statement.columns) {
    const { name } = column.name;
    const at = columns.findIndex(other => other.name.name === name);
    if (at < 0) {
      columns.push(column);
      continue;
    }
    checkOverwrite(columns[at]!, column, strategies, fail);
    columns[at] = column;
  }
  return columns;
}

/** A key written at a column belongs to the constraints, which may be left out or be the statement's own. */
const withoutInlineKey =
  (strategies: Record<Feature, Strategy>) =>
  (column: ColumnDefinition): ColumnDefinition =>
    column.kind === 'physical' && column.primaryKey && strategies.CONSTRAINTS === 'EXCLUDING'
      ? { ...column, primaryKey: false }
      : column;

function checkOverwrite(
  before: ColumnDefinition,
  after: ColumnDefinition,
  strategies: Record<Feature, Strategy>,
  fail: (message: string) => never,
): void {
  const { name } = after.name;
  if (after.kind === 'physical') fail(`A column named '${name}' already exists in the base table.`);
  if (before.kind !== after.kind) {
    const kind = after.kind === 'computed' ? 'compute' : 'metadata';
    fail(
      `A column named '${name}' already exists in the table. Duplicate columns exist in the ${kind} column and ` +
        'regular column. ',
    );
  }
  const feature = after.kind === 'computed' ? 'GENERATED' : 'METADATA';
  if (strategies[feature] === 'OVERWRITING') return;
  const kind = after.kind === 'computed' ? 'generated' : 'metadata';
  fail(
    `A ${kind} column named '${name}' already exists in the base table. ` +
      `You might want to specify EXCLUDING ${feature} or OVERWRITING ${feature}.`,
  );
}
