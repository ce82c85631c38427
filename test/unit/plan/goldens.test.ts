import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MillraceError } from '../../../src/core/mod.ts';
import { Catalog, explain, explainNode, planScript } from '../../../src/plan/mod.ts';

/** Adding a test is adding a file; `vitest -u` writes what is expected of it. */
const sqlFiles = (folder: string) => readdirSync(folder).filter(name => name.endsWith('.sql'));

function planText(sql: string): string {
  const { plan, queries } = planScript(sql, new Catalog());
  const views = queries.map(({ root, key }) => {
    const names = key?.map(column => root.schema.fields[column]!.name).join(', ') ?? 'none';
    return `${explainNode(root)}key: ${names}\n`;
  });
  return [...(plan.sinks.length > 0 ? [explain(plan)] : []), ...views].join('\n');
}

function refusal(sql: string): string {
  try {
    planScript(sql, new Catalog());
  } catch (error) {
    if (error instanceof MillraceError) return `${error.code} ${error.message}\n`;
    throw error;
  }
  return 'accepted\n';
}

test.each(sqlFiles('test/plan'))('the plan of %s', async name => {
  const sql = readFileSync(`test/plan/${name}`, 'utf8');
  await expect(planText(sql)).toMatchFileSnapshot(`../../plan/${name.replace('.sql', '.plan')}`);
});

test.each(sqlFiles('apps/flavor-trend/jobs'))('the plan of the job %s', async name => {
  const sql = readFileSync(`apps/flavor-trend/jobs/${name}`, 'utf8');
  await expect(planText(sql)).toMatchFileSnapshot(`../../plan/flavor-trend/${name.replace('.sql', '.plan')}`);
});

test.each(sqlFiles('test/plan/rejected'))('%s is refused', async name => {
  const sql = readFileSync(`test/plan/rejected/${name}`, 'utf8');
  const text = refusal(sql);
  expect(text).not.toBe('accepted\n');
  await expect(text).toMatchFileSnapshot(`../../plan/rejected/${name.replace('.sql', '.error')}`);
});
