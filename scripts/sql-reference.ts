import { readFileSync } from 'node:fs';
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
/** What runs with OVER, in GROUP BY or as an aggregate is named there. */
const elsewhere = (name: string) =>
  AGGREGATES.has(name) ||
  /^(ROW_NUMBER|LAG)$|^(TUMBLE|HOP|SESSION)(_START|_END|_ROWTIME|_PROCTIME)?$/.test(name);
const unsupported = [...FLINK_FUNCTIONS]
  .filter(name => !elsewhere(name))
  .sort()
  .map(name => `\`${name}\``);
const otherAggregates = [...AGGREGATES]
  .filter(name => !(SUPPORTED_AGGREGATES as readonly string[]).includes(name))
  .sort()
  .map(name => `\`${name}\``);

interface Samples {
  readonly equal: number;
  readonly refusedAlike: number;
  readonly unsupported: readonly string[];
  readonly exceptions: Readonly<Record<string, string>>;
}
const samples = JSON.parse(readFileSync('test/fixtures/flink/samples.json', 'utf8')) as {
  readonly expressions: Samples;
  readonly queries: Samples;
};
const sampleRow = (what: 'expressions' | 'queries') => {
  const { equal, refusedAlike, unsupported: open, exceptions: other } = samples[what];
  return `| ${what} | ${equal} | ${refusedAlike} | ${open.length} | ${Object.keys(other).length} |`;
};
const ofBoth = [samples.expressions, samples.queries];
const exceptions = ofBoth.flatMap(({ exceptions: other }) =>
  Object.entries(other).map(([name, reason]) => `| \`${cell(name)}\` | ${cell(reason)} |`),
);
const notYet = ofBoth.flatMap(({ unsupported: open }) => open.map(name => `\`${name}\``));

