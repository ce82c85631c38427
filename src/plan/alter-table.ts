import type {
  Alter,
  AlterAction,
  ColumnDefinition,
  Identifier,
  PlacedColumn,
  TableDefinition,
} from '../sql/mod.ts';
import { printExpression, quotingAll, sqlInvalid } from '../sql/mod.ts';
import { columnsOf } from './build-expression.ts';
import type { TableEntry } from './catalog.ts';

type SchemaAction = Exclude<AlterAction, { kind: 'rename' | 'query' }>;
type Fail = (message: string) => never;

/** The definition of a table after ALTER TABLE. Refusals are Flink's. */
export function alteredDefinition(entry: TableEntry, action: SchemaAction, at: Alter['at']): TableDefinition {
  const { definition } = entry;
  const fail: Fail = message => {
    throw sqlInvalid(at, `Failed to execute ALTER TABLE statement.\n${message}`);
  };
  switch (action.kind) {
    case 'setOptions':
      return { ...definition, options: { ...definition.options, ...action.options } };
    case 'resetOptions': {
      if (action.keys.length === 0) fail('ALTER TABLE RESET does not support empty key');
      if (action.keys.includes('connector')) fail("ALTER TABLE RESET does not support changing 'connector'");
      const kept = Object.entries(definition.options).filter(([key]) => !action.keys.includes(key));
      return { ...definition, options: Object.fromEntries(kept) };
    }
    case 'add':
      return added(definition, action, fail);
    case 'modify':
      return modified(definition, action, fail);
    case 'renameColumn':
      return renamed(entry, action.from, action.to, fail);
    case 'dropColumns':
      return dropped(entry, action.columns, fail);
    case 'dropKey': {
      const key = definition.primaryKey;
      if (key === null) return fail('The base table does not define any primary key.');
      const { name } = action;
      const known = key.name ?? constraintName(key.columns);
      if (name !== null && name.name !== known) {
        fail(
          `The base table does not define a primary key constraint named '${name.name}'. ` +
            `Available constraint name: ['${known}'].`,
        );
      }
      return { ...definition, primaryKey: null, columns: definition.columns.map(withoutKey) };
    }
    case 'dropWatermark':
      if (definition.watermark === null) fail('The base table does not define any watermark strategy.');
      return { ...definition, watermark: null };
  }
}

/** The name Flink gives a key without one. */
export const constraintName = (columns: readonly Identifier[]): string =>
  `PK_${columns.map(c => c.name).join('_')}`;

const withoutKey = (column: ColumnDefinition): ColumnDefinition =>
  column.kind === 'physical' ? { ...column, primaryKey: false } : column;

type Elements = AlterAction & { readonly kind: 'add' | 'modify' };

function added(definition: TableDefinition, action: Elements, fail: Fail): TableDefinition {
  const { primaryKey, watermark } = definition;
  if (action.primaryKey !== null && primaryKey !== null) {
    const columns = primaryKey.columns.map(c => `\`${c.name}\``).join(', ');
    fail(
      `The base table has already defined the primary key constraint [${columns}]. You might want to drop it ` +
        'before adding a new one.',
    );
  }
  if (action.watermark !== null && watermark !== null) {
    const rule = quotingAll(() => printExpression(watermark.expression));
    fail(
      `The base table has already defined the watermark strategy \`${watermark.column.parts.join('.')}\` AS ` +
        `${rule}. You might want to drop it before adding a new one.`,
    );
  }
  let columns = definition.columns;
  for (const { column, place } of action.columns) {
    const { name } = column.name;
    if (columns.some(c => c.name.name === name)) {
      fail(`Try to add a column \`${name}\` which already exists in the table.`);
    }
    columns = placed(columns, column, place ?? null, columns.length, fail);
  }
  return withConstraints({ ...definition, columns }, action);
}

