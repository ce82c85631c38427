import { MillraceError } from '../../core/mod.ts';
import { type ListenerOptions, SECURITY_PROTOCOLS, type SecurityProtocol } from '../../kafka/mod.ts';
import type { Config } from '../config/resolve.ts';
import { isLoopback } from '../http/guard.ts';

/** How many ports after the default one are tried. */
const PORTS_MAX = 100;
/** Addresses to bind, not to go to. */
const EVERYWHERE = ['0.0.0.0', '::', ''];

interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * The listeners that the settings ask for. CONFIG_INVALID, with what to set, for one that would let anybody
 * in from elsewhere, or that tells clients an address nobody can go to.
 */
export function kafkaListeners({ settings, explicit }: Config): readonly ListenerOptions[] {
  const first = {
    ...{ host: settings['kafka.host'], port: settings['kafka.port'] },
    security: settings['kafka.security-protocol'] as SecurityProtocol,
    portsMax: explicit.has('kafka.port') ? 0 : PORTS_MAX,
  };
  const further = settings['kafka.listeners'].map(text => {
    return { ...parseListener('kafka.listeners', text), portsMax: 0 };
  });
  const told = settings['kafka.advertised-listeners'].map(text =>
    parseListener('kafka.advertised-listeners', text),
  );
  const own = settings['kafka.advertised'];
  const listeners = [first, ...further].map((listener, i) => {
    const { host, port, security, portsMax } = listener;
    refuseStrangers(host, security);
    const ofFirst = own === '' ? null : parseAddress('kafka.advertised', own);
    const advertised = i === 0 ? ofFirst : takeFirst(told, security);
    if (advertised === null && EVERYWHERE.includes(host)) refuseNowhere(i === 0, security, host, port);
    return { name: security, host, port, portsMax, advertised, security };
  });
  if (told.length > 0) refuseLeftOver(told, listeners);
  return listeners;
}

type Listener = Address & { readonly security: SecurityProtocol };

/** The first address told for this protocol that no listener has taken yet. */
function takeFirst(told: Listener[], security: string): Address | null {
  const found = told.findIndex(address => address.security === security);
  if (found < 0) return null;
  const { host, port } = told.splice(found, 1)[0]!;
  return { host, port };
}

function refuseStrangers(host: string, security: SecurityProtocol): void {
  if (isLoopback(host) || security.startsWith('SASL_')) return;
  throw new MillraceError(
    'CONFIG_INVALID',
    `a Kafka listener on ${host} with ${security} would let anybody in: set kafka.security-protocol to SASL_SSL ` +
      '(with kafka.ssl-cert-file, kafka.ssl-key-file, kafka.sasl-user and kafka.sasl-password-file), ' +
      'or leave kafka.host at 127.0.0.1.',
  );
}

function refuseNowhere(isFirst: boolean, security: string, host: string, port: number): never {
  const remedy = isFirst
    ? 'kafka.advertised, e.g. kafka.example.com:9092'
    : `kafka.advertised-listeners, e.g. ${security}://kafka.example.com:${port}`;
  throw new MillraceError('CONFIG_INVALID', `clients can't go to ${host || 'everywhere'}: set ${remedy}.`);
}

/** Advertised, it would be told to nobody: a protocol mistyped, or a listener forgotten. */
function refuseLeftOver(told: readonly Listener[], [first, ...further]: readonly Listener[]): never {
  const own = first!.security;
  const there = further.length === 0 ? 'none' : further.map(textOf).join(', ');
  const remedy = told.some(({ security }) => security === own)
    ? `, and what kafka.port (${textOf(first!)}) advertises is set by kafka.advertised`
    : '';
  throw new MillraceError(
    'CONFIG_INVALID',
    `kafka.advertised-listeners has ${told.map(textOf).join(', ')}, which fits no listener: kafka.listeners has ${there}; ` +
      `each takes one entry of its own protocol${remedy}.`,
  );
}

function textOf({ security, host, port }: Listener): string {
  return `${security}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** `SASL_SSL://host:9093` */
function parseListener(setting: string, text: string): Listener {
  const [, scheme, address] = /^([A-Z_]+):\/\/(.+)$/.exec(text) ?? [];
  const security = SECURITY_PROTOCOLS.find(known => known === scheme);
  if (security !== undefined) return { ...parseAddress(setting, address!), security };
  const expected = `PROTOCOL://host:port with ${SECURITY_PROTOCOLS.join(', ')}`;
  throw new MillraceError('CONFIG_INVALID', `${setting} has ${JSON.stringify(text)}; expected ${expected}.`);
}

/** `host:9092`, `[::1]:9092` */
function parseAddress(setting: string, text: string): Address {
  const [, inBrackets, plain, digits] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits !== undefined && port <= 65_535) return { host: inBrackets ?? plain ?? '', port };
  throw new MillraceError('CONFIG_INVALID', `${setting} has ${JSON.stringify(text)}; expected host:port.`);
}
