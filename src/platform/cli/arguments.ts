import { MillraceError } from '../../core/mod.ts';
import { nearest } from '../config/nearest.ts';
import type { Setting } from '../config/setting.ts';
import { environmentName, SETTINGS } from '../config/settings.ts';
import type { Command, FlagSpec } from './command.ts';

/** A command line taken apart: positionals, the command's own flags, and settings. */
export interface Arguments {
  readonly positionals: readonly string[];
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly settings: ReadonlyMap<string, string>;
  readonly help: boolean;
}

/**
 * Take the arguments of a command apart. Unknown flags are refused with CONFIG_INVALID and the nearest
 * known one.
 */
export function parseArguments(command: Command, argv: readonly string[]): Arguments {
  const positionals: string[] = [];
  const flags = new Map<string, string[]>();
  const settings = new Map<string, string>();
  let help = false;
  const rest = [...argv];
  for (let token = rest.shift(); token !== undefined; token = rest.shift()) {
    if (token === '--') {
      positionals.push(...rest.splice(0));
    } else if (token === '--help' || token === '-h') {
      help = true;
    } else if (!token.startsWith('-') || token === '-') {
      positionals.push(token);
    } else {
      const { name, inline } = splitFlag(token);
      const flag = command.flags.find(f => f.name === name || (f.short !== undefined && f.short === name));
      const value = flag ? flagValue(flag, inline, rest) : settingValue(command, name, inline, rest);
      if (flag) flags.set(flag.name, [...(flags.get(flag.name) ?? []), value]);
      else settings.set(name, value);
    }
  }
  if (!help) checkPositionals(command, positionals);
  return { positionals, flags, settings, help };
}

function splitFlag(token: string): { readonly name: string; readonly inline: string | undefined } {
  const bare = token.replace(/^--?/, '');
  const equals = bare.indexOf('=');
  if (equals < 0) return { name: bare, inline: undefined };
  return { name: bare.slice(0, equals), inline: bare.slice(equals + 1) };
}

function flagValue(flag: FlagSpec, inline: string | undefined, rest: string[]): string {
  if (flag.value === undefined) return inline ?? 'true';
  const value = inline ?? rest.shift();
  if (value === undefined)
    throw new MillraceError('CONFIG_INVALID', `--${flag.name} needs a value: ${flag.value}.`);
  return value;
}

function settingValue(command: Command, name: string, inline: string | undefined, rest: string[]): string {
  const setting: Setting | undefined = SETTINGS.find(s => s.name === name);
  if (!setting && !name.startsWith('params.')) {
    const known = [...command.flags.map(f => f.name), ...SETTINGS.map(s => s.name)];
    const near = nearest(name, known);
    const remedy = near ? `Did you mean --${near}?` : `\`millrace ${command.name} --help\` lists all.`;
    throw new MillraceError('CONFIG_INVALID', `unknown flag --${name}. ${remedy}`);
  }
  if (setting?.secret) {
    const places = `${environmentName(name)}, or ${name}-file`;
    throw new MillraceError('CONFIG_INVALID', `--${name} would be seen by others: set ${places}.`);
  }
  if (inline !== undefined) return inline;
  if (setting?.type === 'boolean') return /^(true|false)$/.test(rest[0] ?? '') ? rest.shift()! : 'true';
  const value = rest.shift();
  if (value === undefined) throw new MillraceError('CONFIG_INVALID', `--${name} needs a value.`);
  return value;
}

function checkPositionals(command: Command, given: readonly string[]): void {
  const missing = command.positionals.filter((p, i) => p.required && given[i] === undefined);
  if (missing.length > 0) {
    const names = missing.map(p => p.name.toUpperCase()).join(' ');
    throw new MillraceError(
      'CONFIG_INVALID',
      `${command.name} needs ${names}; see \`millrace ${command.name} --help\`.`,
    );
  }
  if (given.length > command.positionals.length) {
    const extra = given[command.positionals.length];
    throw new MillraceError('CONFIG_INVALID', `${command.name} takes no argument ${JSON.stringify(extra)}.`);
  }
}
