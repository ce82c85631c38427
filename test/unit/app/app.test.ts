import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findApp, importModule, loadApp, resolveParameters, viewDeclaration } from '../../../src/app/mod.ts';

const MANIFEST =
  'name: shop\ntitle: Shop\ndatabase: shop\nparameters:\n  rate: { default: 5, description: x }\n';
const view = (text = '') => ({ name: 'orders', path: 'views/orders.sql', text });

describe('an application folder', () => {
  let folder: string;
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'millrace app ')), 'my shop');
    write('app.yaml', MANIFEST);
  });
  afterEach(() => rmSync(dirname(folder), { recursive: true, force: true }));

  test('is read with its files in order', () => {
    write('database/02.sql', 'b');
    write('database/01.sql', 'a');
    write('jobs/kpi.sql', 'j');
    write('topics.yaml', '- name: t\n  partitions: 3\n');
    write('connectors/cdc.json', '{"name":"cdc","config":{"a":"b"}}');
    const app = loadApp(folder);
    expect(app.database.map(file => file.text)).toEqual(['a', 'b']);
    expect(app.jobs).toEqual([{ name: 'kpi', path: join('jobs', 'kpi.sql'), text: 'j' }]);
    expect(app.topics).toEqual([{ name: 't', partitions: 3, config: {} }]);
    expect(app.manifest.time_zone).toBe('UTC');
  });

  test('is refused with file and place where it is wrong', () => {
    write('app.yaml', MANIFEST.replace('Shop', 'Shop\ntime_zone: Mars/Base'));
    expect(() => loadApp(folder)).toThrow(/app.yaml: time_zone: not a time zone/);
    write('app.yaml', `${MANIFEST}colour: red\n`);
    expect(() => loadApp(folder)).toThrow(/colour/);
    write('app.yaml', 'name: [');
    expect(() => loadApp(folder)).toThrow(/app.yaml: .*line 1/s);
    rmSync(join(folder, 'app.yaml'));
    expect(() => loadApp(folder)).toThrow(/app.yaml is missing/);
  });

  test('is found by path or name; the error says what there is', () => {
    expect(findApp(folder, '/nowhere')).toBe(folder);
    expect(findApp('my shop', dirname(folder))).toBe(folder);
    expect(() => findApp('shoop', dirname(folder))).toThrow(/There are: my shop/);
  });

  test('parameters are those declared, of the declared type', () => {
    const { manifest } = loadApp(folder);
    expect(resolveParameters(manifest, new Map())).toEqual({ rate: 5 });
    expect(resolveParameters(manifest, new Map([['rate', '7']]))).toEqual({ rate: 7 });
    expect(() => resolveParameters(manifest, new Map([['rate', 'x']]))).toThrow(/expected a number/);
    expect(() => resolveParameters(manifest, new Map([['speed', '1']]))).toThrow(/shop has: rate/);
  });

  test('its TypeScript runs, imports millrace/app and its own files, and nothing else', async () => {
    write(
      'routes/a.ts',
      "import { z } from 'millrace/app';\nimport { n } from './n.ts';\nexport default z.number().parse(n);",
    );
    write('routes/n.ts', 'export const n: number = 42;');
    const module = await importModule(join(folder, 'routes/a.ts'), join(folder, 'cache'));
    expect(module['default']).toBe(42);
    write('routes/b.ts', "import pg from 'pg';\nexport default pg;");
    await expect(importModule(join(folder, 'routes/b.ts'), join(folder, 'cache'))).rejects.toThrow(
      /only millrace\/app/,
    );
    write('routes/c.ts', 'export default ;;(');
    await expect(importModule(join(folder, 'routes/c.ts'), join(folder, 'cache'))).rejects.toThrow(/c.ts/);
  });
});

describe('the options of a live view', () => {
  test('name its key, bound and retention', () => {
    const options = {
      'view.key': 'a, b',
      'view.rows.max': '9',
      'view.retention': '2 h',
      'view.retention.column': 't',
    };
    expect(viewDeclaration(view(), options)).toEqual({
      name: 'orders',
      key: ['a', 'b'],
      rowsMax: 9,
      retention: { column: 't', ms: 7_200_000 },
    });
  });

  test('are refused with the file where they are wrong', () => {
    expect(() => viewDeclaration(view(), {})).toThrow(/views\/orders.sql: SET 'view.key'/);
    expect(() => viewDeclaration(view(), { 'view.key': 'a', 'view.rows.max': '0' })).toThrow(/view.rows.max/);
    expect(() => viewDeclaration(view(), { 'view.key': 'a', 'view.retention': '2 h' })).toThrow(
      /retention.column/,
    );
    expect(() => viewDeclaration(view(), { 'view.keys': 'a' })).toThrow(/unknown option 'view.keys'/);
    const wrong = { 'view.key': 'a', 'view.retention': 'long', 'view.retention.column': 't' };
    expect(() => viewDeclaration(view(), wrong)).toThrow(/like '12 h'/);
  });
});
