import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Catalog, planScript } from '../../../src/plan/mod.ts';
import { answerLines } from '../../support/slt-accumulate.ts';

/** What EXPLAIN CHANGELOG_MODE of a real Flink 1.20 said of these statements. */
const { tables, cases } = JSON.parse(
  readFileSync('test/fixtures/flink/changelog-modes.json', 'utf8'),
) as Fixture;

interface Fixture {
  readonly tables: readonly string[];
  readonly cases: readonly { readonly sql: string; readonly plan: readonly string[] }[];
}

/** Nodes that pass changes on as they are, or that are part of the sink in Flink. */
const PASSING = ['Calc', 'ConstraintEnforcer', 'Exchange', 'Sink', 'SinkMaterializer', 'WatermarkAssigner'];
/** The same by two names. */
const NAMES: Readonly<Record<string, string>> = { ReplicateRows: 'Correlate' };

/** The nodes of a plan with their changelog modes, from the last to the sources. */
function modes(lines: readonly string[]): readonly string[] {
  const nodes = lines.flatMap(line => {
    const found = /^[\s:|]*(?:[+:]- )?(\w+).*changelogMode=\[([\w,]*)\]/.exec(line);
    return found === null ? [] : [{ name: found[1]!, mode: found[2]! }];
  });
  return nodes
    .filter(({ name }) => !PASSING.includes(name))
    .map(({ name, mode }) => `${NAMES[name] ?? name} ${mode}`);
}

test.each(cases)("changelog modes as Flink's: $sql", ({ sql, plan }) => {
  const script = [...tables, `EXPLAIN CHANGELOG_MODE ${sql}`].join(';\n');
  expect(modes(answerLines(planScript(script, new Catalog()).answers))).toEqual(modes(plan));
});
