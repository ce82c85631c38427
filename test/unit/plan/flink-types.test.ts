import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MillraceError } from '../../../src/core/mod.ts';
import { Catalog, flinkType, planQuery } from '../../../src/plan/mod.ts';

interface Sample {
  readonly sql: string;
  readonly from?: string;
  /** What Flink 1.20 says the type is. */
  readonly type?: string;
  /** Or why it refuses the expression. */
  readonly error?: string;
}

const samples = readFileSync('test/fixtures/flink/expression-types.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line) as Sample);

/** Where the planner knowingly differs: the expression and why. */
const DIFFERENCES = new Map([
  ["CAST('25:00:00' AS TIME)", 'the cast fails when it runs'],
  ["TRY_CAST('25:00:00' AS TIME)", 'is NULL when it runs'],
  ['10.5 % 3', 'a bug of the planner of Flink: both sides of % are decimals'],
  ['CAST(7.25 AS DECIMAL(10,2)) % CAST(2.2 AS DECIMAL(5,1))', 'the same bug'],
  ['CAST(b AS DOUBLE) / z', 'VALUES are not folded'],
  ['b / z', 'VALUES are not folded'],
  ['i / z', 'VALUES are not folded'],
  ['n / z', 'VALUES are not folded'],
  ['z / n', 'VALUES are not folded'],
  ["DATE '0001-01-01' - INTERVAL '1' DAY", 'dates are not folded'],
  ["DATE '9999-12-31' + INTERVAL '1' DAY", 'dates are not folded'],
]);

type Outcome = { readonly type: string } | { readonly code: string; readonly message: string };

function planned(sample: Sample): Outcome {
  const from = sample.from === undefined ? '' : ` FROM ${sample.from}`;
  try {
    const { root } = planQuery(`SELECT ${sample.sql} AS v${from}`, new Catalog());
    return { type: flinkType(root.schema.fields[0]!.type) };
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return { code: error.code, message: error.message };
  }
}

function complaint(sample: Sample): string | null {
  const outcome = planned(sample);
  if ('type' in outcome) {
    if (sample.type === outcome.type) return null;
    return `${sample.sql}: ${outcome.type}, Flink says ${sample.type ?? sample.error}`;
  }
  if (outcome.code === 'SQL_UNSUPPORTED' || sample.error !== undefined) return null;
  return `${sample.sql}: ${outcome.message}, Flink says ${sample.type}`;
}

test('expressions have the types a real Flink gave them, or are refused where it refused them', () => {
  const complaints = samples.filter(sample => !DIFFERENCES.has(sample.sql)).map(complaint);
  expect(complaints.filter(c => c !== null)).toEqual([]);
});

test('most of the recorded expressions are supported', () => {
  const outcomes = samples.map(planned);
  const unsupported = outcomes.filter(o => 'code' in o && o.code === 'SQL_UNSUPPORTED').length;
  expect(samples.length - unsupported).toBeGreaterThan(1000);
});

test('refusals use the words of Flink', () => {
  const refused = samples.filter(s => s.error !== undefined && !DIFFERENCES.has(s.sql));
  const same = refused.filter(sample => {
    const outcome = planned(sample);
    return 'message' in outcome && outcome.message.endsWith(`: ${sample.error}`);
  });
  expect(same.length / refused.length).toBeGreaterThan(0.85);
});
