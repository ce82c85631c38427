import type { Aggregate, Condition, Relation } from './queries.ts';

/** Flink's SQL, or DuckDB's for the same meaning. */
export type Dialect = 'flink' | 'duckdb';

export type ColumnType = 'INT' | 'STRING';

/** A query's text; its columns are named c0, c1 and so on. */
export interface Rendered {
  readonly sql: string;
  readonly columns: readonly ColumnType[];
}

/** Tables of the queries: name and columns. */
export const TABLES: readonly { readonly name: string; readonly columns: readonly ColumnType[] }[] = [
  { name: 't', columns: ['INT', 'INT', 'STRING'] },
  { name: 'u', columns: ['INT', 'STRING'] },
  { name: 'v', columns: ['STRING', 'INT', 'INT', 'STRING'] },
];

/** Renders a query for one of the two engines. */
export function render(relation: Relation, dialect: Dialect): Rendered {
  const inner = (input: Relation) => render(input, dialect);
  switch (relation.kind) {
    case 'table': {
      const { name, columns } = TABLES[relation.table]!;
      const items = columns.map((_, i) => `${name}.x${i} AS c${i}`);
      return { sql: `SELECT ${items.join(', ')} FROM ${name}`, columns };
    }
    case 'select':
      return renderSelect(relation, inner(relation.input));
    case 'join':
      return renderJoin(relation, inner(relation.left), inner(relation.right));
    case 'group':
      return renderGroup(relation, inner(relation.input), dialect);
    case 'set':
      return renderSet(relation, inner(relation.left), inner(relation.right));
    case 'top':
      return renderTop(relation, inner(relation.input), dialect);
    case 'in':
      return renderIn(relation, inner(relation.input), inner(relation.among));
    case 'scalar':
      return renderScalar(relation, inner(relation.input), inner(relation.of));
  }
}

const pick = (columns: readonly unknown[], choice: number) => choice % columns.length;

/** A column of a type, from a starting point on; -1 when there is none. */
function pickOf(columns: readonly ColumnType[], type: ColumnType, choice: number): number {
  const fitting = columns.flatMap((t, i) => (t === type ? [i] : []));
  return fitting.length === 0 ? -1 : fitting[choice % fitting.length]!;
}

function conditionText(
  { column, how, constant }: Condition,
  columns: readonly ColumnType[],
  alias: string,
): string {
  const index = pick(columns, column);
  const name = `${alias}.c${index}`;
  const value = columns[index] === 'INT' ? `${constant}` : `'${'abcd'[Math.abs(constant) % 4]}'`;
  const test = ['=', '<>', '<', '>=', 'IS NULL', 'IS NOT NULL', '>', '<='][how % 8]!;
  return test.startsWith('IS') ? `${name} ${test}` : `${name} ${test} ${value}`;
}

type Of<K extends Relation['kind']> = Extract<Relation, { readonly kind: K }>;

function renderSelect({ items, where, distinct }: Of<'select'>, input: Rendered): Rendered {
  const cells = items.map(({ column, how }): [string, ColumnType] => {
    const index = pick(input.columns, column);
    const name = `s.c${index}`;
    const type = input.columns[index]!;
    if (type === 'STRING') {
      return how % 3 === 0 ? [`COALESCE(${name}, 'z')`, type] : [name, type];
    }
    switch (how % 5) {
      case 0:
        return [`${name} + 1`, type];
      case 1:
        return [`CASE WHEN ${name} > 1 THEN 1 ELSE 0 END`, type];
      case 2:
        return [`COALESCE(${name}, 7)`, type];
      default:
        return [name, type];
    }
  });
  const list = cells.map(([text], i) => `${text} AS c${i}`).join(', ');
  const filter = where === null ? '' : ` WHERE ${conditionText(where, input.columns, 's')}`;
  return {
    sql: `SELECT ${distinct ? 'DISTINCT ' : ''}${list} FROM (${input.sql}) AS s${filter}`,
    columns: cells.map(([, type]) => type),
  };
}

