import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A self-signed certificate for 127.0.0.1 and its key, in PEM files of a directory. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  /** Key and certificate in one file, as Kafka's PEM key store wants them. */
  readonly both: string;
}

/** Makes a certificate with the machine's openssl. */
export function makeCertificate(directory: string): Certificate {
  const certificate = join(directory, 'broker.crt');
  const key = join(directory, 'broker.key');
  const both = join(directory, 'broker.pem');
  const { status, stderr } = spawnSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'],
      ...['-keyout', key, '-out', certificate],
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`openssl: ${stderr}`);
  writeFileSync(both, readFileSync(key, 'utf8') + readFileSync(certificate, 'utf8'), { mode: 0o600 });
  return { certificate, key, both };
}
