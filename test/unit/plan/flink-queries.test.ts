import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Catalog, flinkType, planQuery } from '../../../src/plan/mod.ts';
import { finalTable } from '../../support/flink-query.ts';

/** Queries, their input, and what a real Flink 1.20 made of it: the columns and the final table. */
const FOLDER = 'test/fixtures/flink/queries';

interface Expected {
  readonly columns: readonly (readonly [string, string])[];
  readonly final: readonly (readonly (string | null)[])[];
}

const names = readdirSync(FOLDER)
  .filter(name => name.endsWith('.sql'))
  .map(name => name.slice(0, -4));

function linesOf(name: string, table: string): readonly string[] {
  const paths = [`${FOLDER}/${name}.${table}.input.jsonl`, `${FOLDER}/${name}.input.jsonl`];
  return readFileSync(paths.find(existsSync)!, 'utf8').trim().split('\n');
}

const sorted = (rows: Expected['final']) => rows.map(row => JSON.stringify(row)).sort();

test.each(names)('%s has the columns and the answer of a real Flink', name => {
  const sql = readFileSync(`${FOLDER}/${name}.sql`, 'utf8');
  const expected = JSON.parse(readFileSync(`${FOLDER}/${name}.expected.json`, 'utf8')) as Expected;
  const { root } = planQuery(sql, new Catalog());
  expect(root.schema.fields.map(f => [f.name, flinkType(f.type)])).toEqual(expected.columns);
  expect(sorted(finalTable(sql, table => linesOf(name, table)))).toEqual(sorted(expected.final));
});
