import colors from 'picocolors';
import type { Setting } from '../config/setting.ts';
import { SETTINGS } from '../config/settings.ts';
import type { Command, FlagSpec } from './command.ts';

/** The page that lists all commands. */
export function overviewHelp(commands: readonly Command[]): string {
  const flags = (SETTINGS as readonly Setting[]).filter(({ secret }) => !secret);
  return [
    `${colors.bold('millrace')}: real-time analytics in one process beside one PostgreSQL`,
    '',
    `${colors.bold('Usage')}  millrace COMMAND [arguments] [flags]`,
    '',
    colors.bold('Commands'),
    ...table(commands.map(command => [command.name, command.summary])),
    '',
    `\`millrace COMMAND --help\` explains one. Every setting is a flag too (docs/reference/config.md):`,
    ...table(flags.map(s => [`--${s.name}`, s.description])),
    '',
  ].join('\n');
}

/** The page of one command. */
export function commandHelp(command: Command): string {
  const usage = command.positionals.map(p =>
    p.required ? p.name.toUpperCase() : `[${p.name.toUpperCase()}]`,
  );
  const section = (title: string, rows: readonly (readonly [string, string])[]): string[] =>
    rows.length === 0 ? [] : ['', colors.bold(title), ...table(rows)];
  return [
    `${colors.bold(`millrace ${command.name}`)}: ${command.summary}`,
    ...(command.description ? ['', command.description] : []),
    '',
    `${colors.bold('Usage')}  millrace ${[command.name, ...usage].join(' ')}${command.flags.length > 0 ? ' [flags]' : ''}`,
    ...section(
      'Arguments',
      command.positionals.map(p => [p.name.toUpperCase(), p.help]),
    ),
    ...section(
      'Flags',
      command.flags.map(flag => [flagName(flag), flag.help]),
    ),
    ...section(
      'Examples',
      command.examples.map(example => [example, '']),
    ),
    '',
    'Settings are flags too, e.g. --data DIR, --http.port N: `millrace --help` lists them.',
    'Exit status: 0 done, 1 failed, 2 wrong arguments.',
    '',
  ].join('\n');
}

function flagName(flag: FlagSpec): string {
  const value = flag.value === undefined ? '' : ` ${flag.value}`;
  return `${flag.short === undefined ? '' : `-${flag.short}, `}--${flag.name}${value}`;
}

/** Two columns, the first as wide as it must be. */
export function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(34, Math.max(...rows.map(([name]) => name.length)));
  return rows.map(([name, text]) => `  ${colors.cyan(name.padEnd(width))}  ${text}`.trimEnd());
}
