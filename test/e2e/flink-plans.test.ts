import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MillraceError } from '../../src/core/mod.ts';
import { Catalog, planScript } from '../../src/plan/mod.ts';

const folder = join(process.env['MILLRACE_ENGINES'] ?? '', 'flink-samples/queries');
const known = existsSync(folder);
if (!known) console.log('flink-plans: skipped, MILLRACE_ENGINES holds no flink-samples');

/** Nodes that one side has and the other has not, or under another name: they do not change what is sent. */
const LEFT_OUT = /^(?:Calc|Exchange|WatermarkAssigner|MiniBatchAssigner)$/;
const MATCHES_MIN = 69;

/** What the root of a plan may send, then its nodes from the root on, each with what it may send. */
function nodesOf(lines: readonly string[]): string {
  const nodes = lines.map(line => {
    const text = line.replace(/^[ :+|-]*/, '');
    const mode = /changelogMode=\[([^\]]*)\]/.exec(text)?.[1] ?? '';
    return [/^\w+/.exec(text)?.[0] ?? '', mode] as const;
  });
  const kept = nodes.filter(([kind]) => !LEFT_OUT.test(kind));
  return [nodes[0]?.[1], ...kept.map(node => node.join(' '))].join('; ');
}

function ourPlan(sql: string): readonly string[] {
  const text = sql.trim().replace(/;$/, '');
  const last = text.lastIndexOf(';') + 1;
  const explained = `${text.slice(0, last)} EXPLAIN CHANGELOG_MODE ${text.slice(last)}`;
  const { answers } = planScript(explained, new Catalog(), { 'table.local-time-zone': 'UTC' });
  return String(answers[0]!.rows[0]![0])
    .split('\n')
    .slice(1)
    .filter(line => line.trim() !== '');
}

test.skipIf(!known)('most recorded queries send the changes that Flink plans, node by node', () => {
  const lines: string[] = [];
  let matches = 0;
  for (const file of readdirSync(folder).filter(name => name.endsWith('.sql'))) {
    const recorded = readFileSync(join(folder, file.replace('.sql', '.expected.json')), 'utf8');
    const { plan } = JSON.parse(recorded) as { readonly plan?: readonly string[] };
    if (plan === undefined) continue;
    try {
      const [got, want] = [nodesOf(ourPlan(readFileSync(join(folder, file), 'utf8'))), nodesOf(plan)];
      if (got === want) matches++;
      else lines.push(`${file}\n    ours  ${got}\n    Flink ${want}`);
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      lines.push(`${file}: ${error.message}`);
    }
  }
  console.log(
    `flink-plans: ${matches} equal, ${lines.length} planned in another way\n  ${lines.join('\n  ')}`,
  );
  expect(matches).toBeGreaterThanOrEqual(MATCHES_MIN);
});