writeOrCheck(
  'docs/reference/sql.md',
  `# SQL

Millrace speaks Flink SQL 1.20. The grammar is read in full; what is not run yet is refused by name and place
(\`SQL_UNSUPPORTED\`), never ignored. Types, nullability and implicit casts follow Flink: \`AVG(INT)\` is
\`INT\`, \`5 / 2\` is \`2\`,
\`SUM(DECIMAL(p, s))\` is \`DECIMAL(38, s)\`.

## Statements

| statement | what is supported | shown by |
|---|---|---|
| \`CREATE [TEMPORARY] TABLE\` | physical, computed and METADATA columns, watermark, \`PRIMARY KEY … NOT ENFORCED\`, \`PARTITIONED BY\`, comments, \`WITH\` | [slt](../../test/slt/statements-show.slt) |
| \`CREATE TABLE … LIKE t (…)\` | every merging option of Flink | [slt](../../test/slt/statements-like.slt) |
| \`CREATE [OR REPLACE] TABLE … AS\` | a query; explicit columns, keys, watermarks and partitions are refused, as in Flink | [plan](../../test/plan/create-table-as.sql) |
| \`ALTER TABLE\` | \`RENAME TO\`, \`SET\`, \`RESET\`, \`ADD\`, \`MODIFY\`, \`DROP\` and \`RENAME\` of columns with \`FIRST\` and \`AFTER\`, watermark, primary key | [slt](../../test/slt/statements-alter.slt) |
| \`ALTER VIEW\` | \`RENAME TO\`, \`AS\` | [slt](../../test/slt/statements-alter.slt) |
| \`CREATE [TEMPORARY] VIEW\`, \`DROP [TEMPORARY] TABLE\`, \`DROP [TEMPORARY] VIEW\` | all of it; a temporary object hides a permanent one | [slt](../../test/slt/statements-temporary.slt) |
| \`CREATE\`, \`ALTER\`, \`DROP\`, \`USE DATABASE\`, \`USE CATALOG\` | databases of \`default_catalog\` | [slt](../../test/slt/statements-database.slt) |
| \`SHOW TABLES\`, \`VIEWS\`, \`DATABASES\`, \`CATALOGS\`, \`COLUMNS\`, \`CREATE TABLE\`, \`CREATE VIEW\`, \`CURRENT …\`; \`DESCRIBE\` | with \`FROM\`, \`LIKE\` and \`ILIKE\` | [slt](../../test/slt/statements-show.slt) |
| \`CREATE [TEMPORARY [SYSTEM]] FUNCTION f AS 'export' LANGUAGE JAVASCRIPT [USING 'functions/file.ts']\`, \`DROP FUNCTION\`, \`SHOW [USER] FUNCTIONS\` | scalar functions of the application: an export made by \`defineFunction\` of \`millrace/app\`, which declares SQL types of arguments and result; a NULL argument is \`null\`; what it throws fails the job with the place of the call | [slt](../../test/slt/functions-user.slt), [guide](../guides/sql-functions.md), [program](../../test/e2e/sql-statements.test.ts) |
| \`EXPLAIN [PLAN FOR | CHANGELOG_MODE]\` | the physical plan of a query, an \`INSERT\` or a statement set | [slt](../../test/slt/statements-explain.slt) |
| \`INSERT INTO t [PARTITION (…)] [(columns)]\` | a query or \`VALUES\`; columns left out are NULL; the hint \`OPTIONS\` | [plan](../../test/plan/insert-partition.sql) |
| \`EXECUTE STATEMENT SET BEGIN … END\` | one job; tables and views that several sinks read are read once | [plan](../../test/plan/statement-set.sql) |
| \`SET\`, \`RESET\` | the options below; any other key is refused; a bare \`SET\` lists | [slt](../../test/slt/statements-show.slt) |

A job's file writes to tables; questions (\`SELECT\`, \`SHOW\`, \`DESCRIBE\`, \`EXPLAIN\`) are asked by
\`millrace sql\`.

Refused by name: functions in Java, Scala and Python, and nested types in functions; \`CREATE CATALOG\`,
\`CREATE OR REPLACE\` of anything but a table with \`AS\`, \`ALTER FUNCTION\`, \`ALTER CATALOG\`,
\`ALTER TABLE … ADD | DROP PARTITION\`, \`DISTRIBUTED BY\`, \`INSERT OVERWRITE\` (as Flink does when
streaming), \`SHOW JOBS\`, \`PARTITIONS\`,
\`PROCEDURES\`, \`JARS\` and \`MODULES\`, \`DESCRIBE\` of a database, catalog, function or job, \`EXPLAIN\`
with \`ESTIMATED_COST\`, \`PLAN_ADVICE\` or
\`JSON_EXECUTION_PLAN\`, \`UPDATE\`, \`DELETE\`, \`TRUNCATE\`, \`ANALYZE\`, \`CALL\`, \`LOAD\` and \`USE
MODULES\`, \`ADD JAR\`, \`COMPILE PLAN\`.

## Connectors

| connector | as | options and columns beside the usual | shown by |
|---|---|---|---|
| \`kafka\` | source, sink | topics of the platform's own log or of another cluster: \`scan.startup.*\` and \`scan.bounded.*\` (all modes), \`key.fields\`, \`key.fields-prefix\`, \`value.fields-include\`, \`sink.partitioner\`, \`sink.delivery-guarantee\`; with \`properties.group.id\` checkpoints commit to that group; metadata \`topic\`, \`partition\`, \`offset\`, \`timestamp\`, \`timestamp-type\`, \`leader-epoch\`, \`headers\`, and with debezium-json \`value.…\`; a sink writes \`timestamp\` and \`headers\` | [test](../../test/unit/connectors/kafka-columns.test.ts) |
| \`upsert-kafka\` | source, sink | \`key.format\`, \`value.format\`, tombstones, the rest as \`kafka\` | [test](../../test/unit/connectors/kafka-columns.test.ts) |
| \`datagen\` | source | \`rows-per-second\`, \`number-of-rows\`, \`fields.*\` with \`kind\`, \`min\`, \`max\`, \`max-past\`, \`length\`, \`var-len\`, \`start\`, \`end\`, \`null-rate\` | [test](../../test/unit/connectors/datagen.test.ts) |
| \`filesystem\` | source, sink | lines of json, csv, raw or debezium-json; source: a file, a folder or a pattern, \`source.monitor-interval\`, \`source.path.regex-pattern\`, metadata \`file.path\`, \`file.name\`, \`file.size\`, \`file.modification-time\`; sink: exactly once, \`sink.rolling-policy.*\`, \`PARTITIONED BY\`, \`partition.default-name\`, \`sink.partition-commit.*\` with the policy success-file by processing time | [test](../../test/unit/connectors/filesystem.test.ts) |
| \`jdbc\` | source, lookup, sink | PostgreSQL: \`scan.partition.*\`, \`scan.fetch-size\`, read once, in the order of the primary key; \`lookup.cache\` and \`lookup.partial-cache.*\`, \`lookup.max-retries\`; \`sink.delivery-guarantee\`; rows it can't store (U+0000) become [dead letters](../guides/replay.md#what-happens-to-bad-input) | [reading](../../test/unit/connectors/jdbc-read.test.ts), [writing](../../test/unit/connectors/jdbc.test.ts) |
| \`print\` | sink | \`print-identifier\`, \`standard-error\` | [test](../../test/unit/connectors/print.test.ts) |
| \`blackhole\` | sink | | [test](../../test/unit/connectors/print.test.ts) |

Reading starts at the earliest offset unless \`scan.startup.mode\` says else: positions are kept in the job's
checkpoints, not in consumer
groups. \`properties.bootstrap.servers\` names another Kafka cluster to read from and write to, exactly once there too; left
out, or \`localhost:9092\`, it is the platform's own log. With another cluster go \`properties.security.protocol\`,
\`sasl.mechanism\` (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512), \`sasl.jaas.config\`, \`ssl.truststore.certificates\` (PEM),
\`ssl.endpoint.identification.algorithm\`, \`compression.type\` and \`transaction.timeout.ms\`. Other client properties
(\`properties.*\`) are taken where they do not change what is read or written, else refused by name, as are
lists and patterns of topics, and partitioners of your own. Of files: compaction, partition
times, metastores, and
formats that are not lines. A part file is visible when the rolling policy completes it, by default after 30
minutes or 128 MB, or when the
input ends.

## Formats

| format | options | shown by |
|---|---|---|
| \`json\` | \`fail-on-missing-field\`, \`ignore-parse-errors\`, \`timestamp-format.standard\`, \`map-null-key.*\`, \`encode.*\` | [test](../../test/unit/formats/json-decoder.test.ts) |
| \`debezium-json\` | those of \`json\` without \`fail-on-missing-field\`; \`schema-include\` only false | [test](../../test/unit/formats/debezium-decoder.test.ts) |
| \`csv\` | \`field-delimiter\`, \`quote-character\`, \`disable-quote-character\`, \`escape-character\`, \`array-element-delimiter\`, \`null-literal\`, \`allow-comments\`, \`ignore-parse-errors\`, \`write-bigdecimal-in-scientific-notation\`; each character is one of ASCII | [test](../../test/unit/formats/flink-formats.test.ts) |
| \`raw\` | \`charset\` (UTF-8, UTF-16, those of one byte), \`endianness\` | [test](../../test/unit/formats/flink-formats.test.ts) |
| \`avro\` | \`timestamp_mapping.legacy\`; the binary encoding without the schema; \`encoding\` only binary | [test](../../test/unit/formats/flink-formats.test.ts) |

The last three are compared with what Flink's own wrote and read (\`test/fixtures/flink/formats.jsonl\`). As
in Flink 1.20, Avro's timestamps of
microseconds hold milliseconds. Differences: csv refuses hexadecimal numbers and digits that are not ASCII,
and cuts a timestamp's digits beyond
the column's precision.

## Changes and sinks

| rule | | shown by |
|---|---|---|
| changelog mode | -U is sent only where a consumer needs it; an upsert sink whose key is the query's does without; as in Flink, \`DISTINCT\` and set operations without \`ALL\` count as updating, so that append sinks refuse them | [slt](../../test/slt/sink-update-kinds.slt), [joins](../../test/slt/join-update-kinds.slt) |
| \`ChangelogNormalize\` | upsert topics, and keyed sources with \`table.exec.source.cdc-events-duplicate\` | [plan](../../test/plan/upsert-source.sql) |
| \`SinkMaterializer\` | where the query's key is not within the sink's, as \`table.exec.sink.upsert-materialize\` says | [slt](../../test/slt/sink-materializer.slt) |
| \`NOT NULL\` and lengths of a sink | \`table.exec.sink.not-null-enforcer\`, \`table.exec.sink.type-length-enforcer\` | [slt](../../test/slt/sink-constraints.slt) |

## Queries

| clause | what is supported |
|---|---|
| \`SELECT [DISTINCT]\`, \`WHERE\`, \`WITH\`, \`VALUES\` | all of it; hints: \`OPTIONS\` on tables |
| \`GROUP BY\`, \`HAVING\` | keys are expressions; \`DISTINCT\` and \`FILTER\` in all aggregates ([slt](../../test/slt/aggregates.slt), [over changing rows](../../test/slt/aggregates-changing.slt)) |
| window functions, \`GROUP BY window_start, window_end\`, group windows, joins and top-n of windows | see [Windows](#windows) |
| \`/*+ STATE_TTL('t' = '1 d') */\` | on joins and aggregates, over \`table.exec.state.ttl\` ([slt](../../test/slt/state-ttl.slt)); mini-batches by \`table.exec.mini-batch.enabled\` ([slt](../../test/slt/mini-batch.slt)) |
| \`(SELECT …)\` as a value | in the select list, WHERE and HAVING; correlated by equality in its own WHERE ([slt](../../test/slt/scalar-subqueries.slt)) |
| \`JOIN\` of every kind, \`[NOT] IN (SELECT …)\`, \`[NOT] EXISTS (SELECT …)\` | see [Joins](#joins) |
| \`UNION\`, \`INTERSECT\`, \`EXCEPT\`, each with or without \`ALL\` | all of it ([slt](../../test/slt/set-operations.slt)) |
| \`CROSS JOIN UNNEST(c)\`, \`LEFT JOIN UNNEST(c) ON TRUE\`, \`FROM a, UNNEST(a.c)\` | arrays, maps, multisets, arrays of rows; \`WITH ORDINALITY\`, at which Flink 1.20 fails; changes pass through ([slt](../../test/slt/unnest.slt)) |
| \`ORDER BY … LIMIT … OFFSET …\`, \`FETCH FIRST\`, \`LIMIT\` alone | all of it; the order of a query inside another means nothing without a limit ([slt](../../test/slt/order-by-limit.slt)) |
| \`ORDER BY time [, …]\` | ascending, of a whole query over rows that only come ([slt](../../test/slt/order-by-time.slt)); by anything else it is refused, as in Flink |
| \`ROW_NUMBER() OVER (…)\` under a condition that bounds it | top-n, with or without the rank ([slt](../../test/slt/top-n.slt), [of a changing table](../../test/slt/top-n-changing.slt)); \`= 1\` by a time attribute: one row a key ([slt](../../test/slt/deduplicate.slt)). \`RANK\` and \`DENSE_RANK\` under a bound are refused, as in Flink |
| aggregates, \`ROW_NUMBER\`, \`RANK\`, \`DENSE_RANK\`, \`LAG\` with \`OVER (… ORDER BY time)\`, \`WINDOW w AS\` | \`ROWS\` and \`RANGE\`, \`UNBOUNDED\` or bounded \`PRECEDING\`, up to \`CURRENT ROW\`, by event time ([slt](../../test/slt/over.slt)) or processing time ([slt](../../test/slt/over-processing-time.slt)); all on one window. \`RANK\` and \`DENSE_RANK\` both count the rows up to the current time, as Flink's do. \`LEAD\`, \`NTILE\`, \`PERCENT_RANK\`, \`CUME_DIST\` and \`FILTER\` are refused, as in Flink |

Not yet: \`GROUPING SETS\`, lateral joins, \`LATERAL TABLE\` of a table function, \`MATCH_RECOGNIZE\`.

## Windows

| clause | what is supported |
|---|---|
| \`TABLE(TUMBLE(TABLE t, DESCRIPTOR(time), size [, offset]))\`, \`HOP(…, slide, size [, offset])\`, \`CUMULATE(…, step, size [, offset])\`, \`SESSION(TABLE t [PARTITION BY (keys)], …, gap)\` | arguments by place or by name, a query for \`TABLE t\`; over event time or [processing time](../../test/slt/window-processing-time.slt); by themselves: [rows with their windows](../../test/slt/window-rows.slt) |
| \`GROUP BY window_start, window_end [, …]\` over them, or over what comes of them | once per window, when it is over: [HOP](../../test/slt/window-hop.slt), [CUMULATE](../../test/slt/window-cumulate.slt), [SESSION](../../test/slt/window-session.slt), [TUMBLE](../../test/slt/city-window.slt); \`window_time\` is a time attribute again |
| \`GROUP BY TUMBLE(time, size)\`, \`HOP(time, slide, size)\`, \`SESSION(time, gap)\` | the older group windows with \`_START\`, \`_END\`, \`_ROWTIME\`, \`_PROCTIME\` ([slt](../../test/slt/window-group-functions.slt)) |
| joins on \`window_start\` and \`window_end\` of both sides | window joins of all kinds, also semi and anti ([slt](../../test/slt/window-join.slt)); the same windows on both sides, by event time, as in Flink |
| \`ROW_NUMBER() OVER (PARTITION BY window_start, window_end [, …] ORDER BY …)\` under a condition that bounds it | window top-n and window deduplication ([slt](../../test/slt/window-top-n.slt)), by event time, as in Flink |
| \`table.exec.source.idle-timeout\`, or \`scan.watermark.idle-timeout\` of a table | a source without rows holds back nobody's event time ([slt](../../test/slt/idle-sources.slt)) |

Watermarks follow each row, so \`scan.watermark.emit.strategy\` changes nothing;
\`scan.watermark.emit.on-event.gap\` other than 1, \`scan.watermark.alignment.*\` and the early and
late firing of \`table.exec.emit.*\` are refused. Windows of instants (\`TIMESTAMP_LTZ\`) and of processing
time follow the session's zone
([slt](../../test/slt/window-zone.slt)). Rows that come when all their windows are over are late: dropped and
counted, as in Flink (metric numLateRecordsDropped), and but for joins kept in \`<app>.<job>.late\`. A row whose
event time is NULL fails a window aggregate, as in Flink; a window function by itself drops it. Two deliberate
differences: a TUMBLE with an offset
keeps the rows of its first windows, which Flink 1.20 loses, and after a restart the watermark is where the
checkpoint had it.

## Types

\`BOOLEAN\`, \`TINYINT\`, \`SMALLINT\`, \`INT\`, \`BIGINT\`, \`FLOAT\`, \`DOUBLE\`, \`DECIMAL(p, s)\`,
\`CHAR(n)\`,
\`VARCHAR(n)\`, \`STRING\`, \`BINARY(n)\`, \`VARBINARY(n)\`, \`BYTES\`, \`DATE\`, \`TIME\`, \`TIMESTAMP(p)\`,
\`TIMESTAMP_LTZ(p)\`, \`INTERVAL\`, \`ARRAY\`, \`MAP\`, \`MULTISET\`, \`ROW\`. Refused: \`RAW\`,
\`TIMESTAMP WITH TIME ZONE\`.

Rows, arrays and maps may be made (\`ROW(a, b)\`, \`(a, b)\`, \`ARRAY[a, b]\`, \`MAP[k, v]\`), taken apart
(\`row.field\`, \`row.*\`, \`row['field']\`,
\`array[1]\`, \`map['key']\`), compared for equality, cast part by part, kept as keys and in state
([slt](../../test/slt/nested-values.slt), [more](../../test/slt/nested-parts.slt)). A query that reads only
fields of rows makes a source of JSON read no
more of them ([plan](../../test/plan/fields-of-rows.sql)). The order inside a map or multiset means nothing.

## Operators

\`+ - * / %\`, \`||\`, \`= <> < <= > >=\`, \`AND OR NOT\`, \`IS [NOT] NULL | TRUE | FALSE | UNKNOWN\`, \`IS
[NOT] DISTINCT FROM\`, \`[NOT] BETWEEN\`,
[SYMMETRIC],
\`[NOT] IN (…)\`, \`[NOT] LIKE … [ESCAPE …]\`, \`[NOT] SIMILAR TO\`, \`IS [NOT] JSON [VALUE |
OBJECT | ARRAY | SCALAR]\`, \`CASE\`, \`CAST\`, \`TRY_CAST\`, \`row.field\`; dates and times with intervals,
\`(a - b) DAY\`.
\`!=\` is refused, as Flink does.


## Joins

| join | what is supported |
|---|---|
| regular: \`JOIN\`, \`LEFT\`, \`RIGHT\`, \`FULL\`, \`CROSS\`, \`NATURAL\`, \`USING\` | any condition, over changing tables too ([slt](../../test/slt/join-outer.slt), [USING and NATURAL](../../test/slt/join-using-natural.slt)); time attributes end here |
| \`[NOT] IN (SELECT …)\`, \`[NOT] EXISTS (SELECT …)\` | in an AND of \`WHERE\`, correlated by the query's own \`WHERE\`, or of \`HAVING\`: semi and anti joins ([slt](../../test/slt/join-semi-anti.slt)) |
| interval: \`a.ts BETWEEN b.ts - INTERVAL … AND b.ts + INTERVAL …\` | inner, left, right and full, when both are time attributes and one equality or two comparisons bound them: by event time ([slt](../../test/slt/interval-join.slt)) or processing time ([slt](../../test/slt/interval-join-processing-time.slt)). Time attributes live on; late rows still meet what is kept |
| temporal by event time: \`JOIN t FOR SYSTEM_TIME AS OF l.ts\` | inner and left; \`t\` is a table with a primary key and a watermark, of changes or upserts, or a view that keeps the last row a key ([slt](../../test/slt/temporal-join.slt)). A row leaves when both watermarks have passed it; versions that none in time can ask for are forgotten |
| by processing time: \`JOIN t FOR SYSTEM_TIME AS OF l.p\` | inner and left, of a \`jdbc\` table asked by what the condition sets equal, all keys of a delivery in one statement ([slt](../../test/slt/lookup-join.slt)); \`lookup.cache\` \`NONE\` or \`PARTIAL\`; the hint \`LOOKUP\`, whose retry options count: rows keep their order, asynchronous or not. Of other tables it is refused, as in Flink |

## Functions

On columns: [texts](../../test/slt/functions-text.slt), [numbers](../../test/slt/functions-numbers.slt),
[times](../../test/slt/functions-time.slt),
[JSON](../../test/slt/functions-json.slt), [collections](../../test/slt/collections.slt); each with many
literals in \`test/fixtures/flink/expressions.jsonl\`.
Regular expressions are Java's; refused by name: \`\\G\`, \`\\X\`, \`\\N{…}\`, \`\\b{g}\`, the flags \`u\`,
\`U\`, \`d\`, \`\\p{java…}\` and \`\\p{In…}\`. A
pattern that tries too much on one text fails instead of running on.

${functions.join('\n')}
### Aggregates

${SUPPORTED_AGGREGATES.map(name => `\`${name}\``).join(', ')}, each with \`DISTINCT\` and \`FILTER (WHERE …)\`.

## Options of SET

| key | |
|---|---|
${options.join('\n')}

## Compared with a real Flink

Recorded answers, types and refusals of Flink 1.20 (\`npm run test:e2e -- flink-samples\`, with
\`MILLRACE_ENGINES\`), and the parts of
them that are this project's own (\`test/fixtures/flink\`):

| | the same answer and type | refused, as in Flink | not supported yet | other, see below |
|---|---|---|---|---|
${sampleRow('expressions')}
${sampleRow('queries')}

Answers that are not copied:

| what | why |
|---|---|
${exceptions.join('\n')}

Not supported yet of these: ${notYet.length === 0 ? 'nothing' : notYet.join(', ')}.

## Known, not supported yet

Functions: ${unsupported.join(', ')}.

Aggregates: ${otherAggregates.join(', ')}.
`,
);
