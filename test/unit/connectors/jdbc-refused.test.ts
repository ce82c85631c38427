import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jdbcSink } from '../../../src/connectors/postgres/mod.ts';
import type { DataType } from '../../../src/core/mod.ts';
import type { ChangelogMode } from '../../../src/plan/mod.ts';
import { openPostgres, type PostgresHandle } from '../../../src/platform/postgres/mod.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { batchOf, tableOf } from '../../support/tables.ts';
import { notNull, T } from '../formats/support.ts';

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
    port: 5730,
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

describe('rows that PostgreSQL refuses', () => {
  it('leaves out the rows that PostgreSQL refuses, and tells them again to who commits again', async () => {
    await client.query(
      'CREATE TABLE picky (id int PRIMARY KEY, name varchar(3), parent int REFERENCES picky (id), n int CHECK (n > 0))',
    );
    const fields = { id: notNull(T.int), name: T.text, parent: T.int, n: T.int };
    const sink = sinkOf(fields, ['id'], { 'table-name': 'picky' });
    const schema = tableOf(fields, [], {}).physicalSchema;
    const at = { incarnation: 'p', sinkId: 's' };
    const [writer, committer] = [await sink.openWriter(at), (await sink.openCommitter(at))!];
    const commit = async (epoch: number, ...rows: Parameters<typeof batchOf>[1]): Promise<Uint8Array> => {
      await writer.write(batchOf(schema, rows));
      const staged = (await writer.prepare(epoch)) as Uint8Array;
      await committer.commit(epoch, staged);
      return staged;
    };
    const told = (of: typeof committer): string[] =>
      of.takeRejected!().map(({ reason, value }) => `${reason} ${new TextDecoder().decode(value)}`);
    await commit(1, ['+I', 1, 'a', null, 1], ['+I', 2, 'b', 1, 1]);
    expect(told(committer)).toEqual([]);
    // Row 4 needs row 5, which a half behind it holds.
    const many = Array.from({ length: 20 }, (_, i) => ['+I', 100 + i, 'ok', null, 1] as const);
    const staged = await commit(
      2,
      ['+I', 3, 'toolong', null, 1],
      ['+I', 4, 'd', 5, 1],
      ...many,
      ['+I', 5, 'e', null, 1],
      ['+U', 2, 'b', 1, 0],
      ['+I', 6, 'f', 99, 1],
    );
    const refused = [
      "sink 't': value too long for type character varying(3), SQLSTATE 22001 " +
        '{"id":3,"name":"toolong","parent":null,"n":1}',
      expect.stringMatching(
        /violates check constraint .*SQLSTATE 23514 \{"id":2,"name":"b","parent":1,"n":0\}$/,
      ),
      expect.stringMatching(
        /violates foreign key constraint .*23503 \{"id":6,"name":"f","parent":99,"n":1\}$/,
      ),
    ];
    expect(told(committer)).toEqual(refused);
    expect(told(committer)).toEqual([]);
    const shown = (): Promise<unknown[][]> => rowsOf('SELECT id FROM picky WHERE id < 100 ORDER BY id');
    expect(await shown()).toEqual([[1], [4], [5]]);
    expect(await rowsOf('SELECT count(*)::int FROM picky WHERE id >= 100')).toEqual([[20]]);
    // A crash came before the dead letters: the epoch is committed again by another.
    const again = (await sink.openCommitter(at))!;
    await again.commit(2, staged);
    expect(told(again)).toEqual(refused);
    await again.close();
    await commit(3, ['-D', 5, 'e', null, 1]);
    expect(told(committer)).toEqual([
      expect.stringMatching(/^sink 't': can not delete: .*23503 \{"id":5\}$/),
    ]);
    await commit(4, ['-D', 4, 'd', 5, 1], ['+I', 7, 'g', null, 1]);
    expect(told(committer)).toEqual([]);
    expect(await shown()).toEqual([[1], [5], [7]]);
    expect(await rowsOf("SELECT * FROM millrace.sink_refused WHERE incarnation = 'p'")).toEqual([]);
    await committer.close();
  });

  it('applying as rows come, too', async () => {
    await client.query('CREATE TABLE picky_now (id int PRIMARY KEY, name varchar(3))');
    const fields = { id: notNull(T.int), name: T.text };
    const options = { 'table-name': 'picky_now', 'sink.delivery-guarantee': 'at-least-once' };
    const sink = sinkOf(fields, ['id'], options);
    const writer = await sink.openWriter({ incarnation: 'q', sinkId: 's' });
    const schema = tableOf(fields, [], {}).physicalSchema;
    await writer.write(
      batchOf(schema, [
        ['+I', 1, 'a'],
        ['+I', 2, 'long'],
        ['+I', 3, 'c'],
      ]),
    );
    await writer.flush();
    expect(await rowsOf('SELECT id FROM picky_now ORDER BY id')).toEqual([[1], [3]]);
    expect(writer.takeRejected!().map(({ value }) => new TextDecoder().decode(value))).toEqual([
      '{"id":2,"name":"long"}',
    ]);
    await writer.close();
  });
});
