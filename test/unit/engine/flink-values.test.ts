import { expect, test } from 'vitest';
import { expressionSamples, judgeExpression } from '../../support/flink-samples.ts';

const samples = expressionSamples('test/fixtures/flink');

/** A run of some hundred expressions each, so that a failure names its part. */
const groups = [...new Set(samples.map(sample => sample.group))];

test.each(groups)('%s: each expression has the value and type that Flink gave it', group => {
  const others = samples
    .filter(sample => sample.group === group)
    .map(sample => ({ sql: sample.sql, verdict: judgeExpression(sample) }))
    .filter(({ verdict }) => verdict.kind !== 'equal' && verdict.kind !== 'refused');
  expect(others).toEqual([]);
});
