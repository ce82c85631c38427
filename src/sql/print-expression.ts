import { type DataType, printType, unreachable } from '../core/mod.ts';
import type { FunctionCall, IntervalLiteral, OrderItem, SqlExpression } from './ast/expression.ts';
import type { FrameBound, WindowSpec } from './ast/query.ts';
import { BINARY, PRECEDENCE } from './parse-expression.ts';
import { JSON_ARGUMENTS, jsonSeparator } from './parse-json.ts';
import { printQuery } from './print-query.ts';
import { RESERVED } from './reserved.ts';

let quotesAll = false;

/** What `print` returns when every name stands between backticks, as Flink's own texts have them. */
export function quotingAll(print: () => string): string {
  quotesAll = true;
  try {
    return print();
  } finally {
    quotesAll = false;
  }
}

/** A name as SQL: between backticks unless it is a plain word that is not reserved. */
export function printName(name: string): string {
  if (quotesAll) return `\`${name.replaceAll('`', '``')}\``;
  const plain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !RESERVED.has(name.toUpperCase());
  return plain && !/^[nxuNXU]$/.test(name) ? name : `\`${name.replaceAll('`', '``')}\``;
}

export const printNames = (parts: readonly string[]): string => parts.map(printName).join('.');

/** A string literal. */
export const printString = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** A type as SQL reads it. */
export function printSqlType(type: DataType): string {
  const nullability = type.nullable ? '' : ' NOT NULL';
  switch (type.kind) {
    case 'INTERVAL_DAY_TIME':
      return `INTERVAL DAY TO SECOND${nullability}`;
    case 'INTERVAL_YEAR_MONTH':
      return `INTERVAL YEAR TO MONTH${nullability}`;
    case 'ARRAY':
      return `ARRAY<${printSqlType(type.element)}>${nullability}`;
    case 'MAP':
      return `MAP<${printSqlType(type.key)}, ${printSqlType(type.value)}>${nullability}`;
    case 'ROW':
      return `ROW<${type.fields.map(f => `${printName(f.name)} ${printSqlType(f.type)}`).join(', ')}>${nullability}`;
    default:
      return printType(type);
  }
}

/** How tightly the outermost operator of an expression binds. */
function rankOf(node: SqlExpression): number {
  switch (node.kind) {
    case 'binary':
      return BINARY[node.operator];
    case 'unary':
      return node.operator === 'NOT' ? PRECEDENCE.not : PRECEDENCE.unary;
    case 'is':
    case 'distinctFrom':
      return PRECEDENCE.is;
    case 'in':
      return PRECEDENCE.comparison;
    case 'between':
    case 'like':
      return PRECEDENCE.range;
    default:
      return PRECEDENCE.postfix + 1;
  }
}

/** An operand that has to bind at least as tightly as `rank`, else in parentheses. */
function operand(node: SqlExpression, rank: number): string {
  const text = printExpression(node);
  return rankOf(node) >= rank ? text : `(${text})`;
}

const list = (nodes: readonly SqlExpression[]) => nodes.map(printExpression).join(', ');

/** An expression as SQL that parses to the same tree. */
export function printExpression(node: SqlExpression): string {
  switch (node.kind) {
    case 'null':
      return 'NULL';
    case 'boolean':
      return node.value ? 'TRUE' : 'FALSE';
    case 'number':
      return node.text;
    case 'string':
      return printString(node.value);
    case 'binaryString':
      return `X'${node.hex}'`;
    case 'temporal':
      return `${node.type} ${printString(node.value)}`;
    case 'interval':
      return printInterval(node);
    case 'column':
      return printNames(node.parts);
    case 'star':
      return [...node.qualifier.map(printName), '*'].join('.');
    case 'keyword':
      return node.word;
    case 'named':
      return `${printName(node.name)} => ${printExpression(node.value)}`;
    case 'call':
      return printCall(node);
    default:
      return printOperator(node);
  }
}

type Operator = Exclude<
  SqlExpression,
  {
    kind:
      | 'null'
      | 'boolean'
      | 'number'
      | 'string'
      | 'binaryString'
      | 'temporal'
      | 'interval'
      | 'column'
      | 'star'
      | 'keyword'
      | 'named'
      | 'call';
  }
