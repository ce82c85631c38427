import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import colors from 'picocolors';
import { MillraceError, messageOf } from '../../core/mod.ts';
import { nearest } from '../config/nearest.ts';
import { type Config, resolveConfig } from '../config/resolve.ts';
import { parseArguments } from './arguments.ts';
import { ServerError } from './client.ts';
import type { Command } from './command.ts';
import { COMMANDS } from './commands/mod.ts';
import { commandHelp, overviewHelp } from './help.ts';

const WRONG_ARGUMENTS = 2;
const CONFIG_FILE = 'millrace.yaml';

/** The command line: runs a command and answers the exit status. Never throws. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    process.stdout.write(overviewHelp(COMMANDS));
    return 0;
  }
  const command = COMMANDS.find(known => known.name === name);
  if (!command) {
    const near = nearest(
      name,
      COMMANDS.map(known => known.name),
    );
    report(
      'CONFIG_INVALID',
      `no command ${name}. ${near ? `Did you mean \`millrace ${near}\`?` : 'See `millrace --help`.'}`,
    );
    return WRONG_ARGUMENTS;
  }
  try {
    return await runCommand(command, rest);
  } catch (error) {
    return reportError(error);
  }
}

async function runCommand(command: Command, argv: readonly string[]): Promise<number> {
  const { positionals, flags, settings, help } = parseArguments(command, argv);
  if (help) {
    process.stdout.write(commandHelp(command));
    return 0;
  }
  const config = configOf(settings);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort(new MillraceError('TIMEOUT', 'interrupted.'));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  // Who reads what is printed has read enough (`| head`): there is nothing left to do.
  process.stdout.on('error', error => {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
    stop();
  });
  try {
    return await command.run({
      ...{ positionals, flags, config, signal: stopping.signal },
      out: text => void process.stdout.write(text),
      write: async bytes => {
        const room = process.stdout.write(bytes) || stopping.signal.aborted;
        if (!room) await once(process.stdout, 'drain', { signal: stopping.signal }).catch(() => undefined);
      },
      err: text => void process.stderr.write(text),
    });
  } finally {
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
  }
}

/**
 * Settings from flags, environment and `millrace.yaml` of the working directory or else of the data
 * directory.
 */
function configOf(flags: ReadonlyMap<string, string>): Config {
  const environment = process.env;
  const preliminary = flags.get('data') ?? environment['MILLRACE_DATA'] ?? '.millrace';
  const path = [CONFIG_FILE, join(preliminary, CONFIG_FILE)].find(file => existsSync(file));
  if (path === undefined) return resolveConfig({ flags, environment });
  return resolveConfig({ flags, environment, file: { path, text: readFileSync(path, 'utf8') } });
}

function reportError(error: unknown): number {
  if (error instanceof MillraceError || error instanceof ServerError) {
    report(error.code, error.message);
    return error.code === 'CONFIG_INVALID' ? WRONG_ARGUMENTS : 1;
  }
  const cause = error instanceof Error && error.cause ? `: ${messageOf(error.cause)}` : '';
  report('INTERNAL', `${messageOf(error)}${cause}`);
  if (error instanceof Error && !cause) process.stderr.write(`${colors.dim(error.stack ?? '')}\n`);
  return 1;
}

function report(code: string, message: string): void {
  process.stderr.write(`${colors.red('millrace')} ${colors.bold(code)} ${message}\n`);
}
