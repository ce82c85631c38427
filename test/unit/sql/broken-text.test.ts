import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MillraceError } from '../../../src/core/mod.ts';
import { Catalog, planScript } from '../../../src/plan/mod.ts';
import { parseScript } from '../../../src/sql/mod.ts';

const everything = readFileSync('test/unit/sql/everything.sql', 'utf8');
const jobs = readFileSync('apps/flavor-trend/jobs/city_kpi.sql', 'utf8');

/** What is wrong in a text is the user's to mend: nothing but SQL_INVALID and SQL_UNSUPPORTED may come of it. */
function outcome(run: () => unknown): string {
  try {
    run();
    return 'accepted';
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    expect(error.position).toBeDefined();
    return error.code;
  }
}
const ALLOWED = ['accepted', 'SQL_INVALID', 'SQL_UNSUPPORTED'];

/** Cuts a piece out of a text and may put another piece of it there. */
function damaged(text: string) {
  const place = fc.nat({ max: text.length - 1 });
  return fc
    .tuple(place, fc.nat({ max: 40 }), place, fc.nat({ max: 40 }))
    .map(
      ([from, cut, other, length]) =>
        text.slice(0, from) + text.slice(other, other + length) + text.slice(from + cut),
    );
}

test('damaged text is refused with a place, whatever the damage', () => {
  const property = fc.property(damaged(everything), text => {
    expect(ALLOWED).toContain(outcome(() => parseScript(text)));
  });
  fc.assert(property, { numRuns: 400, seed: 11 });
});

test('a damaged job is refused with a place or still a job', () => {
  const property = fc.property(damaged(jobs), text => {
    expect(ALLOWED).toContain(outcome(() => planScript(text, new Catalog())));
  });
  fc.assert(property, { numRuns: 400, seed: 12 });
});

test.each([
  ['parentheses', `SELECT ${'('.repeat(20_000)}1${')'.repeat(20_000)}`],
  ['queries', `SELECT * FROM ${'(SELECT * FROM '.repeat(5000)}t${')'.repeat(5000)}`],
  ['signs', `SELECT ${'- '.repeat(20_000)}1`],
  ['operators', `SELECT 1${' + 1'.repeat(20_000)}`],
  ['types', `CREATE TABLE t (a ${'ARRAY<'.repeat(5000)}INT${'>'.repeat(5000)})`],
])('%s without end are refused before the stack is', (_, sql) => {
  expect(outcome(() => planScript(sql, new Catalog()))).toBe('SQL_INVALID');
});

test('what is long but not too long is planned', () => {
  const sum = `SELECT 1${' + 1'.repeat(900)}`;
  expect(planScript(sum, new Catalog()).queries.length).toBe(1);
  const nested = `SELECT ${'('.repeat(190)}1${')'.repeat(190)}`;
  expect(planScript(nested, new Catalog()).queries.length).toBe(1);
});
