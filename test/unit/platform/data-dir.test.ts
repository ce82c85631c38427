import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DATA_VERSION, openDataDir, readControl } from '../../../src/platform/data-dir.ts';

describe('the data directory', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'millrace data '));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test('is created, held, published and released', () => {
    const first = openDataDir(root);
    expect(first.fresh).toBe(true);
    first.publish({
      pid: process.pid,
      url: 'http://x',
      app: 'a',
      startedMs: 1,
      databaseUrl: null,
      token: '',
    });
    expect(readControl(root)).toMatchObject({ url: 'http://x' });
    first.release();
    expect(readControl(root)).toBeUndefined();
    expect(openDataDir(root).fresh).toBe(false);
  });

  test('of a newer version is refused untouched', () => {
    writeFileSync(join(root, 'version'), `${DATA_VERSION + 1}\n`);
    expect(() => openDataDir(root)).toThrow(/version 2.*Upgrade/);
    expect(readdirSync(root)).toEqual(['version']);
  });

  test('with foreign files is refused untouched', () => {
    writeFileSync(join(root, 'thesis.txt'), 'x');
    expect(() => openDataDir(root)).toThrow(/thesis.txt/);
    expect(readdirSync(root)).toEqual(['thesis.txt']);
  });

  test('held by a living Node is refused; one whose holder is gone is taken over', () => {
    openDataDir(root).release();
    writeFileSync(join(root, 'lock'), String(process.ppid));
    expect(() => openDataDir(root)).toThrow(/in use by process/);
    writeFileSync(join(root, 'lock'), '999999999');
    openDataDir(root);
    expect(readFileSync(join(root, 'lock'), 'utf8')).toBe(String(process.pid));
  });
});