function renderJoin({ type, on, rest }: Of<'join'>, left: Rendered, right: Rendered): Rendered {
  const columns = [...left.columns, ...right.columns];
  const a = pick(left.columns, on[0]);
  const b = pickOf(right.columns, left.columns[a]!, on[1]);
  const equal = b < 0 ? 'l.c0 IS NOT NULL' : `l.c${a} = r.c${b}`;
  const more = rest === null ? '' : ` AND ${conditionText(rest, right.columns, 'r')}`;
  const list = columns.map((_, i) =>
    i < left.columns.length ? `l.c${i} AS c${i}` : `r.c${i - left.columns.length} AS c${i}`,
  );
  const sql = `SELECT ${list.join(', ')} FROM (${left.sql}) AS l ${type} (${right.sql}) AS r ON ${equal}${more}`;
  return { sql, columns };
}

function aggregateText(
  { name, column, distinct, filter }: Aggregate,
  columns: readonly ColumnType[],
  dialect: Dialect,
): [string, ColumnType] {
  const index = pick(columns, column);
  const type = columns[index]!;
  const argument = `${distinct ? 'DISTINCT ' : ''}g.c${index}`;
  const suffix = filter === null ? '' : ` FILTER (WHERE ${conditionText(filter, columns, 'g')})`;
  const call = (f: string) => `${f}(${argument})${suffix}`;
  const names = type === 'INT' ? ['COUNT', 'SUM', 'MIN', 'MAX', 'AVG', '*'] : ['COUNT', 'MIN', 'MAX', '*'];
  const chosen = names[name % names.length]!;
  if (chosen === '*') return [`COUNT(*)${suffix}`, 'INT'];
  if (chosen === 'AVG' && dialect === 'duckdb') {
    return [`CAST(TRUNC(CAST(${call('SUM')} AS DOUBLE) / ${call('COUNT')}) AS INT)`, 'INT'];
  }
  return [call(chosen), chosen === 'MIN' || chosen === 'MAX' ? type : 'INT'];
}

function renderGroup({ keys, aggregates, having }: Of<'group'>, input: Rendered, dialect: Dialect): Rendered {
  const chosen = [...new Set(keys.map(key => pick(input.columns, key)))];
  const calls = aggregates.map(call => aggregateText(call, input.columns, dialect));
  const list = [
    ...chosen.map((key, i) => `g.c${key} AS c${i}`),
    ...calls.map(([text], i) => `${text} AS c${chosen.length + i}`),
  ];
  const groupBy = chosen.length === 0 ? '' : ` GROUP BY ${chosen.map(key => `g.c${key}`).join(', ')}`;
  // A group without rows is not there; the batch answer has one row for the whole table even so.
  const isThere = chosen.length === 0 && dialect === 'duckdb' ? ['COUNT(*) > 0'] : [];
  const conditions = [...(having === null ? [] : [`COUNT(*) > ${having}`]), ...isThere];
  const filter = conditions.length === 0 ? '' : ` HAVING ${conditions.join(' AND ')}`;
  const columns = [...chosen.map(key => input.columns[key]!), ...calls.map(([, type]) => type)];
  return { sql: `SELECT ${list.join(', ')} FROM (${input.sql}) AS g${groupBy}${filter}`, columns };
}

function renderSet({ operator, all }: Of<'set'>, left: Rendered, right: Rendered): Rendered {
  const pairs = left.columns.flatMap((type, i) => {
    const other = pickOf(right.columns, type, i);
    return other < 0 ? [] : [[i, other, type] as const];
  });
  // Sides without a column of the same type compare a constant.
  const a = pairs.length === 0 ? '1 AS c0' : pairs.map(([i], k) => `a.c${i} AS c${k}`).join(', ');
  const b = pairs.length === 0 ? '1 AS c0' : pairs.map(([, i], k) => `b.c${i} AS c${k}`).join(', ');
  const sql = `SELECT ${a} FROM (${left.sql}) AS a ${operator}${all ? ' ALL' : ''} SELECT ${b} FROM (${right.sql}) AS b`;
  return { sql, columns: pairs.length === 0 ? ['INT'] : pairs.map(([, , type]) => type) };
}

