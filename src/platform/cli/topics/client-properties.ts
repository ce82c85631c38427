import { MillraceError } from '../../../core/mod.ts';
import { SETTINGS, type Settings } from '../../config/settings.ts';

/** What of the settings says how a cluster is reached; the rest is about what is done there. */
export type Connection = Pick<
  Settings,
  | 'log.bootstrap'
  | 'log.security-protocol'
  | 'log.sasl-mechanism'
  | 'log.sasl-user'
  | 'log.sasl-password'
  | 'log.sasl-password-file'
  | 'log.ssl-ca-file'
  | 'log.ssl-cert-file'
  | 'log.ssl-key-file'
  | 'log.ssl-check-host'
>;

/** A property of Kafka's clients, as a file or a command line has it. */
export type Property = readonly [name: string, value: string];
type Meaning = (value: string, name: string) => Partial<Connection>;

/** Where another security than PLAINTEXT needs the property: unknown ones of these families are refused. */
const FAMILIES = /^(security|sasl|ssl)\./;
const SECRETS: ReadonlySet<string> = new Set(['sasl.password', 'sasl.jaas.config']);

const servers: Meaning = value => ({ 'log.bootstrap': value.split(',').map(text => text.trim()) });
const mechanism: Meaning = (value, name) => ({
  'log.sasl-mechanism': oneOf('log.sasl-mechanism', name, value),
});
const password: Meaning = value => ({ 'log.sasl-password': value, 'log.sasl-password-file': '' });

/** The properties of Kafka's Java clients and of librdkafka that the settings have too. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  'bootstrap.servers': servers,
  'metadata.broker.list': servers,
  'security.protocol': (value, name) => ({
    'log.security-protocol': oneOf('log.security-protocol', name, value.toUpperCase()),
  }),
  'sasl.mechanism': mechanism,
  'sasl.mechanisms': mechanism,
  'sasl.username': value => ({ 'log.sasl-user': value }),
  'sasl.password': password,
  'sasl.jaas.config': loginOf,
  'ssl.ca.location': value => ({ 'log.ssl-ca-file': value }),
  'ssl.truststore.location': value => ({ 'log.ssl-ca-file': value }),
  'ssl.truststore.type': pemOnly,
  'ssl.certificate.location': value => ({ 'log.ssl-cert-file': value }),
  'ssl.key.location': value => ({ 'log.ssl-key-file': value }),
  // One file holds both, as Kafka's own clients have it.
  'ssl.keystore.location': value => ({ 'log.ssl-cert-file': value, 'log.ssl-key-file': value }),
  'ssl.keystore.type': pemOnly,
  'ssl.endpoint.identification.algorithm': value => ({
    'log.ssl-check-host': value !== '' && value !== 'none',
  }),
};

/**
 * What properties of Kafka's clients say in our settings. Those that are not about the connection are passed
 * over; those of its security that we do not have are refused with CONFIG_INVALID: without them it would be
 * another connection.
 */
export function connectionOf(properties: readonly Property[]): Partial<Connection> {
  const types = new Map(properties);
  for (const store of ['truststore', 'keystore']) {
    if (types.has(`ssl.${store}.location`) && !types.has(`ssl.${store}.type`))
      pemOnly('JKS', `ssl.${store}.type`);
  }
  let found: Partial<Connection> = {};
  for (const [name, value] of properties) {
    const meaning = Object.hasOwn(MEANINGS, name) ? MEANINGS[name] : undefined;
    if (meaning !== undefined) found = { ...found, ...meaning(value, name) };
    else if (FAMILIES.test(name)) throw invalid(`the property ${name} is not known here: ${KNOWN}`);
  }
  return found;
}

/** Properties of a command line, `NAME=VALUE`. What others must not see is refused there. */
export function checkNoSecret(properties: readonly Property[]): void {
  const secret = properties.find(([name]) => SECRETS.has(name) || /\.password$|\.key$/.test(name));
  if (secret === undefined) return;
  throw invalid(
    `${secret[0]} on a command line is seen by others: put it into a file for --command-config, the password into ` +
      'MILLRACE_LOG_SASL_PASSWORD or log.sasl-password-file',
  );
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

/** The lines of a `.properties` file without its notes; one that ends in a single `\` goes on in the next. */
function logicalLines(text: string): readonly string[] {
  const whole: string[] = [];
  let begun: string | null = null;
  for (const line of text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)) {
    const part = line.trimStart();
    if (begun === null && (part === '' || /^[#!]/.test(part))) continue;
    const goesOn = /(?:^|[^\\])(?:\\\\)*\\$/.test(part);
    begun = (begun ?? '') + (goesOn ? part.slice(0, -1) : part);
    if (goesOn) continue;
    whole.push(begun);
    begun = null;
  }
  return begun === null ? whole : [...whole, begun];
}

function unescaped(text: string): string {
  return text.replace(/\\(u([0-9A-Fa-f]{4})|.)/g, (_, escaped: string, hex: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (escaped === 'u') throw invalid('a properties file has \\u without four hexadecimal digits behind it');
    return ESCAPES[escaped] ?? escaped;
  });
}

/**
 * The entries of a `.properties` file as Java reads it: `name=value`, `#` and `!` comment, `\` escapes and
 * goes on. CONFIG_INVALID for a `\u` that is none.
 */
export function parseProperties(text: string): readonly Property[] {
  return logicalLines(text).map((line): Property => {
    const [, name = '', value = ''] = /^((?:[^\\=:\s]|\\.)*)\s*[=:]?\s*(.*)$/.exec(line) ?? [];
    return [unescaped(name), unescaped(value)];
  });
}

const KNOWN = `there are ${Object.keys(MEANINGS).join(', ')}`;

/** `….ScramLoginModule required username="u" password="p";`; never repeated in a message: it has the password. */
function loginOf(jaas: string): Partial<Connection> {
  const value = (name: string): string | undefined =>
    new RegExp(`\\b${name}\\s*=\\s*"((?:[^"\\\\]|\\\\.)*)"`).exec(jaas)?.[1]?.replace(/\\(.)/g, '$1');
  const [username, secret] = [value('username'), value('password')];
  if (username === undefined || secret === undefined)
    throw invalid(`sasl.jaas.config has to be like '… required username="…" password="…";'`);
  return { 'log.sasl-user': username, ...password(secret, '') };
}

function pemOnly(type: string, name: string): Partial<Connection> {
  if (type === 'PEM') return {};
  throw invalid(
    `${name} = ${type}: stores are read as PEM only, so set it to PEM and the location to a PEM file ` +
      '(keytool -exportcert -rfc writes one)',
  );
}

type Choice = 'log.security-protocol' | 'log.sasl-mechanism';

function oneOf(setting: Choice, property: string, value: string): string {
  const { choices } = SETTINGS.find((known): known is Extract<typeof known, { name: Choice }> => {
    return known.name === setting;
  })!;
  if ((choices as readonly string[]).includes(value)) return value;
  throw invalid(`${property} = ${value}: expected one of ${choices.join(', ')}`);
}

const invalid = (message: string): MillraceError => new MillraceError('CONFIG_INVALID', `${message}.`);
