import type { Config } from '../config/resolve.ts';

/** A flag of a command beside the settings, which every command takes. */
export interface FlagSpec {
  readonly name: string;
  /** How the value is called in the help; without one the flag is a switch. */
  readonly value?: string;
  readonly short?: string;
  readonly help: string;
  /** May be given more than once. */
  readonly many?: boolean;
}

export interface PositionalSpec {
  readonly name: string;
  readonly required: boolean;
  readonly help: string;
}

/** What a command gets: its arguments, the settings, and where to write. */
export interface CommandContext {
  readonly positionals: readonly string[];
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly config: Config;
  out(text: string): void;
  /** As `out`, of bytes; resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
  err(text: string): void;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
}

/**
 * A command of `millrace`. `run` answers the exit status; an error it throws is printed with its code,
 * status 1.
 */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** More lines for its own help. */
  readonly description?: string;
  readonly positionals: readonly PositionalSpec[];
  readonly flags: readonly FlagSpec[];
  readonly examples: readonly string[];
  run(context: CommandContext): Promise<number>;
}

/** The value of a flag, where it was given. */
export function flagOf(context: Pick<CommandContext, 'flags'>, name: string): string | undefined {
  return context.flags.get(name)?.at(-1);
}
