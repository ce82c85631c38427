import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jdbcLookup, jdbcSource } from '../../../src/connectors/postgres/mod.ts';
import type { DataType, RowValue } from '../../../src/core/mod.ts';
import { openPostgres, type PostgresHandle } from '../../../src/platform/postgres/mod.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { rowsOf } from '../../support/batch-rows.ts';
import { boundedSourceConformance, readToEnd } from '../../support/source-conformance.ts';
import { batchOf, tableOf } from '../../support/tables.ts';
import { decimal, notNull, T, timestamp, timestampLtz } from '../formats/support.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-jdbc-read-'));
let postgres: PostgresHandle;
let client: pg.Client;

beforeAll(async () => {
  chmodSync(directory, 0o755);
  postgres = await openPostgres({
    directory: join(directory, 'postgres'),
    clock: systemClock,
    logger: { info: () => undefined, warn: () => undefined },
    port: 5711,
  });
  client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(
    `CREATE TABLE numbered (id int PRIMARY KEY, "Odd name" text);
     INSERT INTO numbered SELECT i, 'n' || i FROM generate_series(1, 25) i;
     CREATE TABLE heap (v int); INSERT INTO heap SELECT i FROM generate_series(1, 25) i`,
  );
});

afterAll(async () => {
  await client?.end();
  await postgres?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const deps = { postgresUrl: () => postgres.url };

function sourceOf(
  fields: Record<string, DataType>,
  key: readonly string[],
  options: Record<string, string>,
  projection = Object.keys(fields).map((_, i) => i),
) {
  return jdbcSource(tableOf(fields, key, { connector: 'jdbc', ...options }), projection, deps);
}

const numbered = { id: notNull(T.int), 'Odd name': T.text };

describe('jdbc, a table with a key', () => {
  boundedSourceConformance(async () => ({
    open: async () => sourceOf(numbered, ['id'], { 'table-name': 'numbered', 'scan.fetch-size': '10' }),
    expected: Array.from({ length: 25 }, (_, i) => JSON.stringify(['+I', i + 1, `n${i + 1}`])),
  }));
});

describe('jdbc, a table without a key', () => {
  boundedSourceConformance(async () => ({
    open: async () => sourceOf({ v: T.int }, [], { 'table-name': 'heap', 'scan.fetch-size': '10' }),
    expected: Array.from({ length: 25 }, (_, i) => JSON.stringify(['+I', i + 1])),
  }));
});

describe('jdbc reads', () => {
  it('in the parts that scan.partition asks for, and only what lies within', async () => {
    const options = {
      'table-name': 'public.numbered',
      'scan.partition.column': 'id',
      'scan.partition.num': '3',
      'scan.partition.lower-bound': '2',
      'scan.partition.upper-bound': '11',
    };
    const source = sourceOf(numbered, ['id'], options, [0]);
    expect(await source.splits()).toHaveLength(3);
    const { rows } = await readToEnd(source);
    expect(rows).toEqual(Array.from({ length: 10 }, (_, i) => JSON.stringify(['+I', i + 2])));
  });

  it('every type as it is, NULL too', async () => {
    await client.query(
      `CREATE TABLE typed (id int PRIMARY KEY, b boolean, s smallint, l bigint, r real, d double precision,
        n numeric(30, 4), t text, x bytea, dt date, tm time, ts timestamp, tz timestamptz);
       INSERT INTO typed VALUES (1, true, -5, 9007199254740993, 1.5, 'NaN', 12345678901234567890.1234, 'ü''', '\\x00ff',
        '2024-02-29', '12:34:56.789', '2024-01-01 10:00:00.123456', '2024-01-01 12:00:00.5+02');
       INSERT INTO typed (id) VALUES (2)`,
    );
    const fields = {
      id: notNull(T.int),
      b: T.bool,
      s: T.small,
      l: T.long,
      r: T.float,
      d: T.double,
      n: decimal(30, 4),
      t: T.text,
      x: T.bytes,
      dt: T.date,
      tm: T.time,
      ts: timestamp(6),
      tz: timestampLtz(3),
    };
    const source = sourceOf(fields, ['id'], { 'table-name': 'typed' });
    const reader = await source.open({ id: '0' }, null);
    const event = await reader.poll(0, new AbortController().signal);
    const at = Date.UTC(2024, 0, 1, 10);
    expect(event.kind === 'batch' && rowsOf(event.batch)).toEqual([
      [
        ...['+I', 1, true, -5, 9007199254740993n, 1.5, Number.NaN, 123456789012345678901234n, "ü'", '00ff'],
        ...[19782, 45296789, [at + 123, 456000], [at + 500, 0]],
      ],
      ['+I', 2, ...Array<null>(12).fill(null)],
    ]);
    await reader.close();
  });

  it('refuses what it can not read', async () => {
    const open = (fields: Record<string, DataType>, name: string) =>
      sourceOf(fields, [], { 'table-name': name }).open({ id: '0' }, null);
    await expect(open({ id: T.int }, 'nowhere')).rejects.toThrow('the database has no table "nowhere"');
    await expect(open({ nope: T.int }, 'numbered')).rejects.toThrow("has no column 'nope'");
    const wrong = await open({ 'Odd name': T.int }, 'numbered');
    await expect(wrong.poll(0, new AbortController().signal)).rejects.toThrow(
      "column 'Odd name': 'n1' is no INT value",
    );
    await wrong.close();
    const halfGiven = { 'table-name': 'numbered', 'scan.partition.num': '2' };
    expect(() => sourceOf(numbered, [], halfGiven)).toThrow('Either all or none');
    const array = { kind: 'ARRAY', element: T.int, nullable: true } as const;
    expect(() => sourceOf({ a: array }, [], { 'table-name': 't' })).toThrow('of type ARRAY');
  });
});

describe('jdbc looks up', () => {
  const fields = { id: notNull(T.int), kind: T.text, name: T.text };

  it('the rows of many keys at once, by values that are bound', async () => {
    await client.query(
      `CREATE TABLE places (id int, kind text, name text);
       INSERT INTO places VALUES (1, 'a', 'one'), (1, 'a', 'uno'), (2, 'it''s', 'two'), (3, NULL, 'three')`,
    );
    const table = tableOf(fields, [], { connector: 'jdbc', 'table-name': 'places' });
    const lookup = jdbcLookup(table, [2], [0, 1], deps);
    const schema = { fields: table.physicalSchema.fields.slice(0, 2) };
    const ask = async (...keys: readonly (readonly [RowValue, RowValue])[]) => {
      const { rows, keyOf } = await lookup.find(
        batchOf(
          schema,
          keys.map(key => ['+I', ...key] as const),
        ),
      );
      return [rowsOf(rows).map(row => row[1]), [...keyOf]];
    };
    expect(await ask([7, "'; DROP TABLE places"], [2, "it's"], [1, 'a'])).toEqual([
      ['two', 'one', 'uno'],
      [1, 2, 2],
    ]);
    expect(await ask([3, 'x'])).toEqual([[], []]);
    // PostgreSQL has no such text, so that nothing equals it.
    expect(await ask([1, 'a\0'], [2, "it's"])).toEqual([['two'], [1]]);
    // A lost connection is made anew.
    await client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%table%'",
    );
    expect(await ask([2, "it's"])).toEqual([['two'], [0]]);
    await lookup.close();
  });
});
