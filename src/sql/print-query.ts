import { unreachable } from '../core/mod.ts';
import type { Identifier } from './ast/position.ts';
import type {
  GroupItem,
  Hint,
  Join,
  Query,
  QueryBody,
  Select,
  TableAlias,
  TableReference,
} from './ast/query.ts';
import {
  printExpression,
  printName,
  printNames,
  printOrder,
  printString,
  printWindow,
} from './print-expression.ts';

const names = (columns: readonly Identifier[]) => columns.map(c => printName(c.name)).join(', ');

/** A query as SQL that parses to the same tree. */
export function printQuery(query: Query): string {
  const tables = query.with.map(table => {
    const columns = table.columns.length === 0 ? '' : ` (${names(table.columns)})`;
    return `${printName(table.name.name)}${columns} AS (${printQuery(table.query)})`;
  });
  const parts = [
    tables.length === 0 ? '' : `WITH ${tables.join(', ')}`,
    printBody(query.body, 0),
    query.orderBy.length === 0 ? '' : printOrder(query.orderBy),
    query.limit === null ? '' : `LIMIT ${printExpression(query.limit)}`,
    query.offset === null ? '' : `OFFSET ${printExpression(query.offset)}`,
  ];
  return parts.filter(part => part !== '').join(' ');
}

const SET_RANK = { UNION: 1, EXCEPT: 1, INTERSECT: 2 } as const;

function printBody(body: QueryBody, floor: number): string {
  switch (body.kind) {
    case 'select':
      return printSelect(body);
    case 'values':
      return `VALUES ${body.rows.map(row => `(${row.map(printExpression).join(', ')})`).join(', ')}`;
    case 'query':
      return `(${printQuery(body)})`;
    case 'setOperation': {
      const rank = SET_RANK[body.operator];
      const all = body.all ? ' ALL' : '';
      const text = `${printBody(body.left, rank - 1)} ${body.operator}${all} ${printBody(body.right, rank)}`;
      return rank > floor ? text : `(${text})`;
    }
    default:
      return unreachable(body);
  }
}

function printSelect(select: Select): string {
  const items = select.items.map(({ expression, alias }) => {
    const text = printExpression(expression);
    return alias === null ? text : `${text} AS ${printName(alias.name)}`;
  });
  const windows = select.windows.map(w => `${printName(w.name.name)} AS ${printWindow(w.spec)}`);
  const clause = (word: string, text: string | null) =>
    text === null || text === '' ? '' : `${word} ${text}`;
  const parts = [
    'SELECT',
    printHints(select.hints),
    select.distinct ? 'DISTINCT' : '',
    items.join(', '),
    clause('FROM', select.from === null ? null : printTable(select.from)),
    clause('WHERE', select.where === null ? null : printExpression(select.where)),
    clause('GROUP BY', select.groupBy === null ? null : select.groupBy.map(printGroup).join(', ')),
    clause('HAVING', select.having === null ? null : printExpression(select.having)),
    clause('WINDOW', windows.join(', ')),
    clause('QUALIFY', select.qualify === null ? null : printExpression(select.qualify)),
  ];
  return parts.filter(part => part !== '').join(' ');
}

function printGroup(item: GroupItem): string {
  if (item.kind === 'expression') return printExpression(item.expression);
  const sets = item.sets.map(set =>
    set.length === 1 ? printExpression(set[0]!) : `(${set.map(printExpression).join(', ')})`,
  );
  return `${item.operator} (${sets.join(', ')})`;
}

/** Hints in their comment; nothing for none. */
export function printHints(hints: readonly Hint[]): string {
  if (hints.length === 0) return '';
  const printed = hints.map(hint => {
    const options = Object.entries(hint.options).map(
      ([key, value]) => `${printString(key)} = ${printString(value)}`,
    );
    const args = [...options, ...hint.args.map(printString)];
    return args.length === 0 ? printName(hint.name) : `${printName(hint.name)}(${args.join(', ')})`;
  });
  return `/*+ ${printed.join(', ')} */`;
}

function printAlias(alias: TableAlias | null): string {
  if (alias === null) return '';
  const columns = alias.columns.length === 0 ? '' : ` (${names(alias.columns)})`;
  return ` AS ${printName(alias.name.name)}${columns}`;
}

/** What stands in FROM. */
export function printTable(reference: TableReference): string {
  switch (reference.kind) {
    case 'table': {
      const hints = reference.hints.length === 0 ? '' : ` ${printHints(reference.hints)}`;
      const asOf = reference.asOf === null ? '' : ` FOR SYSTEM_TIME AS OF ${printExpression(reference.asOf)}`;
      return `${printNames(reference.name.parts)}${hints}${asOf}${printAlias(reference.alias)}`;
    }
    case 'derived':
      return `${reference.lateral ? 'LATERAL ' : ''}(${printQuery(reference.query)})${printAlias(reference.alias)}`;
    case 'tableFunction': {
      const call = `TABLE(${printExpression(reference.call)})`;
      return `${reference.lateral ? 'LATERAL ' : ''}${call}${printAlias(reference.alias)}`;
    }
    case 'unnest': {
      const ordinality = reference.ordinality ? ' WITH ORDINALITY' : '';
      return `UNNEST(${reference.args.map(printExpression).join(', ')})${ordinality}${printAlias(reference.alias)}`;
    }
    case 'join':
      return printJoin(reference);
    default:
      return unreachable(reference);
  }
}

function printJoin(join: Join): string {
  const left =
    join.left.kind === 'join' && join.left.comma && !join.comma
      ? `(${printTable(join.left)})`
      : printTable(join.left);
  const isNested = join.right.kind === 'join' && (!join.comma || join.right.comma);
  const right = isNested ? `(${printTable(join.right)})` : printTable(join.right);
  if (join.comma) return `${left}, ${right}`;
  const on = join.on === null ? '' : ` ON ${printExpression(join.on)}`;
  const using = join.using.length === 0 ? '' : ` USING (${names(join.using)})`;
  return `${left} ${join.natural ? 'NATURAL ' : ''}${join.type} JOIN ${right}${on}${using}`;
}