>;

function printOperator(node: Operator): string {
  const negation = 'negated' in node && node.negated ? 'NOT ' : '';
  switch (node.kind) {
    case 'unary': {
      const rank = node.operator === 'NOT' ? PRECEDENCE.not : PRECEDENCE.unary;
      return `${node.operator} ${operand(node.operand, rank)}`;
    }
    case 'binary': {
      const rank = BINARY[node.operator];
      return `${operand(node.left, rank)} ${node.operator} ${operand(node.right, rank + 1)}`;
    }
    case 'is':
      return `${operand(node.operand, PRECEDENCE.is)} IS ${negation}${node.test}`;
    case 'distinctFrom': {
      const right = operand(node.right, PRECEDENCE.is + 1);
      return `${operand(node.left, PRECEDENCE.is)} IS ${negation}DISTINCT FROM ${right}`;
    }
    case 'between': {
      const [low, high] = [node.low, node.high].map(bound => operand(bound, PRECEDENCE.range + 1));
      const symmetric = node.symmetric ? 'SYMMETRIC ' : '';
      return `${operand(node.operand, PRECEDENCE.range)} ${negation}BETWEEN ${symmetric}${low} AND ${high}`;
    }
    case 'in': {
      const items = 'kind' in node.items ? printQuery(node.items) : list(node.items);
      return `${operand(node.operand, PRECEDENCE.comparison)} ${negation}IN (${items})`;
    }
    case 'like': {
      const [pattern, escaped] = [node.pattern, node.escape].map(part =>
        part === null ? '' : operand(part, PRECEDENCE.range + 1),
      );
      const suffix = escaped === '' ? '' : ` ESCAPE ${escaped}`;
      return `${operand(node.operand, PRECEDENCE.range)} ${negation}${node.operator} ${pattern}${suffix}`;
    }
    default:
      return printConstruct(node);
  }
}

type Construct = Exclude<
  Operator,
  { kind: 'unary' | 'binary' | 'is' | 'distinctFrom' | 'between' | 'in' | 'like' }
>;

function printConstruct(node: Construct): string {
  switch (node.kind) {
    case 'case':
      return printCase(node);
    case 'cast':
      return `${node.safe ? 'TRY_CAST' : 'CAST'}(${printExpression(node.operand)} AS ${castTarget(node)})`;
    case 'row':
      return `${node.explicit ? 'ROW' : ''}(${list(node.items)})`;
    case 'array':
      return `ARRAY[${list(node.items)}]`;
    case 'map':
      return `MAP[${list(node.items)}]`;
    case 'item':
      return `${operand(node.operand, PRECEDENCE.postfix)}[${printExpression(node.index)}]`;
    case 'field':
      return `(${printExpression(node.operand)}).${printName(node.name)}`;
    case 'subquery':
      return `(${printQuery(node.query)})`;
    case 'exists':
      return `EXISTS (${printQuery(node.query)})`;
    case 'descriptor':
      return `DESCRIPTOR(${node.columns.map(printName).join(', ')})`;
    case 'tableArgument': {
      const table = 'kind' in node.table ? printQuery(node.table) : `TABLE ${printNames(node.table.parts)}`;
      return node.partitionBy.length === 0 ? table : `${table} PARTITION BY (${list(node.partitionBy)})`;
    }
    case 'difference': {
      const [left, right] = [
        operand(node.left, PRECEDENCE.additive),
        operand(node.right, PRECEDENCE.additive + 1),
      ];
      return `(${left} - ${right}) ${node.unit}${node.to === null ? '' : ` TO ${node.to}`}`;
    }
    default:
      return unreachable(node);
  }
}

function printInterval(node: IntervalLiteral): string {
  const precision = node.precision === null ? '' : `(${node.precision})`;
  const to = node.to === null ? '' : ` TO ${node.to}`;
  return `INTERVAL ${node.negative ? '-' : ''}${printString(node.value)} ${node.from}${precision}${to}`;
}

const castTarget = (node: SqlExpression & { kind: 'cast' }): string =>
  node.unit === undefined ? printSqlType(node.type) : `INTERVAL ${node.unit}`;

