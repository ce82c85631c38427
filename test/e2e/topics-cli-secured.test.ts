import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Target, USER } from '../support/kafka/target.ts';
import { startMillraceTarget } from '../support/kafka/target-millrace.ts';
import type { CliResult } from '../support/millrace.ts';

const bin = join(process.cwd(), 'bin', 'millrace.mjs');

describe('topics, produce, consume and groups on a cluster with TLS and logins', () => {
  let target: Target;
  let folder: string;
  let secured: ReturnType<Target['secured']>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace cli '));
    target = await startMillraceTarget();
    secured = target.secured('SCRAM-SHA-512', true);
  });
  afterAll(async () => {
    await target?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The command line of somebody who runs no Millrace there; what it prints never has the password. */
  function cli(args: readonly string[], env: Readonly<Record<string, string>>, input = ''): CliResult {
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
      ...{ cwd: folder, env: { ...process.env, NO_COLOR: '1', ...env }, encoding: 'utf8', input },
    });
    expect(stdout + stderr).not.toContain(USER.password);
    return { status, stdout, stderr };
  }
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  test('by the settings of log.bootstrap, the password in a file', () => {
    const env = {
      ...{ MILLRACE_LOG_SECURITY_PROTOCOL: 'SASL_SSL', MILLRACE_LOG_SASL_MECHANISM: 'SCRAM-SHA-512' },
      ...{ MILLRACE_LOG_SASL_USER: USER.username, MILLRACE_LOG_SSL_CA_FILE: secured.ca! },
      MILLRACE_LOG_SASL_PASSWORD_FILE: file('password', `${USER.password}\n`),
    };
    const ok = (args: readonly string[], input = ''): string => {
      const { status, stdout, stderr } = cli([...args, '--bootstrap', secured.bootstrap], env, input);
      expect(`${status} ${status === 0 ? '' : stderr}`, args.join(' ')).toBe('0 ');
      return stdout;
    };
    expect(ok(['topics', 'create', 'trips'])).toBe('created trips with 1 partition\n');
    ok(['produce', 'trips', '-K', ':'], 'a:1\nb:2\n');
    expect(ok(['consume', 'trips', '--group', 'audit', '-f', '%k%s '])).toBe('a1 b2 ');
    expect(ok(['groups', 'describe', 'audit'])).toMatch(/^audit: Empty.*lag 0/);
  });

  test.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)(
    "by a file of Kafka's own tools, %s with and without TLS",
    mechanism => {
      for (const encrypted of [true, false]) {
        const { bootstrap, ca } = target.secured(mechanism, encrypted);
        const module = mechanism === 'PLAIN' ? 'plain.Plain' : 'scram.Scram';
        const tls = ca === undefined ? [] : ['ssl.truststore.type=PEM', `ssl.truststore.location=${ca}`];
        const lines = [
          `security.protocol=SASL_${encrypted ? 'SSL' : 'PLAINTEXT'}`,
          `sasl.mechanism=${mechanism}`,
          `sasl.jaas.config=org.apache.kafka.common.security.${module}LoginModule required \\`,
          `  username="${USER.username}" password="${USER.password}";`,
          ...tls,
        ];
        const config = file('client.properties', lines.join('\n'));
        const { status, stderr } = cli(['topics', '-b', bootstrap, '--command-config', config], {});
        expect(`${status} ${stderr}`).toBe('0 ');
      }
    },
  );

  test("by kcat's flags, the password in the environment; what does not fit says what to set", () => {
    const kcat = (...properties: readonly string[]): CliResult =>
      cli(['topics', '-b', secured.bootstrap, ...properties.flatMap(property => ['-X', property])], {
        MILLRACE_LOG_SASL_PASSWORD: USER.password,
      });
    const login = ['security.protocol=SASL_SSL', `sasl.username=${USER.username}`];
    expect(kcat(...login, `ssl.ca.location=${secured.ca}`)).toMatchObject({ status: 0, stderr: '' });
    expect(kcat(...login).stderr).toMatch(/waiting for the Kafka cluster: .*log\.ssl-ca-file/);
    const wrong = kcat(...login, `ssl.ca.location=${secured.ca}`, 'sasl.username=nobody');
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toMatch(/LOG_UNAUTHORIZED.*'nobody'/);
    expect(kcat(`sasl.password=${USER.password}`).stderr).toContain('is seen by others');
  });
});
