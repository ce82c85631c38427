import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPace } from '../../../src/platform/replay/pace.ts';
import { type FileRow, fileRows } from '../../../src/platform/replay/rows.ts';

describe('rows of a file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace replay '));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const read = async (name: string, content: string | Uint8Array): Promise<FileRow[]> => {
    writeFileSync(join(folder, name), content);
    const rows: FileRow[] = [];
    for await (const row of fileRows(join(folder, name))) rows.push(row);
    return rows;
  };

  test('CSV, gzipped or not, by its header; fields stay text, empty ones are null', async () => {
    const csv = 'a,b\n1.10,"x, ""y""\nz"\n,\n';
    const expected = [
      { kind: 'row', row: { a: '1.10', b: 'x, "y"\nz' } },
      { kind: 'row', row: { a: null, b: null } },
    ];
    expect(await read('a.csv', csv)).toEqual(expected);
    expect(await read('a.csv.gz', gzipSync(csv))).toEqual(expected);
  });

  test('a quote in TSV is only a character; a line of another width is bad, with its number', async () => {
    expect(await read('a.tsv', 'a\tb\nGood "one\t1\nshort\nfine\t0\n')).toEqual([
      { kind: 'row', row: { a: 'Good "one', b: '1' } },
      { kind: 'bad', line: 3, reason: '1 fields, expected 2', text: 'short' },
      { kind: 'row', row: { a: 'fine', b: '0' } },
    ]);
  });

  test('JSON lines; what is no object is bad', async () => {
    const rows = await read('a.jsonl', '{"a":1}\n\n[1]\n{"a"\n');
    expect(rows.map(row => row.kind)).toEqual(['row', 'bad', 'bad']);
    expect(rows[2]).toMatchObject({ line: 4, text: '{"a"' });
  });

  test('a missing file or an unknown kind is refused', async () => {
    const drain = async (path: string): Promise<void> => {
      for await (const row of fileRows(path)) expect(row).toBeUndefined();
    };
    await expect(drain(join(folder, 'none.csv'))).rejects.toThrow(/can't be read/);
    await expect(drain(join(folder, 'x.parquet'))).rejects.toThrow(/expected a .csv/);
  });
});

describe('the pace of a replay', () => {
  const clock = { nowMs: () => 0, monotonicMs: () => 0, sleep: () => Promise.resolve() };

  test('follows recorded time, N times as fast', () => {
    const pace = createPace('60', 'at', clock);
    expect(pace.waitMs({ at: '2026-01-01 00:00:00' })).toBe(0);
    expect(pace.waitMs({ at: '2026-01-01 01:00:00' })).toBe(60_000);
    expect(pace.waitMs({ at: 'no date' })).toBe(0);
  });

  test('without recorded time it is rows a second', () => {
    const pace = createPace('10', undefined, clock);
    expect([1, 2, 3].map(() => pace.waitMs({}))).toEqual([0, 100, 200]);
    expect(() => createPace('fast', undefined, clock)).toThrow(/expected `max`/);
  });
});