function printCase(node: SqlExpression & { kind: 'case' }): string {
  const subject = node.operand === null ? '' : ` ${printExpression(node.operand)}`;
  const branches = node.branches.map(
    b => ` WHEN ${printExpression(b.when)} THEN ${printExpression(b.result)}`,
  );
  const otherwise = node.otherwise === null ? '' : ` ELSE ${printExpression(node.otherwise)}`;
  return `CASE${subject}${branches.join('')}${otherwise} END`;
}

/** Words between the arguments of the calls that have their own grammar. */
const SEPARATORS: Readonly<Record<string, readonly string[]>> = {
  EXTRACT: [' FROM '],
  POSITION: [' IN ', ' FROM '],
  OVERLAY: [' PLACING ', ' FROM ', ' FOR '],
  TRIM: [' ', ' FROM '],
  FLOOR: [' TO '],
  CEIL: [' TO '],
  CEILING: [' TO '],
};

function printCall(node: FunctionCall): string {
  const name = node.name.parts
    .map((part, i) => (i === 0 && isBareFunction(part) ? part : printName(part)))
    .join('.');
  if (!node.parentheses) return name;
  if (name === 'OVERLAPS') return `(${list(node.args.slice(0, 2))}) OVERLAPS (${list(node.args.slice(2))})`;
  const separators = SEPARATORS[name.toUpperCase()] ?? [];
  const isJson = Object.hasOwn(JSON_ARGUMENTS, name.toUpperCase());
  const args = node.args.map((arg, i) => {
    const separator = isJson ? jsonSeparator(node.args, i) : i === 0 ? '' : (separators[i - 1] ?? ', ');
    if (isJson && arg.kind === 'cast' && isReturning(node.args[i - 1])) return ` ${printSqlType(arg.type)}`;
    const isOperand = name.toUpperCase() === 'POSITION' && i === 0;
    return separator + (isOperand ? operand(arg, PRECEDENCE.comparison + 1) : printExpression(arg));
  });
  const within = node.withinGroup === null ? '' : ` WITHIN GROUP (${printOrder(node.withinGroup)})`;
  const nulls = node.nullTreatment === null ? '' : ` ${node.nullTreatment} NULLS`;
  const condition = node.filter === null ? '' : ` FILTER (WHERE ${printExpression(node.filter)})`;
  const over =
    node.over === null
      ? ''
      : ` OVER ${typeof node.over === 'string' ? printName(node.over) : printWindow(node.over)}`;
  return `${name}(${node.distinct ? 'DISTINCT ' : ''}${args.join('')})${within}${nulls}${condition}${over}`;
}

const isReturning = (node: SqlExpression | undefined) =>
  node?.kind === 'keyword' && node.word === 'RETURNING';

/** Reserved words may name a function without backticks: COUNT, LEFT. */
const isBareFunction = (part: string) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(part);

export function printOrder(items: readonly OrderItem[]): string {
  const printed = items.map(item => {
    const nulls = item.nulls === null ? '' : ` NULLS ${item.nulls}`;
    return `${printExpression(item.expression)}${item.descending ? ' DESC' : ''}${nulls}`;
  });
  return `ORDER BY ${printed.join(', ')}`;
}

/** What stands behind OVER, in its parentheses. */
export function printWindow(spec: WindowSpec): string {
  const parts = [
    spec.base === null ? '' : printName(spec.base),
    spec.partitionBy.length === 0 ? '' : `PARTITION BY ${list(spec.partitionBy)}`,
    spec.orderBy.length === 0 ? '' : printOrder(spec.orderBy),
    spec.frame === null ? '' : printFrame(spec.frame),
  ];
  return `(${parts.filter(part => part !== '').join(' ')})`;
}

function printFrame(frame: NonNullable<WindowSpec['frame']>): string {
  if (frame.end === null) return `${frame.unit} ${printBound(frame.start)}`;
  return `${frame.unit} BETWEEN ${printBound(frame.start)} AND ${printBound(frame.end)}`;
}

function printBound(bound: FrameBound): string {
  if (bound.kind === 'current') return 'CURRENT ROW';
  return `${bound.value === null ? 'UNBOUNDED' : printExpression(bound.value)} ${bound.direction}`;
}
