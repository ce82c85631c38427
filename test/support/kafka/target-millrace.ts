import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startMillrace } from '../millrace.ts';
import { makeCertificate } from './certificates.ts';
import { type Target, USER } from './target.ts';

/** Millrace's log alone, on four listeners. */
export async function startMillraceTarget(): Promise<Target> {
  const home = mkdtempSync(join(tmpdir(), 'millrace-matrix-'));
  const { certificate, key } = makeCertificate(home);
  const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const bootstrap = (at: number): string => `127.0.0.1:${ports[at]}`;
  const further = ['SASL_PLAINTEXT', 'SSL', 'SASL_SSL'].map((name, i) => `${name}://${bootstrap(i + 1)}`);
  const millrace = await startMillrace({
    args: [
      ...['--only', 'log', '--kafka.port', String(ports[0]), '--kafka.listeners', further.join(',')],
      ...['--kafka.ssl-cert-file', certificate, '--kafka.ssl-key-file', key],
      ...['--kafka.group-initial-rebalance-delay-ms', '0', '--log.retention-check-interval-ms', '200'],
    ],
    env: { MILLRACE_KAFKA_SASL_USER: USER.username, MILLRACE_KAFKA_SASL_PASSWORD: USER.password },
  });
  return {
    name: 'Millrace',
    plain: { bootstrap: bootstrap(0) },
    tls: { bootstrap: bootstrap(2), ca: certificate },
    secured: (mechanism, encrypted) => ({
      bootstrap: bootstrap(encrypted ? 3 : 1),
      ...(encrypted ? { ca: certificate } : {}),
      sasl: { mechanism, ...USER },
    }),
    stop: async () => {
      await millrace.dispose();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
