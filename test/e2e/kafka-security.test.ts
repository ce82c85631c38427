import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClusterLog, type ClusterLogOptions, openClusterLog } from '../../src/kafka/mod.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { makeCertificate } from '../support/kafka/certificates.ts';
import { readAll, record, values } from '../support/log-conformance.ts';
import { RealKafka, whyNoKafka } from '../support/real-kafka.ts';

const PORT = 21492;
const SECURE_PORT = PORT + 1;
const AT = { topic: 't', partition: 0 };
const missing = whyNoKafka();
if (missing !== null) console.log(`kafka-security: skipped, ${missing}`);

/** A second listener with TLS and logins. The server's own user is not one of ours. */
const properties = (pem: string): string => `
listeners=PLAINTEXT://127.0.0.1:${PORT},CONTROLLER://127.0.0.1:${PORT + 100},\
SASL_SSL://127.0.0.1:${SECURE_PORT}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule \
required user_anna="plain pass";
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location=${pem}
`;

describe.skipIf(missing !== null)('a real Kafka with TLS and logins', () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-security-'));
  let kafka: RealKafka;
  let ca: string;
  let log: ClusterLog;
  beforeAll(async () => {
    const { certificate, both } = makeCertificate(directory);
    ca = readFileSync(certificate, 'utf8');
    kafka = await RealKafka.start(PORT, properties(both));
    for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512']) {
      await kafka.tool('kafka.admin.ConfigCommand', [
        ...['--bootstrap-server', kafka.bootstrap, '--entity-type', 'users', '--entity-name', 'anna'],
        ...['--alter', '--add-config', `${mechanism}=[password=s=ecret]`],
      ]);
    }
    const plain = openClusterLog({ bootstrap: [kafka.bootstrap], clock: systemClock });
    await plain.createTopic('t', 1);
    await plain.close();
  });
  afterAll(async () => {
    await kafka?.dispose();
    rmSync(directory, { recursive: true });
  });

  function connect(options: Partial<ClusterLogOptions>): ClusterLog {
    log = openClusterLog({
      ...{ bootstrap: [`127.0.0.1:${SECURE_PORT}`], clock: systemClock, security: 'SASL_SSL' },
      ...{ tls: { ca, checksHostName: true }, deliveryTimeoutMs: 20_000 },
      ...options,
    });
    return log;
  }

  test.each([
    ['PLAIN', 'plain pass'],
    ['SCRAM-SHA-256', 's=ecret'],
    ['SCRAM-SHA-512', 's=ecret'],
  ] as const)('%s over TLS writes and reads; a wrong password is refused', async (mechanism, password) => {
    connect({ credentials: { mechanism, username: 'anna', password } });
    const { baseOffset } = await log.append(AT, [record(mechanism)]);
    expect(values(await readAll(log, 't', 'read_committed', 0, baseOffset))).toEqual([mechanism]);
    await log.close();
    connect({ credentials: { mechanism, username: 'anna', password: 'wrong' } });
    await expect(log.reach(20_000)).rejects.toMatchObject({ code: 'LOG_UNAUTHORIZED' });
    await log.close();
  });

  test('a certificate that nobody vouches for is refused, with the setting that says who does', async () => {
    connect({ tls: { checksHostName: true }, credentials: null });
    await expect(log.reach(100)).rejects.toMatchObject({
      code: 'LOG_UNREACHABLE',
      message: expect.stringContaining('log.ssl-ca-file'),
    });
    await log.close();
  });
});
