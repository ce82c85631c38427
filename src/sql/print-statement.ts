import type {
  AlterAction,
  ColumnDefinition,
  CreateTable,
  Insert,
  Statement,
  StatementSet,
  TableOptions,
} from './ast/statement.ts';
import { printExpression, printName, printNames, printSqlType, printString } from './print-expression.ts';
import { printHints, printQuery } from './print-query.ts';

/** A script as SQL: each statement with its `;`. */
export function printScript(statements: readonly Statement[]): string {
  return statements.map(statement => `${printStatement(statement)};\n`).join('');
}

const joined = (...parts: readonly string[]) => parts.filter(part => part !== '').join(' ');
const names = (columns: readonly { readonly name: string }[]) =>
  columns.map(c => printName(c.name)).join(', ');

function printOptions(options: TableOptions): string {
  const entries = Object.entries(options).map(
    ([key, value]) => `  ${printString(key)} = ${printString(value)}`,
  );
  return entries.length === 0 ? '' : `(\n${entries.join(',\n')}\n)`;
}

const withOptions = (options: TableOptions) => {
  const text = printOptions(options);
  return text === '' ? '' : `WITH ${text}`;
};

/** One statement as SQL that parses to the same tree, without its `;`. */
export function printStatement(statement: Statement): string {
  switch (statement.kind) {
    case 'createTable':
      return printCreateTable(statement);
    case 'createView': {
      const columns = statement.columns.length === 0 ? '' : `(${names(statement.columns)})`;
      const comment = statement.comment === null ? '' : `COMMENT ${printString(statement.comment)}`;
      const create = `CREATE ${statement.temporary ? 'TEMPORARY ' : ''}VIEW`;
      const exists = statement.ifNotExists ? 'IF NOT EXISTS' : '';
      return joined(
        create,
        exists,
        printNames(statement.name.parts),
        columns,
        comment,
        'AS',
        printQuery(statement.query),
      );
    }
    case 'insert':
      return printInsert(statement);
    case 'statementSet':
      return printStatementSet(statement);
    case 'select':
      return printQuery(statement.query);
    case 'set':
      return statement.option === null
        ? 'SET'
        : `SET ${printString(statement.option.key)} = ${printString(statement.option.value)}`;
    case 'reset':
      return statement.key === null ? 'RESET' : `RESET ${printString(statement.key)}`;
    case 'explain':
      return joined('EXPLAIN', statement.details.join(', '), printStatement(statement.statement));
    default:
      return printOther(statement);
  }
}

type Other = Exclude<
  Statement,
  { kind: 'createTable' | 'createView' | 'insert' | 'statementSet' | 'select' | 'set' | 'reset' | 'explain' }
>;

function printOther(statement: Other): string {
  switch (statement.kind) {
    case 'createFunction': {
      const temporary = statement.temporary ? (statement.system ? 'TEMPORARY SYSTEM' : 'TEMPORARY') : '';
      const language = statement.language === null ? '' : `LANGUAGE ${statement.language}`;
      const exists = statement.ifNotExists ? 'IF NOT EXISTS' : '';
      const name = printNames(statement.name.parts);
      return joined(
        'CREATE',
        temporary,
        'FUNCTION',
        exists,
        name,
        'AS',
        printString(statement.className),
        language,
        statement.file === null ? '' : `USING ${printString(statement.file)}`,
      );
    }
    case 'createNamespace': {
      const exists = statement.ifNotExists ? 'IF NOT EXISTS' : '';
      const comment = statement.comment === null ? '' : `COMMENT ${printString(statement.comment)}`;
      const name = printNames(statement.name.parts);
      return joined('CREATE', statement.what, exists, name, comment, withOptions(statement.options));
    }
    case 'drop': {
      const temporary = joined(statement.temporary ? 'TEMPORARY' : '', statement.system ? 'SYSTEM' : '');
      const exists = statement.ifExists ? 'IF EXISTS' : '';
      const name = printNames(statement.name.parts);
      return joined('DROP', temporary, statement.what, exists, name, statement.cascade ? 'CASCADE' : '');
    }
    case 'alter':
      return printAlter(statement);
    case 'describe':
      return joined('DESCRIBE', statement.extended ? 'EXTENDED' : '', printNames(statement.name.parts));
    case 'show': {
      const from = statement.name === null || statement.what.startsWith('CREATE') ? '' : 'FROM';
      const name = statement.name === null ? '' : printNames(statement.name.parts);
      const like =
        statement.like === null
          ? ''
          : `${statement.like.negated ? 'NOT ' : ''}${statement.like.caseless ? 'ILIKE' : 'LIKE'} ${printString(statement.like.pattern)}`;
      return joined('SHOW', statement.what, from, name, like);
    }
    case 'use':
      return joined('USE', statement.catalog ? 'CATALOG' : '', printNames(statement.name.parts));
  }
}

function printAlter(statement: Statement & { kind: 'alter' }): string {
  const { action } = statement;
  const head = joined(
    'ALTER',
    statement.what,
    statement.ifExists ? 'IF EXISTS' : '',
    printNames(statement.name.parts),
  );
  return `${head} ${printAlterAction(action)}`;
}

