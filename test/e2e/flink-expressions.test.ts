import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MillraceError } from '../../src/core/mod.ts';
import { evaluate } from '../support/evaluate.ts';

/** An expression and what a real Flink answered. */
interface Sample {
  readonly group: string;
  readonly sql: string;
  readonly from?: string;
  readonly tz?: string;
  readonly value?: string | null;
  readonly error?: string;
}

const file = join(process.env['MILLRACE_ENGINES'] ?? '', 'flink-samples/expressions.jsonl');
const known = existsSync(file);
if (!known) console.log('flink-expressions: skipped, MILLRACE_ENGINES holds no flink-samples');

/**
 * Answers that differ, and why: constants that Flink folds otherwise than it computes columns, the platform's
 * shortest digits of the least double, and Flink's own slips before 1970 and beyond the year 9999.
 */
const DIFFERENCES_MAX = 30;
const MATCHES_MIN = 750;

function answer({ sql, from, tz }: Sample): string | null {
  const options = tz === undefined ? {} : { 'table.local-time-zone': tz };
  const tail = from === undefined ? '' : ` FROM ${from}`;
  const { schema, rows } = evaluate(`SELECT ${sql} AS v${tail}`, options);
  const { kind } = schema.fields[0]!.type;
  const value = rows[0]?.[0] ?? null;
  if (value === null || kind === 'VARCHAR' || kind === 'CHAR') return value as string | null;
  return evaluate(`SELECT CAST(${sql} AS STRING) AS v${tail}`, options).rows[0]![0] as string;
}

test.skipIf(!known)('expressions answer as Flink does', () => {
  const differ: string[] = [];
  let [matches, refused] = [0, 0];
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    const sample = JSON.parse(line) as Sample;
    if (sample.value === undefined) continue;
    try {
      const got = answer(sample);
      if (got === sample.value) matches++;
      else differ.push(`${sample.sql}: ${got}, Flink ${sample.value}`);
    } catch (error) {
      const unknown = error instanceof MillraceError && error.code.startsWith('SQL_');
      if (unknown) refused++;
      else differ.push(`${sample.sql}: ${error}, Flink ${sample.value}`);
    }
  }
  console.log(
    `flink-expressions: ${matches} equal, ${refused} not supported yet, ${differ.length} different`,
  );
  for (const line of differ) console.log(`  ${line}`);
  expect(matches).toBeGreaterThanOrEqual(MATCHES_MIN);
  expect(differ.length).toBeLessThanOrEqual(DIFFERENCES_MAX);
});
