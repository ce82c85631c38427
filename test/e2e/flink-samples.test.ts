import { expect, test } from 'vitest';
import { FLINK_EXCEPTIONS } from '../support/flink-exceptions.ts';
import {
  expressionSamples,
  judgeExpression,
  judgeQuery,
  querySamples,
  samplesFolder,
  type Verdict,
} from '../support/flink-samples.ts';

const folder = samplesFolder();
if (folder === undefined) console.log('flink-samples: skipped, MILLRACE_ENGINES is not set');

/** Counts, and the names of what is not as in Flink; a name without a reason shows as such. */
function summary(verdicts: readonly (readonly [string, Verdict])[]) {
  const count = (kind: Verdict['kind']) => verdicts.filter(([, verdict]) => verdict.kind === kind).length;
  const named = (kind: Verdict['kind']) =>
    verdicts.flatMap(([name, verdict]) => (verdict.kind === kind ? [name] : [])).sort();
  for (const [name, verdict] of verdicts) {
    if ('detail' in verdict) console.log(`  ${verdict.kind}: ${name}: ${verdict.detail.slice(0, 300)}`);
  }
  const reasons = named('different').map(name => [name, FLINK_EXCEPTIONS[name] ?? 'NO REASON'] as const);
  return {
    equal: count('equal'),
    refusedAlike: count('refused'),
    unsupported: named('unsupported'),
    exceptions: Object.fromEntries(reasons),
  };
}

test.skipIf(folder === undefined)(
  'every recorded expression and query of Flink answers the same',
  async () => {
    const expressions = expressionSamples(folder!);
    const queries = querySamples(folder!);
    expect(expressions.length).toBeGreaterThan(0);
    expect(queries.length).toBeGreaterThan(0);
    const found = {
      expressions: summary(
        expressions.map(sample => [`${sample.group}: ${sample.sql}`, judgeExpression(sample)]),
      ),
      queries: summary(queries.map(file => [file, judgeQuery(folder!, file)])),
    };
    console.log(`flink-samples: ${expressions.length} expressions, ${queries.length} queries`);
    expect(JSON.stringify(found)).not.toContain('NO REASON');
    // The counts of docs/reference/sql.md come from this file.
    await expect(`${JSON.stringify(found, null, 2)}\n`).toMatchFileSnapshot('../fixtures/flink/samples.json');
  },
);
