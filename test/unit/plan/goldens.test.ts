import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadApp, loadFunctions } from '../../../src/app/mod.ts';
import { MillraceError } from '../../../src/core/mod.ts';
import { Catalog, explain, explainNode, planScript } from '../../../src/plan/mod.ts';

/** Adding a test is adding a file; `vitest -u` writes what is expected of it. */
const sqlFiles = (folder: string) => readdirSync(folder).filter(name => name.endsWith('.sql'));

function planText(sql: string, catalog = new Catalog()): string {
  const { plan, queries } = planScript(sql, catalog);
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

const cacheFolder = mkdtempSync(join(tmpdir(), 'millrace-goldens-'));
afterAll(() => rmSync(cacheFolder, { recursive: true, force: true }));

test.each(sqlFiles('apps/flavor-trend/jobs'))('the plan of the job %s', async name => {
  const sql = readFileSync(`apps/flavor-trend/jobs/${name}`, 'utf8');
  const { library } = await loadFunctions({ app: loadApp('apps/flavor-trend'), cacheFolder });
  await expect(planText(sql, Catalog.withFunctions(library))).toMatchFileSnapshot(
    `../../plan/flavor-trend/${name.replace('.sql', '.plan')}`,
  );
});

test.each(sqlFiles('test/plan/rejected'))('%s is refused', async name => {
  const sql = readFileSync(`test/plan/rejected/${name}`, 'utf8');
  const text = refusal(sql);
  expect(text).not.toBe('accepted\n');
  await expect(text).toMatchFileSnapshot(`../../plan/rejected/${name.replace('.sql', '.error')}`);
});