function modified(definition: TableDefinition, action: Elements, fail: Fail): TableDefinition {
  if (action.primaryKey !== null && definition.primaryKey === null) {
    fail('The base table does not define any primary key constraint. You might want to add a new one.');
  }
  if (action.watermark !== null && definition.watermark === null) {
    fail('The base table does not define any watermark. You might want to add a new one.');
  }
  let columns = definition.columns;
  for (const { column, place } of action.columns) {
    const { name } = column.name;
    const index = columns.findIndex(c => c.name.name === name);
    if (index < 0) fail(`Try to modify a column \`${name}\` which does not exist in the table.`);
    const before = columns[index]!;
    const comment = column.comment ?? before.comment;
    const rest = columns.filter((_, i) => i !== index);
    columns = placed(rest, { ...column, comment }, place, index, fail);
  }
  return withConstraints({ ...definition, columns }, action);
}

function withConstraints(definition: TableDefinition, action: Elements): TableDefinition {
  const columns = action.primaryKey === null ? definition.columns : definition.columns.map(withoutKey);
  return {
    ...definition,
    columns,
    primaryKey: action.primaryKey ?? definition.primaryKey,
    watermark: action.watermark ?? definition.watermark,
  };
}

/** The columns with one more: where it says, else at `index`. */
function placed(
  columns: readonly ColumnDefinition[],
  column: ColumnDefinition,
  place: PlacedColumn['place'],
  index: number,
  fail: Fail,
): readonly ColumnDefinition[] {
  let at = place === null ? index : 0;
  if (place?.kind === 'after') {
    const { name } = place.name;
    at = columns.findIndex(c => c.name.name === name) + 1;
    if (at === 0) fail(`Referenced column \`${name}\` by 'AFTER' does not exist in the table.`);
  }
  return [...columns.slice(0, at), column, ...columns.slice(at)];
}

function renamed(entry: TableEntry, from: Identifier, to: Identifier, fail: Fail): TableDefinition {
  const { definition } = entry;
  requireColumn(entry, from.name, fail);
  if (entry.columns.some(c => c.name === to.name)) {
    fail(`The column \`${to.name}\` already existed in table schema.`);
  }
  refuseReferenced(entry, [from.name], fail);
  const rename = (id: Identifier): Identifier => (id.name === from.name ? to : id);
  const key = definition.primaryKey;
  return {
    ...definition,
    columns: definition.columns.map(c => ({ ...c, name: rename(c.name) })),
    primaryKey: key === null ? null : { ...key, columns: key.columns.map(rename) },
  };
}

function dropped(entry: TableEntry, columns: readonly Identifier[], fail: Fail): TableDefinition {
  const names = columns.map(c => c.name);
  for (const name of names) requireColumn(entry, name, fail);
  refuseReferenced(entry, names, fail);
  const inKey = names.find(name => entry.primaryKey.some(i => entry.columns[i]!.name === name));
  if (inKey !== undefined) fail(`The column \`${inKey}\` is used as the primary key.`);
  const { definition } = entry;
  return { ...definition, columns: definition.columns.filter(c => !names.includes(c.name.name)) };
}

function requireColumn(entry: TableEntry, name: string, fail: Fail): void {
  if (!entry.columns.some(c => c.name === name)) {
    fail(`The column \`${name}\` does not exist in the base table.`);
  }
}

/** A column that another one, the watermark or the partitions speak of stays as it is. */
function refuseReferenced(entry: TableEntry, names: readonly string[], fail: Fail): void {
  const { columns, watermark, partitionKeys } = entry;
  for (const name of names) {
    const index = columns.findIndex(c => c.name === name);
    const users = columns.filter(
      c => c.kind === 'computed' && !names.includes(c.name) && columnsOf(c.expression).has(index),
    );
    if (users.length > 0) {
      const list = users.map(c => `\`${c.name}\``).join(', ');
      fail(`The column \`${name}\` is referenced by computed column ${list}.`);
    }
    if (partitionKeys.includes(index)) fail(`The column \`${name}\` is used as the partition keys.`);
    if (watermark !== null && (watermark.rowtime === index || columnsOf(watermark.expression).has(index))) {
      fail(`The column \`${name}\` is referenced by watermark expression.`);
    }
  }
}
