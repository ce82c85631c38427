import { readFileSync } from 'node:fs';
import { MillraceError, messageOf } from '../../../core/mod.ts';
import { SETTINGS, type Settings } from '../../config/settings.ts';
import { type CommandContext, flagOf } from '../command.ts';
import { type Connection, checkNoSecret, connectionOf, parseProperties } from './client-properties.ts';
import { parsePair } from './parse.ts';

/** What a properties file says anew as a whole. Its password may be left to the settings. */
const OF_FILE = [
  'log.security-protocol',
  'log.sasl-mechanism',
  'log.sasl-user',
  'log.ssl-ca-file',
  'log.ssl-cert-file',
  'log.ssl-key-file',
  'log.ssl-check-host',
] as const satisfies readonly (keyof Connection)[];

/**
 * The settings of the cluster that the flags name: `--command-property` wins over `--command-config`, that over
 * the settings, and `--bootstrap` over all of them. CONFIG_INVALID.
 */
export function clusterSettings({ flags, config }: Pick<CommandContext, 'flags' | 'config'>): Settings {
  const file = flagOf({ flags }, 'command-config');
  const properties = (flags.get('command-property') ?? []).map(text => parsePair(text, 'command-property'));
  checkNoSecret(properties);
  const bootstrap = flagOf({ flags }, 'bootstrap');
  const given: Partial<Connection> = {
    ...(file !== undefined && { ...defaultsOf(OF_FILE), ...connectionOf(propertiesOf(file)) }),
    ...connectionOf(properties),
    ...(bootstrap !== undefined && { 'log.bootstrap': bootstrap.split(',').map(text => text.trim()) }),
  };
  if (given['log.bootstrap'] === undefined) {
    const message = 'which cluster? Name it with --bootstrap HOST:PORT, or as bootstrap.servers in the file.';
    throw new MillraceError('CONFIG_INVALID', message);
  }
  return { ...config.settings, ...given };
}

const defaultsOf = (names: readonly string[]): Partial<Connection> =>
  Object.fromEntries(
    SETTINGS.filter(({ name }) => names.includes(name)).map(({ name, default: of }) => [name, of]),
  );

function propertiesOf(file: string) {
  try {
    return parseProperties(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new MillraceError('CONFIG_INVALID', `--command-config can't be read: ${messageOf(error)}.`);
  }
}
