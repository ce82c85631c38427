import { MillraceError } from '../core/errors.ts';

/** Reads the value of each option of a format; `name` is the full name, for messages. */
export type OptionReaders<T> = Readonly<Record<string, (value: string, name: string) => Partial<T>>>;

/** Read a format's options, given without prefix. Unknown names and wrong values are CONFIG_INVALID. */
export function readOptions<T>(
  format: string,
  readers: OptionReaders<T>,
  given: Readonly<Record<string, string>>,
  defaults: T,
): T {
  let options = defaults;
  for (const [name, value] of Object.entries(given)) {
    const full = `${format}.${name}`;
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (read === undefined) {
      const known = Object.keys(readers).sort().join(', ');
      throw new MillraceError('CONFIG_INVALID', `unknown option '${full}'; ${format} has: ${known}`);
    }
    options = { ...options, ...read(value, full) };
  }
  return options;
}

export function booleanOption(value: string, name: string): boolean {
  return oneOfOption(value.toLowerCase(), name, ['true', 'false']) === 'true';
}

export function oneOfOption<T extends string>(value: string, name: string, allowed: readonly T[]): T {
  const found = allowed.find(a => a === value);
  if (found !== undefined) return found;
  throw new MillraceError(
    'CONFIG_INVALID',
    `option '${name}' is '${value}'; expected ${allowed.join(' or ')}`,
  );
}

/** The code of one character; only ASCII, because records are scanned byte by byte. */
export function characterOption(value: string, name: string): number {
  const code = value.charCodeAt(0);
  if (value.length === 1 && code < 128) return code;
  throw new MillraceError('CONFIG_INVALID', `option '${name}' is '${value}'; expected one ASCII character`);
}
