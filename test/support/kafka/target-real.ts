import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../millrace.ts';
import { makeCertificate } from './certificates.ts';
import { runEngine } from './engines.ts';
import { type Target, USER } from './target.ts';

const jaas = (line: string): string => `org.apache.kafka.common.security.${line} required`;

/** Lines of server.properties for four listeners: plain, SASL, TLS, SASL over TLS. */
function listenerLines(ports: readonly number[], controller: number, pem: string): readonly string[] {
  const names = ['PLAINTEXT', 'SASL_PLAINTEXT', 'SSL', 'SASL_SSL'] as const;
  const listeners = names.map((name, i) => `${name}://127.0.0.1:${ports[i]}`).join(',');
  const plain = `${jaas('plain.PlainLoginModule')} user_${USER.username}="${USER.password}";`;
  const scram = `${jaas('scram.ScramLoginModule')};`;
  const sasl = ['sasl_plaintext', 'sasl_ssl'].flatMap(name => [
    `listener.name.${name}.plain.sasl.jaas.config=${plain}`,
    `listener.name.${name}.scram-sha-256.sasl.jaas.config=${scram}`,
    `listener.name.${name}.scram-sha-512.sasl.jaas.config=${scram}`,
  ]);
  return [
    `listeners=${listeners},CONTROLLER://127.0.0.1:${controller}`,
    `advertised.listeners=${listeners}`,
    'listener.security.protocol.map=' +
      [...names, 'CONTROLLER'].map(name => `${name}:${name === 'CONTROLLER' ? 'PLAINTEXT' : name}`).join(','),
    'inter.broker.listener.name=PLAINTEXT',
    'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    ...sasl,
    'ssl.keystore.type=PEM',
    `ssl.keystore.location=${pem}`,
    // The cleaner's own pauses are minutes; the tests wait for it.
    'log.cleaner.backoff.ms=200',
    'log.retention.check.interval.ms=1000',
    'group.initial.rebalance.delay.ms=0',
  ];
}

/** Apache Kafka from the engines folder on ports and data of its own. */
export async function startRealKafka(): Promise<Target> {
  const home = mkdtempSync(join(tmpdir(), 'millrace-real-kafka-'));
  const { both, certificate } = makeCertificate(home);
  const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const [plain] = ports;
  const lines = listenerLines(ports, plain! + 100, both);
  const environment = {
    KAFKA_PORT: String(plain),
    KAFKA_PROPS: [...lines, `log.dirs=${join(home, 'data')}`].join('\n'),
  };
  runEngine('kafka', ['up'], environment);
  const bootstrap = (at: number): string => `127.0.0.1:${ports[at]}`;
  for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512']) {
    runEngine('kafka', [
      ...['run', 'kafka.admin.ConfigCommand', '--bootstrap-server', bootstrap(0), '--alter'],
      ...['--entity-type', 'users', '--entity-name', USER.username],
      ...['--add-config', `${mechanism}=[password=${USER.password}]`],
    ]);
  }
  return {
    name: 'Apache Kafka',
    plain: { bootstrap: bootstrap(0) },
    tls: { bootstrap: bootstrap(2), ca: certificate },
    secured: (mechanism, encrypted) => ({
      bootstrap: bootstrap(encrypted ? 3 : 1),
      ...(encrypted ? { ca: certificate } : {}),
      sasl: { mechanism, ...USER },
    }),
    stop: async () => {
      runEngine('kafka', ['down'], environment);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
