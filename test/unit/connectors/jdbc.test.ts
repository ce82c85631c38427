import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jdbcSink } from '../../../src/connectors/postgres/mod.ts';
import type { DataType, RowValue } from '../../../src/core/mod.ts';
import type { ChangelogMode } from '../../../src/plan/mod.ts';
import { openPostgres, type PostgresHandle } from '../../../src/platform/postgres/mod.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { exactlyOnceSinkConformance } from '../../support/sink-conformance.ts';
import { batchOf, tableOf } from '../../support/tables.ts';
import { decimal, notNull, T, timestamp, timestampLtz } from '../formats/support.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-jdbc-'));
let postgres: PostgresHandle;
let client: pg.Client;

beforeAll(async () => {
  chmodSync(directory, 0o755);
  const logger = { info: () => undefined, warn: () => undefined };
  postgres = await openPostgres({
    directory: join(directory, 'postgres'),
    clock: systemClock,
    logger,
    port: 5700,
  });
  client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
});

afterAll(async () => {
  await client?.end();
  await postgres?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const sinkOf = (
  fields: Record<string, DataType>,
  key: readonly string[],
  options: Record<string, string>,
  input: ChangelogMode = 'retract',
) => {
  const table = tableOf(fields, key, { connector: 'jdbc', ...options });
  return jdbcSink(table, input, { postgresUrl: () => postgres.url });
};

const rowsOf = async (text: string): Promise<unknown[][]> =>
  (await client.query({ text, rowMode: 'array' })).rows;

let tables = 0;

describe('jdbc, exactly-once', () => {
  exactlyOnceSinkConformance(async () => {
    const name = `conformance_${++tables}`;
    await client.query(`CREATE TABLE ${name} (id int PRIMARY KEY, v text)`);
    const fields = { id: notNull(T.int), v: T.text };
    return {
      schema: tableOf(fields, ['id'], {}).physicalSchema,
      open: async () => sinkOf(fields, ['id'], { 'table-name': name }),
      visible: async () => (await rowsOf(`SELECT id, v FROM ${name}`)).map(r => r.join(':')),
      rows: [
        { row: ['+I', 1, 'a'], shown: '1:a' },
        { row: ['+I', 2, null], shown: '2:' },
      ],
    };
  });

  it('keeps the last change of each key, deletes included', async () => {
    await client.query('CREATE TABLE "odd ""name" (a int, "B c" text, v int, UNIQUE ("B c", a))');
    const fields = { a: notNull(T.int), 'B c': notNull(T.text), v: T.int };
    const sink = sinkOf(fields, ['a', 'B c'], { 'table-name': 'odd "name' });
    const schema = tableOf(fields, [], {}).physicalSchema;
    const at = { incarnation: 'k', sinkId: 's' };
    const [writer, committer] = [await sink.openWriter(at), (await sink.openCommitter(at))!];
    await writer.write(
      batchOf(schema, [
        ['+I', 1, 'x', 1],
        ['-U', 1, 'x', 1],
        ['+U', 1, 'x', 2],
        ['+I', 2, 'y', 5],
      ]),
    );
    await committer.commit(1, (await writer.prepare(1))!);
    expect(await rowsOf('SELECT * FROM "odd ""name" ORDER BY a')).toEqual([
      [1, 'x', 2],
      [2, 'y', 5],
    ]);
    await writer.write(
      batchOf(schema, [
        ['-D', 1, 'x', 2],
        ['-U', 2, 'y', 5],
        ['+U', 2, 'z', 6],
      ]),
    );
    await committer.commit(2, (await writer.prepare(2))!);
    expect(await rowsOf('SELECT * FROM "odd ""name"')).toEqual([[2, 'z', 6]]);
    await committer.close();
  });

  it('writes every type, timestamps as UTC', async () => {
    await client.query(
      'CREATE TABLE types (b boolean, i smallint, l bigint, d float8, n numeric(38,10), s text, y bytea, day date, ' +
        't time, ts timestamp, tz timestamptz, tt timestamptz, j jsonb, c char(3), e varchar(3))',
    );
    const fields: Record<string, DataType> = {
      b: T.bool,
      i: T.small,
      l: T.long,
      d: T.double,
      n: decimal(38, 10),
      s: T.text,
      y: T.bytes,
      day: T.date,
      t: T.time,
      ts: timestamp(6),
      tz: timestampLtz(3),
      tt: timestamp(3),
      j: { kind: 'ARRAY', element: T.int, nullable: true },
      c: T.text,
      e: T.text,
    };
    const millis = Date.UTC(2026, 10, 21, 10, 0, 0, 5);
    const odd = '{"a",\\\\ NULL\n\'}';
    const values: RowValue[] = [true, -3, 9007199254740993n, 0.1, -123456789012345678901234567890n, odd];
    values.push(Uint8Array.of(0, 255, 92), 19782, 37230000, { millis, nanos: 6000 }, { millis, nanos: 0 });
    values.push({ millis: 8.64e15 + 1, nanos: 0 }, [1, null], 'abc', 'xyz');
    const sink = sinkOf(fields, [], { 'table-name': 'public.types' }, 'append');
    const at = { incarnation: 'k', sinkId: 'types' };
    const [writer, committer] = [await sink.openWriter(at), (await sink.openCommitter(at))!];
    const nulls: null[] = Array(15).fill(null);
    await writer.write(
      batchOf(tableOf(fields, [], {}).physicalSchema, [
        ['+I', ...values],
        ['+I', ...nulls],
      ]),
    );
    await committer.commit(1, (await writer.prepare(1))!);
    await committer.close();
    await client.query("SET TIME ZONE 'Asia/Tokyo'");
    const columns = Object.keys(fields).map(name => `${name}::text`);
    const [row, empty] = await rowsOf(`SELECT ${columns} FROM types ORDER BY b`);
    expect(row!.slice(0, 6)).toEqual([
      'true',
      '-3',
      '9007199254740993',
      '0.1',
      '-12345678901234567890.1234567890',
      odd,
    ]);
    expect(row!.slice(6)).toEqual([
      '\\x00ff5c',
      '2024-02-29',
      '10:20:30',
      '2026-11-21 10:00:00.005006',
      '2026-11-21 19:00:00.005+09',
      'infinity',
      '[1, null]',
      'abc',
      'xyz',
    ]);
    expect(empty).toEqual(nulls);
  });

  it('fails retryably when its connection is lost, and applies the epoch once', async () => {
    await client.query('CREATE TABLE crash (id int PRIMARY KEY)');
    const fields = { id: notNull(T.int) };
    const sink = sinkOf(fields, ['id'], { 'table-name': 'crash' });
    const at = { incarnation: 'k', sinkId: 'crash' };
    const [writer, committer] = [await sink.openWriter(at), (await sink.openCommitter(at))!];
    await writer.write(batchOf(tableOf(fields, [], {}).physicalSchema, [['+I', 7]]));
    const staged = (await writer.prepare(1))!;
    await client.query('BEGIN; LOCK TABLE crash');
    const outcome = committer.commit(1, staged).then(
      () => 'committed',
      error => [error.code, error.retry],
    );
    const terminate =
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'crash'::regclass AND NOT granted";
    while ((await client.query(terminate)).rowCount === 0);
    expect(await outcome).toEqual(['SINK_FAILED', true]);
    await client.query('ROLLBACK');
    await committer.commit(1, staged);
    await committer.commit(1, staged);
    expect(await rowsOf('SELECT id FROM crash')).toEqual([[7]]);
    await committer.close();
  });

  it('signs in with username and password of the options', async () => {
    await client.query(
      "CREATE ROLE writer LOGIN PASSWORD 'p@ss w/rd'; CREATE TABLE theirs (id int PRIMARY KEY)",
    );
    await client.query('GRANT ALL ON theirs TO writer');
    const { host, pathname } = new URL(postgres.url);
    const fields = { id: notNull(T.int) };
    const sinkAs = (password: string) =>
      sinkOf(fields, ['id'], {
        'table-name': 'theirs',
        url: `jdbc:postgresql://${host}${pathname}`,
        username: 'writer',
        password,
        'sink.delivery-guarantee': 'at-least-once',
      });
    const at = { incarnation: 'k', sinkId: 'theirs' };
    await expect(sinkAs('wrong').openWriter(at)).rejects.toThrow('password authentication failed');
    const writer = await sinkAs('p@ss w/rd').openWriter(at);
    await writer.write(batchOf(tableOf(fields, [], {}).physicalSchema, [['+I', 3]]));
    await writer.flush();
    await writer.close();
    expect(await rowsOf('SELECT id FROM theirs')).toEqual([[3]]);
  });

  it('rejects rows with U+0000 in text, which PostgreSQL can not store, and takes their keys away', async () => {
    await client.query('CREATE TABLE nul (k text PRIMARY KEY, v text, j jsonb, o jsonb)');
    const list: DataType = { kind: 'ARRAY', element: T.text, nullable: true };
    const fields = { k: notNull(T.text), v: T.text, j: list, o: T.text };
    const sink = sinkOf(fields, ['k'], { 'table-name': 'nul' });
    const schema = tableOf(fields, [], {}).physicalSchema;
    const at = { incarnation: 'k', sinkId: 'nul' };
    const [writer, committer] = [await sink.openWriter(at), (await sink.openCommitter(at))!];
    await writer.write(
      batchOf(schema, [
        ['+I', 'kept', 'a\\u0000', ['\\u0000'], '{"a":"\\\\u0000"}'],
        ['+I', 'turns bad', 'fine', null, null],
        ['+I', 'turns good', 'a\0b', null, null],
        ['+I', 'bad \0 key', 'fine', null, null],
        ['+I', 'in a list', null, ['a', '\0'], null],
        ['+I', 'in JSON', null, null, '["\\u0000"]'],
        ['+I', 'no JSON', null, null, '[1'],
      ]),
    );
    const reasons = writer.takeRejected!().map(({ reason }) => reason);
    expect(reasons.map(reason => reason.slice(0, 33))).toEqual(
      [
        "sink 't': column 'v' holds the ch",
        "sink 't': column 'k' holds the ch",
        "sink 't': column 'j' holds the ch",
        "sink 't': column 'o' holds the ch",
        "sink 't': column 'o' holds no JSON",
      ].map(reason => reason.slice(0, 33)),
    );
    expect(writer.takeRejected!()).toEqual([]);
    await committer.commit(1, (await writer.prepare(1))!);
    expect(await rowsOf('SELECT k, v, j FROM nul ORDER BY k')).toEqual([
      ['kept', 'a\\u0000', ['\\u0000']],
      ['turns bad', 'fine', null],
    ]);
    await writer.write(
      batchOf(schema, [
        ['-U', 'turns bad', 'fine', null, null],
        ['+U', 'turns bad', '\0', null, null],
        ['-U', 'turns good', 'a\0b', null, null],
        ['+U', 'turns good', 'ab', null, null],
        ['-D', 'bad \0 key', 'fine', null, null],
      ]),
    );
    const [rejected, ...others] = writer.takeRejected!();
    expect(others).toEqual([]);
    expect(JSON.parse(new TextDecoder().decode(rejected!.value))).toEqual({
      ...{ k: 'turns bad', v: '\0', j: null, o: null },
    });
    await committer.commit(2, (await writer.prepare(2))!);
    expect((await rowsOf('SELECT k FROM nul ORDER BY k')).flat()).toEqual(['kept', 'turns good']);
    await committer.close();
  });

  it('reports a server that does not answer as retryable', async () => {
    const fields = { id: notNull(T.int) };
    const sink = sinkOf(fields, ['id'], { 'table-name': 'x', url: 'jdbc:postgresql://127.0.0.1:1/none' });
    await expect(sink.openWriter({ incarnation: 'k', sinkId: 'x' })).rejects.toMatchObject({
      code: 'SINK_FAILED',
      retry: true,
    });
  });
});

describe('jdbc, at-least-once', () => {
  const atLeastOnce = { 'sink.delivery-guarantee': 'at-least-once' };

  it('shows rows at flush and is idempotent by key', async () => {
    await client.query('CREATE TABLE live (id int PRIMARY KEY, v int)');
    const fields = { id: notNull(T.int), v: T.int };
    const sink = sinkOf(fields, ['id'], { 'table-name': 'live', ...atLeastOnce });
    expect(sink.delivery).toBe('at-least-once');
    const at = { incarnation: 'k', sinkId: 'live' };
    expect(await sink.openCommitter(at)).toBeNull();
    const writer = await sink.openWriter(at);
    const { physicalSchema } = tableOf(fields, [], {});
    const both = [
      [1, 1],
      [2, 2],
    ] as const;
    for (let round = 0; round < 2; round++) {
      await writer.write(batchOf(physicalSchema, [['+I', ...both[0]] as const, ['+I', ...both[1]] as const]));
      await writer.flush();
      expect(await rowsOf('SELECT * FROM live ORDER BY id')).toEqual(both);
    }
    const changes = batchOf(physicalSchema, [['-D', 1, 1] as const, ['+U', 2, 9] as const]);
    await writer.write(changes);
    expect(await writer.prepare(1)).toBeNull();
    expect(await rowsOf('SELECT * FROM live')).toEqual([[2, 9]]);
    await writer.close();
  });

  it('writes more rows than one statement takes', async () => {
    await client.query('CREATE TABLE many (id int PRIMARY KEY)');
    const fields = { id: notNull(T.int) };
    const sink = sinkOf(fields, ['id'], { 'table-name': 'many', ...atLeastOnce });
    const writer = await sink.openWriter({ incarnation: 'k', sinkId: 'many' });
    const rows = Array.from({ length: 6000 }, (_, i) => ['+I', i] as const);
    await writer.write(batchOf(tableOf(fields, [], {}).physicalSchema, rows));
    await writer.flush();
    await writer.close();
    expect(await rowsOf('SELECT count(*)::int FROM many')).toEqual([[6000]]);
  });
});

describe('jdbc refuses', () => {
  const fields: Record<string, DataType> = { id: notNull(T.int), v: T.text };

  it('a missing table, a missing column, a wrong type, a key without constraint', async () => {
    await client.query('CREATE TABLE wrong (id int, v int); CREATE TABLE short (id int PRIMARY KEY)');
    const open = (name: string, of = fields) =>
      sinkOf(of, ['id'], { 'table-name': name }).openWriter({ incarnation: 'k', sinkId: 'refused' });
    await expect(open('nowhere')).rejects.toThrow("the table 'nowhere' does not exist");
    await expect(open('short')).rejects.toThrow("'short' has no column 'v'; it has: id");
    await expect(open('wrong')).rejects.toThrow(
      "column 'v' of 'wrong' is integer, which does not take STRING",
    );
    const ints = { id: notNull(T.int), v: T.int };
    await expect(open('wrong', ints)).rejects.toThrow(
      'needs a primary key or unique constraint on exactly (id)',
    );
  });

  it('unknown and missing options, updates without a key, other databases', () => {
    expect(() => sinkOf(fields, ['id'], { 'table-name': 't', nonsense: '1' })).toThrow(
      "Unsupported options found for 'jdbc'.\n\nUnsupported options:\n\nnonsense",
    );
    expect(() => sinkOf(fields, ['id'], {})).toThrow('Missing required options are:\n\ntable-name');
    expect(() => sinkOf(fields, [], { 'table-name': 't' })).toThrow(
      'please declare primary key for sink table',
    );
    const mysql = { 'table-name': 't', url: 'jdbc:mysql://x/y' };
    expect(() => sinkOf(fields, ['id'], mysql)).toThrow('only jdbc:postgresql');
  });
});