function printAlterAction(action: AlterAction): string {
  switch (action.kind) {
    case 'rename':
      return `RENAME TO ${printNames(action.to.parts)}`;
    case 'renameColumn':
      return `RENAME ${printName(action.from.name)} TO ${printName(action.to.name)}`;
    case 'setOptions':
      return `SET ${printOptions(action.options) || '()'}`;
    case 'resetOptions':
      return `RESET (${action.keys.map(printString).join(', ')})`;
    case 'add':
    case 'modify': {
      const columns = action.columns.map(({ column, place }) => {
        const where =
          place === null ? '' : place.kind === 'first' ? 'FIRST' : `AFTER ${printName(place.name.name)}`;
        return joined(printColumn(column), where);
      });
      const inline = action.columns.some(({ column }) => column.kind === 'physical' && column.primaryKey);
      const rest = printConstraints({ ...action, primaryKey: inline ? null : action.primaryKey });
      return `${action.kind.toUpperCase()} (${[...columns, ...rest].join(', ')})`;
    }
    case 'dropColumns':
      return `DROP (${names(action.columns)})`;
    case 'dropKey':
      return action.name === null ? 'DROP PRIMARY KEY' : `DROP CONSTRAINT ${printName(action.name.name)}`;
    case 'dropWatermark':
      return 'DROP WATERMARK';
    case 'query':
      return `AS ${printQuery(action.query)}`;
  }
}

/** Watermark and primary key as elements of a table. */
function printConstraints({
  watermark,
  primaryKey,
}: Pick<CreateTable, 'watermark' | 'primaryKey'>): readonly string[] {
  const elements: string[] = [];
  if (watermark !== null) {
    const { column, expression } = watermark;
    elements.push(`WATERMARK FOR ${printNames(column.parts)} AS ${printExpression(expression)}`);
  }
  if (primaryKey !== null) {
    const { name, columns } = primaryKey;
    const constraint = name === null ? '' : `CONSTRAINT ${printName(name)}`;
    elements.push(joined(constraint, `PRIMARY KEY (${names(columns)}) NOT ENFORCED`));
  }
  return elements;
}

function printCreateTable(statement: CreateTable): string {
  const inline = statement.columns.some(c => c.kind === 'physical' && c.primaryKey);
  const key = inline ? null : statement.primaryKey;
  const elements = [
    ...statement.columns.map(printColumn),
    ...printConstraints({ ...statement, primaryKey: key }),
  ];
  return joined(
    `CREATE ${statement.orReplace ? 'OR REPLACE ' : ''}${statement.temporary ? 'TEMPORARY ' : ''}TABLE`,
    statement.ifNotExists ? 'IF NOT EXISTS' : '',
    printNames(statement.name.parts),
    elements.length === 0 ? '' : `(\n${elements.map(element => `  ${element}`).join(',\n')}\n)`,
    statement.comment === null ? '' : `COMMENT ${printString(statement.comment)}`,
    statement.partitionedBy.length === 0 ? '' : `PARTITIONED BY (${names(statement.partitionedBy)})`,
    withOptions(statement.options),
    printLike(statement),
    statement.query === null ? '' : `AS ${printQuery(statement.query)}`,
  );
}

function printLike({ like }: CreateTable): string {
  if (like === null) return '';
  const options = like.options.map(o => `${o.strategy} ${o.feature}`).join(' ');
  return joined('LIKE', printNames(like.table.parts), options === '' ? '' : `(${options})`);
}

function printColumn(column: ColumnDefinition): string {
  const name = printName(column.name.name);
  const comment = column.comment === null ? '' : `COMMENT ${printString(column.comment)}`;
  switch (column.kind) {
    case 'physical':
      return joined(
        name,
        printSqlType(column.type),
        column.primaryKey ? 'PRIMARY KEY NOT ENFORCED' : '',
        comment,
      );
    case 'computed':
      return joined(name, 'AS', printExpression(column.expression), comment);
    case 'metadata': {
      const from = column.from === null ? '' : `FROM ${printString(column.from)}`;
      return joined(
        name,
        printSqlType(column.type),
        'METADATA',
        from,
        column.virtual ? 'VIRTUAL' : '',
        comment,
      );
    }
  }
}

function printInsert(insert: Insert): string {
  const partition = insert.partition.map(p => `${printName(p.column.name)} = ${printExpression(p.value)}`);
  return joined(
    `INSERT ${insert.overwrite ? 'OVERWRITE' : 'INTO'}`,
    printNames(insert.table.parts),
    printHints(insert.hints),
    partition.length === 0 ? '' : `PARTITION (${partition.join(', ')})`,
    insert.columns.length === 0 ? '' : `(${names(insert.columns)})`,
    printQuery(insert.query),
  );
}

function printStatementSet(set: StatementSet): string {
  return `EXECUTE STATEMENT SET BEGIN\n${set.inserts.map(insert => `${printInsert(insert)};\n`).join('')}END`;
}
