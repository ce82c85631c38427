import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clusterOf } from '../../../src/connectors/kafka/mod.ts';
import { type KafkaServer, openKafkaServer } from '../../../src/kafka/mod.ts';
import { type Log, type LogBroker, nodeStorage, openEmbeddedLog } from '../../../src/log/mod.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { tableFactories } from '../../../src/platform/tables.ts';
import { readAll, values } from '../../support/log-conformance.ts';
import { readToEnd } from '../../support/source-conformance.ts';
import { batchOf, tableOf } from '../../support/tables.ts';
import { T } from '../formats/support.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-foreign-'));
let own: Log;
let broker: LogBroker;
let server: KafkaServer;
beforeAll(async () => {
  const open = (name: string): Promise<LogBroker> =>
    openEmbeddedLog({ storage: nodeStorage(), clock: systemClock, directory: join(directory, name) });
  own = await open('own');
  broker = await open('foreign');
  server = await openKafkaServer({
    ...{ broker, clock: systemClock, say: () => undefined },
    listeners: [
      {
        ...{ name: 'SASL_PLAINTEXT', host: '127.0.0.1', port: 0, portsMax: 0 },
        ...{ advertised: null, security: 'SASL_PLAINTEXT' },
      },
    ],
  });
  await server.credentials.ensure('anna', 'a "quoted" pass');
});
afterAll(async () => {
  await server.close();
  await broker.close();
  await own.close();
  rmSync(directory, { recursive: true });
});

const JAAS =
  'org.apache.kafka.common.security.scram.ScramLoginModule required username="anna" ' +
  'password="a \\"quoted\\" pass";';

test('a table of another cluster is written exactly once and read there, with its security', async () => {
  const tables = tableFactories({ log: own, postgresUrl: () => '', print: () => undefined });
  const table = tableOf({ id: T.int, v: T.text }, [], {
    ...{ connector: 'kafka', topic: 'far', format: 'json', 'scan.bounded.mode': 'latest-offset' },
    'properties.bootstrap.servers': `127.0.0.1:${server.listeners[0]!.port}`,
    'properties.security.protocol': 'SASL_PLAINTEXT',
    'properties.sasl.mechanism': 'SCRAM-SHA-256',
    'properties.sasl.jaas.config': JAAS,
    'properties.compression.type': 'zstd',
  });
  const sink = await tables.sink(table, 'append');
  const context = { incarnation: 'i', sinkId: 's' };
  const writer = await sink.openWriter(context);
  await writer.write(
    batchOf(table.physicalSchema, [
      ['+I', 1, 'a'],
      ['+I', 2, 'b'],
    ]),
  );
  const staged = await writer.prepare(1);
  const committer = await sink.openCommitter(context);
  await committer!.commit(1, staged!);
  // As after a restore: the cluster knows the epoch.
  await (await sink.openCommitter(context))!.commit(1, staged!);
  expect(values(await readAll(broker, 'far'))).toEqual(['{"id":1,"v":"a"}', '{"id":2,"v":"b"}']);
  const { rows } = await readToEnd(await tables.source(table, [0, 1]));
  expect(rows).toEqual(['["+I",1,"a"]', '["+I",2,"b"]']);
  expect(await own.topics()).toEqual([]);
  await tables.close();
});

const servers = { 'properties.bootstrap.servers': 'kafka.example.org:9093' };
test.each<[Record<string, string>, string]>([
  [{ 'properties.bootstrap.servers': 'kafka.example.org' }, 'host:port'],
  [{ ...servers, 'properties.security.protocol': 'TLS' }, 'PLAINTEXT, SSL'],
  [{ ...servers, 'properties.security.protocol': 'SASL_SSL' }, "'properties.sasl.jaas.config'"],
  [{ ...servers, 'properties.compression.type': 'brotli' }, 'zstd'],
  [{ ...servers, 'properties.ssl.truststore.type': 'JKS' }, 'PEM'],
])('%o is refused', (options, message) => {
  expect(() => clusterOf(options)).toThrow(message);
});

test.each(['localhost:9092', '127.0.0.1:9092', 'kafka:29092', 'broker:9092, localhost', ''])(
  "'%s' is the platform's own log",
  text => {
    expect(clusterOf({ 'properties.bootstrap.servers': text })).toBeNull();
  },
);

test('a password that does not fit is not repeated in the error', () => {
  const options = { ...servers, 'properties.security.protocol': 'SASL_SSL' };
  const wrong = { ...options, 'properties.sasl.jaas.config': 'x required user="u" password="geheim"' };
  expect(() => clusterOf(wrong)).toThrow(/^(?!.*geheim)/s);
});
