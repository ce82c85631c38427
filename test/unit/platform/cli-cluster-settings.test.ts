import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseArguments } from '../../../src/platform/cli/arguments.ts';
import { COMMANDS } from '../../../src/platform/cli/commands/mod.ts';
import { parseProperties } from '../../../src/platform/cli/topics/client-properties.ts';
import { clusterSettings } from '../../../src/platform/cli/topics/cluster-settings.ts';
import { resolveConfig } from '../../../src/platform/config/resolve.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-properties-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, 'client.properties');
  writeFileSync(path, text);
  return path;
}

/** What `millrace topics …` would connect with, of what is not as it is by default. */
function settingsOf(argv: readonly string[], environment: Readonly<Record<string, string>> = {}): object {
  const topics = COMMANDS.find(({ name }) => name === 'topics')!;
  const { flags, settings } = parseArguments(topics, argv);
  const found = clusterSettings({ flags, config: resolveConfig({ flags: settings, environment }) });
  const initial = resolveConfig({ flags: new Map(), environment: {} }).settings;
  return Object.fromEntries(
    Object.entries(found).filter(([name, value]) => value !== initial[name as keyof typeof initial]),
  );
}

const THERE = ['--bootstrap', 'b:1,c:2'];
const AT = { 'log.bootstrap': ['b:1', 'c:2'] };

test('the settings of log.bootstrap hold for --bootstrap', () => {
  const flags = ['--log.security-protocol', 'SASL_SSL', '--log.sasl-user', 'anna'];
  expect(settingsOf([...THERE, ...flags], { MILLRACE_LOG_SASL_PASSWORD: 'p' })).toEqual({
    ...AT,
    ...{ 'log.security-protocol': 'SASL_SSL', 'log.sasl-user': 'anna', 'log.sasl-password': 'p' },
  });
});

test("a file of Kafka's tools says all of it anew, but for a password that it has not", () => {
  const java = file(`# of Kafka's tools
acks=all
security.protocol = SASL_SSL
sasl.mechanism: SCRAM-SHA-512
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\
    username="anna" password="s=e\\\\"cret\\\\\\\\";
ssl.truststore.type=PEM
ssl.truststore.location=/ca.pem
ssl.endpoint.identification.algorithm=
`);
  const environment = {
    ...{ MILLRACE_LOG_SASL_USER: 'bert', MILLRACE_LOG_SASL_PASSWORD_FILE: '/bert' },
    ...{ MILLRACE_LOG_SSL_CERT_FILE: '/bert.pem' },
  };
  expect(settingsOf([...THERE, '--command-config', java], environment)).toEqual({
    ...AT,
    ...{ 'log.security-protocol': 'SASL_SSL', 'log.sasl-mechanism': 'SCRAM-SHA-512' },
    ...{ 'log.sasl-user': 'anna', 'log.sasl-password': 's=e"cret\\' },
    ...{ 'log.ssl-ca-file': '/ca.pem', 'log.ssl-check-host': false },
  });
  const without = file('security.protocol=SASL_SSL\nsasl.username=anna\n');
  expect(settingsOf([...THERE, '-F', without], environment)).toEqual({
    ...AT,
    ...{ 'log.security-protocol': 'SASL_SSL', 'log.sasl-user': 'anna' },
    ...{ 'log.sasl-password-file': '/bert' },
  });
});

test("kcat's file and properties; what is nearer to the command wins", () => {
  const kcat = file(
    'metadata.broker.list=a:9\nsecurity.protocol=sasl_ssl\nsasl.username=anna\nsasl.password=p\n',
  );
  expect(settingsOf(['-F', kcat, '-X', 'sasl.mechanisms=SCRAM-SHA-256', '-X', 'sasl.username=carl'])).toEqual(
    {
      ...{
        'log.bootstrap': ['a:9'],
        'log.security-protocol': 'SASL_SSL',
        'log.sasl-mechanism': 'SCRAM-SHA-256',
      },
      ...{ 'log.sasl-user': 'carl', 'log.sasl-password': 'p' },
    },
  );
  expect(settingsOf(['-F', kcat, ...THERE])).toMatchObject(AT);
});

test.each([
  [['-X', 'security.protocol=SSL'], 'which cluster? Name it with --bootstrap'],
  [[...THERE, '-X', 'sasl.password=hush'], 'sasl.password on a command line is seen by others'],
  [[...THERE, '-X', 'ssl.key.password=hush'], 'ssl.key.password on a command line'],
  [[...THERE, '-X', 'sasl.mechanism=GSSAPI'], 'sasl.mechanism = GSSAPI: expected one of PLAIN, SCRAM'],
  [
    [...THERE, '-X', 'ssl.cipher.suites=x'],
    'ssl.cipher.suites is not known here: there are bootstrap.servers',
  ],
  [
    [...THERE, '-X', 'ssl.truststore.location=/a.jks'],
    'ssl.truststore.type = JKS: stores are read as PEM only',
  ],
  [[...THERE, '-X', 'ssl'], 'expected NAME=VALUE'],
  [[...THERE, '-F', '/none/there'], "--command-config can't be read"],
  [[...THERE, '--log.sasl-password', 'hush'], 'set MILLRACE_LOG_SASL_PASSWORD, or log.sasl-password-file'],
])('%j is refused, and no password is told', (argv, sentence) => {
  expect(() => settingsOf(argv)).toThrow(sentence);
  expect(() => settingsOf(argv)).not.toThrow(/hush/);
});

test('a login that is not one is refused without telling it', () => {
  const broken = file('sasl.jaas.config=Module required username="anna" password=hush;\n');
  expect(() => settingsOf([...THERE, '-F', broken])).toThrow(/^sasl\.jaas\.config has to be like(?!.*hush)/);
});

test('a properties file is read as Java reads it', () => {
  expect(parseProperties('\uFEFFa=1\r\n ! note\nb : x = y \n\nc\nd=tab\\there\\\n   on\ne\\\n')).toEqual([
    ...[
      ['a', '1'],
      ['b', 'x = y '],
      ['c', ''],
      ['d', 'tab\thereon'],
      ['e', ''],
    ],
  ]);
  // Escaped separators are the name's; an escaped backslash at a line's end does not go on.
  expect(parseProperties('a\\:b\\=c\\ d=1\nhome=C:\\\\\nname=M\\u00fcller\\\\u0041\nf=1\\\n# 2\n')).toEqual([
    ...[
      ['a:b=c d', '1'],
      ['home', 'C:\\'],
      ['name', 'Müller\\u0041'],
      ['f', '1# 2'],
    ],
  ]);
  expect(() => parseProperties('sasl.password=secret\\u00')).toThrow(
    /^(?!.*secret).*\\u without four hexadecimal digits/,
  );
});
