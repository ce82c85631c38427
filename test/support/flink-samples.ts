import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MillraceError } from '../../src/core/mod.ts';
import { flinkType } from '../../src/plan/mod.ts';
import { evaluate } from './evaluate.ts';
import { replay } from './flink-replay.ts';

/** An expression and what a real Flink answered. */
export interface ExpressionSample {
  readonly group: string;
  readonly sql: string;
  readonly from?: string;
  readonly tz?: string;
  readonly type?: string;
  readonly value?: string | null;
  /** Instead of `value` where the answer is not one row. */
  readonly values?: readonly (string | null)[];
  readonly error?: string;
}

/** How a sample compares: the same answer, refused as in Flink, not supported, or something else. */
export type Verdict =
  | { readonly kind: 'equal' | 'refused' }
  | { readonly kind: 'unsupported' | 'different'; readonly detail: string };

/** The folder of the recorded answers, undefined when MILLRACE_ENGINES is not set. */
export function samplesFolder(): string | undefined {
  const engines = process.env['MILLRACE_ENGINES'];
  return engines === undefined || engines === '' ? undefined : join(engines, 'flink-samples');
}

/** The recorded expressions; none where there is no such file. */
export function expressionSamples(folder: string): readonly ExpressionSample[] {
  const file = join(folder, 'expressions.jsonl');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map(line => JSON.parse(line) as ExpressionSample);
}

/** The files of the recorded queries. */
export function querySamples(folder: string): readonly string[] {
  const queries = join(folder, 'queries');
  return existsSync(queries) ? readdirSync(queries).filter(name => name.endsWith('.sql')) : [];
}

/** Asks the engine what Flink was asked. */
export function judgeExpression(sample: ExpressionSample): Verdict {
  const wanted = sample.error ?? JSON.stringify(sample.values ?? [sample.value]);
  return judge(sample.error !== undefined, wanted, () => {
    const { type, values } = answersOf(sample);
    const cells = values.map(value => (type.startsWith('MAP') ? inOrder(value) : value));
    const expected = sample.values ?? [sample.value ?? null];
    const sameType = sample.type === undefined || sample.type === type;
    const same =
      JSON.stringify(cells) === JSON.stringify(expected.map(v => (type.startsWith('MAP') ? inOrder(v) : v)));
    return same && sameType ? null : `${JSON.stringify(values)} ${type}`;
  });
}

function answersOf({ sql, from, tz }: ExpressionSample) {
  const options = tz === undefined ? {} : { 'table.local-time-zone': tz };
  const tail = from === undefined ? '' : ` FROM ${from}`;
  const { schema, rows } = evaluate(`SELECT ${sql} AS v${tail}`, options);
  const { type } = schema.fields[0]!;
  const isText = type.kind === 'VARCHAR' || type.kind === 'CHAR';
  const isBinary = type.kind === 'VARBINARY' || type.kind === 'BINARY';
  const printed =
    isText || isBinary ? rows : evaluate(`SELECT CAST(${sql} AS STRING) AS v${tail}`, options).rows;
  const values = printed.map(([cell]) =>
    isBinary && cell instanceof Uint8Array
      ? `x'${Buffer.from(cell).toString('hex')}'`
      : (cell as string | null),
  );
  return { type: flinkType(type), values };
}

/** The entries of a printed map have no order. */
const inOrder = (map: string | null): string | null =>
  map?.slice(1, -1).split(', ').sort().join(', ') ?? null;

/** Runs a recorded query over its recorded input. */
export function judgeQuery(folder: string, file: string): Verdict {
  const queries = join(folder, 'queries');
  const expected = JSON.parse(
    readFileSync(join(queries, file.replace('.sql', '.expected.json')), 'utf8'),
  ) as {
    readonly final?: readonly (readonly (string | null)[])[];
    readonly error?: string;
  };
  const sql = readFileSync(join(queries, file), 'utf8').replaceAll('${' + 'DIR}', queries);
  const wanted = expected.final?.map(row => JSON.stringify(row)).sort() ?? [];
  return judge(expected.error !== undefined, expected.error ?? wanted.join(' '), () => {
    const rows = replay(sql);
    return JSON.stringify(rows) === JSON.stringify(wanted) ? null : rows.join(' ');
  });
}

/** `compare` gives null when the answer is the same, else what it is. */
function judge(refuses: boolean, wanted: string, compare: () => string | null): Verdict {
  try {
    const other = compare();
    if (other === null && !refuses) return { kind: 'equal' };
    return { kind: 'different', detail: `${other}, Flink: ${wanted}` };
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    if (refuses) return { kind: 'refused' };
    const kind = error.code === 'SQL_UNSUPPORTED' ? 'unsupported' : 'different';
    return { kind, detail: `${error.message}, Flink: ${wanted}` };
  }
}
