import { MillraceError } from '../../../core/mod.ts';
import { type CommandContext, flagOf } from '../command.ts';

type Flags = Pick<CommandContext, 'flags'>;

/** A whole number that a flag gives; undefined where it was not given. CONFIG_INVALID names the flag. */
export function numberFlag(context: Flags, name: string, least = 0): number | undefined {
  const text = flagOf(context, name);
  if (text === undefined) return undefined;
  if (/^-?\d{1,15}$/.test(text) && Number(text) >= least) return Number(text);
  throw new MillraceError('CONFIG_INVALID', `--${name} ${text}: expected a whole number from ${least} on.`);
}

export const isSet = (context: Flags, name: string): boolean => flagOf(context, name) === 'true';

/**
 * A time as epoch milliseconds: `1763740800000`, `2026-11-21T17:00:00Z`, without a zone in UTC as Kafka's
 * tools read it, or `15m`, `2h`, `7d` before now.
 */
export function parseTime(text: string, nowMs: number, flag: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const [, count, unit] = /^(\d{1,9})(s|m|h|d)$/.exec(text) ?? [];
  if (unit !== undefined) return nowMs - Number(count) * UNITS_MS[unit]!;
  const iso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)?(Z|[+-]\d{2}:?\d{2})?$/.test(text);
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/.test(text.slice(10)) || !text.includes('T') ? text : `${text}Z`;
  const ms = iso ? Date.parse(zoned) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new MillraceError(
    'CONFIG_INVALID',
    `${flag} ${text}: expected epoch milliseconds, 2026-11-21T17:00:00Z, or 15m, 2h, 7d for so long ago.`,
  );
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `NAME=VALUE`. */
export function parsePair(text: string, flag: string): readonly [string, string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new MillraceError('CONFIG_INVALID', `--${flag} ${text}: expected NAME=VALUE.`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

/** `0,2` as numbers; undefined where nothing was given. */
export function parsePartitions(text: string | undefined, flag: string): readonly number[] | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}(,\d{1,9})*$/.test(text)) return text.split(',').map(Number);
  throw new MillraceError('CONFIG_INVALID', `--${flag} ${text}: expected numbers separated by commas.`);
}

/** `TOPIC` or `TOPIC:0,2`, as kafka-consumer-groups takes it. */
export function parseTopicPlace(text: string): {
  readonly topic: string;
  readonly partitions: readonly number[] | undefined;
} {
  const colon = text.lastIndexOf(':');
  if (colon < 0) return { topic: text, partitions: undefined };
  return { topic: text.slice(0, colon), partitions: parsePartitions(text.slice(colon + 1), 'topic') };
}

const ESCAPES: Readonly<Record<string, string>> = { '\\t': '\t', '\\n': '\n', '\\0': '\0', '\\\\': '\\' };

/** A separator as it is typed in a shell: `\t` is a tab. */
export const typedText = (text: string): string => text.replace(/\\[tn0\\]/g, found => ESCAPES[found]!);
