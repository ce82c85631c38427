import { MillraceError } from '../core/mod.ts';
import { wholeOption, wrongOption } from './connector-options.ts';
import { durationMs, isDuration } from './options.ts';
import type { TableDeclaration } from './physical.ts';

type Given = TableDeclaration['options'];

const PREFIX = 'scan.watermark.';
const STRATEGY = `${PREFIX}emit.strategy`;
const GAP = `${PREFIX}emit.on-event.gap`;
const IDLE = `${PREFIX}idle-timeout`;
const KNOWN: readonly string[] = [STRATEGY, GAP, IDLE];
const ALIGNMENT = `${PREFIX}alignment.`;

/** The options that speak of a source's watermark are the planner's, not the connector's. */
export function withoutWatermarkOptions(options: Given): Given {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !name.startsWith(PREFIX)));
}

/**
 * How long a split of a table may be silent before its watermark is no longer waited for: null for ever,
 * undefined when the table leaves it to the session. Watermarks follow each row, so both strategies of Flink
 * come to that; what would make them rarer, or hold sources back, is refused by name.
 */
export function sourceIdleMs(options: Given): number | null | undefined {
  for (const name of Object.keys(options)) {
    if (!name.startsWith(PREFIX) || KNOWN.includes(name)) continue;
    if (name.startsWith(ALIGNMENT)) throw unsupported(`the option '${name}'`);
    throw new MillraceError(
      'SQL_INVALID',
      `Unsupported options:\n\n${name}\n\nSupported options:\n\n${KNOWN.join('\n')}`,
    );
  }
  const strategy = options[STRATEGY];
  if (strategy !== undefined && !/^on-(?:event|periodic)$/i.test(strategy)) {
    throw wrongOption(STRATEGY, strategy, 'on-event or on-periodic');
  }
  if (wholeOption(options, GAP, 1) !== 1) throw unsupported(`the option '${GAP}' other than 1`);
  const idle = options[IDLE];
  if (idle === undefined) return undefined;
  if (!isDuration(idle)) throw wrongOption(IDLE, idle, "a duration such as '5 s'");
  return durationMs(idle) === 0 ? null : durationMs(idle);
}

const unsupported = (what: string) => new MillraceError('SQL_UNSUPPORTED', `${what} is not supported yet.`);
