import { AGGREGATES, FLINK_FUNCTIONS, FUNCTIONS, OPTIONS, SUPPORTED_AGGREGATES } from '../src/plan/mod.ts';
import { writeOrCheck } from './write-or-check.ts';

/** Makes docs/reference/sql.md from the tables of the planner; `--check` fails when the page is stale. */
const cell = (text: string) => text.replaceAll('|', '\\|');
const groups = [...new Set(FUNCTIONS.map(f => f.group))];
const functions = groups.map(group => {
  const rows = FUNCTIONS.filter(f => f.group === group).map(
    f => `| \`${cell(f.syntax)}\` | ${cell(f.note)} |`,
  );
  const title = `${group.charAt(0).toUpperCase()}${group.slice(1)}`;
  return `### ${title}\n\n| function | |\n|---|---|\n${rows.join('\n')}\n`;
});
const options = Object.entries(OPTIONS).map(([key, { help }]) => `| \`${key}\` | ${cell(help)} |`);
const unsupported = [...FLINK_FUNCTIONS].sort().map(name => `\`${name}\``);
const otherAggregates = [...AGGREGATES]
  .filter(name => !(SUPPORTED_AGGREGATES as readonly string[]).includes(name))
  .sort()
  .map(name => `\`${name}\``);

writeOrCheck(
  'docs/reference/sql.md',
  `# SQL

Millrace speaks Flink SQL 1.20. The grammar is read in full; what is not run yet is refused by name and place
(\`SQL_UNSUPPORTED\`), never ignored. Types, nullability and implicit casts follow Flink: \`AVG(INT)\` is \`INT\`, \`5 / 2\` is \`2\`,
\`SUM(DECIMAL(p, s))\` is \`DECIMAL(38, s)\`.

## Statements

| statement | what is supported |
|---|---|
| \`CREATE [TEMPORARY] TABLE\` | physical and computed columns, watermark, \`PRIMARY KEY … NOT ENFORCED\`, \`WITH\`, \`LIKE t\` |
| \`CREATE [TEMPORARY] VIEW\`, \`DROP TABLE\`, \`DROP VIEW\` | all of it |
| \`INSERT INTO t [(columns)]\` | a query or \`VALUES\`; columns left out are NULL |
| \`EXECUTE STATEMENT SET BEGIN … END\` | one job; tables and views that several sinks read are read once |
| \`SET\`, \`RESET\` | the options below; any other key is refused |

Not yet: \`EXPLAIN\`, \`SHOW\` and \`DESCRIBE\`, metadata columns, \`CREATE TABLE … AS\`, \`PARTITIONED BY\`, \`INSERT
OVERWRITE\`, \`ALTER\`, \`CREATE FUNCTION\`, databases and catalogs other than \`default_catalog.default_database\`.

## Queries

| clause | what is supported |
|---|---|
| \`SELECT [DISTINCT]\`, \`WHERE\`, \`WITH\`, \`VALUES\` | all of it; hints: \`OPTIONS\` on tables |
| \`GROUP BY\`, \`HAVING\` | keys are expressions; \`DISTINCT\` and \`FILTER\` in aggregates |
| \`TABLE(TUMBLE(TABLE t, DESCRIPTOR(time), size [, offset]))\` | with \`GROUP BY window_start, window_end\` |
| \`GROUP BY TUMBLE(time, size)\` | with \`TUMBLE_START\`, \`TUMBLE_END\`, \`TUMBLE_ROWTIME\` |
| \`JOIN\` | all regular joins; \`USING\` for inner and left ones |
| \`UNION\`, \`UNION ALL\` | all of it |
| \`ROW_NUMBER() OVER (…)\` under a condition that bounds it | top-n, with or without the rank ([slt](../../test/slt/top-n.slt), [of a changing table](../../test/slt/top-n-changing.slt)); \`= 1\` by a time attribute: one row a key ([slt](../../test/slt/deduplicate.slt)). \`RANK\`, \`DENSE_RANK\` are refused, as in Flink |

Not yet: \`HOP\`, \`CUMULATE\`, \`SESSION\`, other \`OVER\`, \`ORDER BY\`, \`LIMIT\`, \`INTERSECT\`, \`EXCEPT\`, \`GROUPING SETS\`, queries as expressions,
\`IN (SELECT …)\`, \`EXISTS\`, temporal and lateral joins, \`UNNEST\`, \`MATCH_RECOGNIZE\`. An interval condition in a join is a regular join.

## Types

\`BOOLEAN\`, \`TINYINT\`, \`SMALLINT\`, \`INT\`, \`BIGINT\`, \`FLOAT\`, \`DOUBLE\`, \`DECIMAL(p, s)\`, \`CHAR(n)\`,
\`VARCHAR(n)\`, \`STRING\`, \`BINARY(n)\`, \`VARBINARY(n)\`, \`BYTES\`, \`DATE\`, \`TIME\`, \`TIMESTAMP(p)\`,
\`TIMESTAMP_LTZ(p)\`, \`INTERVAL\`, \`ARRAY\`, \`MAP\`, \`ROW\`. Refused: \`MULTISET\`, \`RAW\`,
\`TIMESTAMP WITH TIME ZONE\`.

## Operators

\`+ - * / %\`, \`||\`, \`= <> < <= > >=\`, \`AND OR NOT\`, \`IS [NOT] NULL | TRUE | FALSE | UNKNOWN\`, \`IS [NOT] DISTINCT FROM\`, \`[NOT] BETWEEN\`,
\`[NOT] IN (…)\`, \`[NOT] LIKE … [ESCAPE …]\`, \`CASE\`, \`CAST\`, \`TRY_CAST\`, \`row.field\`; dates and times with intervals.
\`!=\` is refused, as Flink does.

## Functions

${functions.join('\n')}
### Aggregates

${SUPPORTED_AGGREGATES.map(name => `\`${name}\``).join(', ')}, each with \`FILTER (WHERE …)\`; \`DISTINCT\` for \`COUNT\`, \`SUM\` and \`AVG\`.

## Options of SET

| key | |
|---|---|
${options.join('\n')}

## Known, not supported yet

Functions: ${unsupported.join(', ')}.

Aggregates: ${otherAggregates.join(', ')}.
`,
);