/** Ordered by all columns, so that equal places are equal rows. */
function renderTop(relation: Of<'top'>, input: Rendered, dialect: Dialect): Rendered {
  const { columns } = input;
  const first = pick(columns, relation.first);
  const order = [first, ...columns.map((_, i) => i).filter(i => i !== first)].map(i => {
    const isDown = relation.descending === (i === first);
    const nulls = dialect === 'flink' ? '' : isDown ? ' NULLS LAST' : ' NULLS FIRST';
    return `o.c${i} ${isDown ? 'DESC' : 'ASC'}${nulls}`;
  });
  const partition =
    relation.partition === null ? '' : `PARTITION BY o.c${pick(columns, relation.partition)} `;
  const list = columns.map((_, i) => `c${i}`);
  const rank = relation.withRank ? [`rn AS c${columns.length}`] : [];
  const [from, to] = [relation.from + 1, relation.from + relation.count];
  const range = from === 1 ? `rn <= ${to}` : `rn BETWEEN ${from} AND ${to}`;
  const own = columns.map((_, i) => `o.c${i}`).join(', ');
  const rn = `ROW_NUMBER() OVER (${partition}ORDER BY ${order.join(', ')}) AS rn`;
  const numbered = `SELECT ${own}, ${rn} FROM (${input.sql}) AS o`;
  return {
    sql: `SELECT ${[...list, ...rank].join(', ')} FROM (${numbered}) AS n WHERE ${range}`,
    columns: relation.withRank ? [...columns, 'INT'] : columns,
  };
}

function renderIn(relation: Of<'in'>, input: Rendered, among: Rendered): Rendered {
  const column = pick(input.columns, relation.column);
  const other = pickOf(among.columns, input.columns[column]!, relation.column);
  const not = relation.negated ? 'NOT ' : '';
  const list = input.columns.map((_, i) => `i.c${i} AS c${i}`).join(', ');
  const found = other < 0 ? '1 = 1' : `e.c${other} = i.c${column}`;
  const test =
    relation.exists || other < 0
      ? `${not}EXISTS (SELECT 1 FROM (${among.sql}) AS e WHERE ${found})`
      : `i.c${column} ${not}IN (SELECT e.c${other} FROM (${among.sql}) AS e)`;
  return { sql: `SELECT ${list} FROM (${input.sql}) AS i WHERE ${test}`, columns: input.columns };
}

function renderScalar(relation: Of<'scalar'>, input: Rendered, of: Rendered): Rendered {
  const column = pick(input.columns, relation.column);
  const value = pick(of.columns, relation.aggregate);
  const key = pickOf(of.columns, input.columns[column]!, relation.column);
  const isCorrelated = relation.correlated && key >= 0;
  // Without rows there is no count in a stream, only in a batch.
  const name =
    isCorrelated && relation.aggregate % 3 === 0 ? 'COUNT' : relation.aggregate % 2 === 0 ? 'MAX' : 'MIN';
  const where = isCorrelated ? ` WHERE q.c${key} = i.c${column}` : '';
  const list = input.columns.map((_, i) => `i.c${i} AS c${i}`);
  const scalar = `(SELECT ${name}(q.c${value}) FROM (${of.sql}) AS q${where}) AS c${input.columns.length}`;
  return {
    sql: `SELECT ${[...list, scalar].join(', ')} FROM (${input.sql}) AS i`,
    columns: [...input.columns, name === 'COUNT' ? 'INT' : of.columns[value]!],
  };
}
