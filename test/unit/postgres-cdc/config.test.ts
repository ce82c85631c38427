import { expect, test } from 'vitest';
import { included } from '../../../src/connectors/postgres-cdc/catalog.ts';
import { readConfig } from '../../../src/connectors/postgres-cdc/mod.ts';

const SHOP = {
  'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
  'tasks.max': '1',
  'database.hostname': '127.0.0.1',
  'database.port': '5442',
  'database.user': 'postgres',
  'database.password': 'secret-word',
  'database.dbname': 'shop',
  'topic.prefix': 'shop',
};

test("what is left out takes Debezium's defaults", () => {
  expect(readConfig('c', SHOP)).toMatchObject({
    port: 5442,
    slot: 'debezium',
    publication: 'dbz_publication',
    publicationMode: 'all_tables',
    snapshotMode: 'initial',
    tombstones: true,
    decimals: 'precise',
    times: 'adaptive',
    heartbeatIntervalMs: 0,
    topicPartitions: 1,
  });
  expect([...readConfig('c', SHOP).skipped]).toEqual(['t']);
});

test.each([
  [{ 'column.exclude.list': 'a.b.c' }, /unknown option column\.exclude\.list/],
  [{ 'snapshot.mode': 'when_needed' }, /snapshot\.mode=when_needed is not honoured; expected initial or/],
  [{ 'key.converter.schemas.enable': 'true' }, /key\.converter\.schemas\.enable=true.*no embedded schemas/],
  [{ 'value.converter': 'io.confluent.connect.avro.AvroConverter' }, /value\.converter=io\.confluent/],
  [{ 'plugin.name': 'decoderbufs' }, /plugin\.name=decoderbufs/],
  [{ 'database.port': 'x' }, /database\.port is "x"; expected a whole number/],
  [{ 'topic.prefix': '' }, /needs topic\.prefix/],
  [{ 'slot.name': 'Bad-Slot' }, /slot\.name is "Bad-Slot"/],
  [{ 'table.include.list': 'public.(a' }, /table\.include\.list holds public\.\(a, which is no regular/],
  [{ 'skipped.operations': 'x' }, /skipped\.operations names x/],
  [{ 'replica.identity.autoset.values': 'public.a' }, /holds public\.a; expected TABLE:FULL/],
])('%j is refused by name', (more, message) => {
  const read = (): unknown => readConfig('shop', { ...SHOP, ...more });
  expect(read).toThrow(message);
  expect(read).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  expect(read).not.toThrow(/secret-word/);
});

test('tables are read in the order of the include list, patterns match whole names', () => {
  const tables = ['a', 'b', 'b2', 'c'].map(name => ({ schema: 'public', name }));
  const config = readConfig('c', { ...SHOP, 'table.include.list': 'public.c, public.b,public.[ab].*' });
  expect(included(tables, config).map(table => table.name)).toEqual(['c', 'b', 'a', 'b2']);
  const without = readConfig('c', { ...SHOP, 'table.exclude.list': 'PUBLIC.b' });
  expect(included(tables, without).map(table => table.name)).toEqual(['a', 'b2', 'c']);
});
