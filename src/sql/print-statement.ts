import type {
  ColumnDefinition,
  CreateTable,
  Insert,
  Statement,
  StatementSet,
  TableOptions,
} from './ast/statement.ts';
import { printExpression, printName, printNames, printSqlType, printString } from './print-expression.ts';
import { printQuery } from './print-query.ts';

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
      );
    }
    case 'createNamespace': {
      const exists = statement.ifNotExists ? 'IF NOT EXISTS' : '';
      const comment = statement.comment === null ? '' : `COMMENT ${printString(statement.comment)}`;
      const name = printNames(statement.name.parts);
      return joined('CREATE', statement.what, exists, name, comment, withOptions(statement.options));
    }
    case 'drop': {
      const temporary = statement.temporary ? 'TEMPORARY' : '';
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
          : `${statement.like.negated ? 'NOT ' : ''}LIKE ${printString(statement.like.pattern)}`;
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
  if (action.kind === 'rename') return `${head} RENAME TO ${printNames(action.to.parts)}`;
  if (action.kind === 'setOptions') return `${head} SET ${printOptions(action.options) || '()'}`;
  return `${head} RESET (${action.keys.map(printString).join(', ')})`;
}

/** CREATE TABLE as SHOW CREATE TABLE gives it. */
export function printCreateTable(statement: CreateTable): string {
  const inline = statement.columns.some(c => c.kind === 'physical' && c.primaryKey);
  const elements = statement.columns.map(printColumn);
  if (statement.watermark !== null) {
    const { column, expression } = statement.watermark;
    elements.push(`WATERMARK FOR ${printNames(column.parts)} AS ${printExpression(expression)}`);
  }
  if (statement.primaryKey !== null && !inline) {
    const { name, columns } = statement.primaryKey;
    const constraint = name === null ? '' : `CONSTRAINT ${printName(name)}`;
    elements.push(joined(constraint, `PRIMARY KEY (${names(columns)}) NOT ENFORCED`));
  }
  return joined(
    `CREATE ${statement.temporary ? 'TEMPORARY ' : ''}TABLE`,
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
    partition.length === 0 ? '' : `PARTITION (${partition.join(', ')})`,
    insert.columns.length === 0 ? '' : `(${names(insert.columns)})`,
    printQuery(insert.query),
  );
}

function printStatementSet(set: StatementSet): string {
  return `EXECUTE STATEMENT SET BEGIN\n${set.inserts.map(insert => `${printInsert(insert)};\n`).join('')}END`;
}
