import { sqlInvalid, sqlUnsupported } from '../sql/mod.ts';
import type { SourcePosition } from './expression.ts';
import { durationMs } from './options.ts';
import type { LookupCache } from './physical-join.ts';

type Options = Readonly<Record<string, string>>;

const MAX_ROWS = 'lookup.partial-cache.max-rows';
const AFTER_WRITE = 'lookup.partial-cache.expire-after-write';
const AFTER_ACCESS = 'lookup.partial-cache.expire-after-access';
const MISSING_KEY = 'lookup.partial-cache.cache-missing-key';
const OLD_MISSING_KEY = 'lookup.cache.caching-missing-key';

/** The cache that a looked-up table asks for in its options, in Flink's names; null for none. */
export function lookupCache(options: Options, at: SourcePosition): LookupCache | null {
  const deprecated = options['lookup.cache.max-rows'] ?? options['lookup.cache.ttl'];
  const kind = (options['lookup.cache'] ?? (deprecated === undefined ? 'NONE' : 'PARTIAL')).toUpperCase();
  if (kind === 'NONE') return null;
  if (kind === 'FULL') throw sqlUnsupported(at, "'lookup.cache' = 'FULL'");
  if (kind !== 'PARTIAL') {
    throw sqlInvalid(at, `Could not parse value '${kind}' for key 'lookup.cache': NONE or PARTIAL.`);
  }
  return {
    rowsMax: number(options, [MAX_ROWS, 'lookup.cache.max-rows'], at),
    afterWriteMs: duration(options, [AFTER_WRITE, 'lookup.cache.ttl'], at),
    afterAccessMs: duration(options, [AFTER_ACCESS], at),
    missingKeys: (options[MISSING_KEY] ?? options[OLD_MISSING_KEY] ?? 'true').toLowerCase() !== 'false',
  };
}

/** The value under the first of the names that is given. */
function given(options: Options, names: readonly string[]): { key: string; value: string } | null {
  const key = names.find(name => options[name] !== undefined);
  return key === undefined ? null : { key, value: options[key]! };
}

function number(options: Options, names: readonly string[], at: SourcePosition): number | null {
  const found = given(options, names);
  if (found === null) return null;
  if (/^[1-9]\d{0,14}$/.test(found.value)) return Number(found.value);
  throw sqlInvalid(at, `Could not parse value '${found.value}' for key '${found.key}'.`);
}

function duration(options: Options, names: readonly string[], at: SourcePosition): number | null {
  const found = given(options, names);
  if (found === null) return null;
  if (/^\d+\s*\w*$/.test(found.value)) return durationMs(found.value);
  throw sqlInvalid(at, `Could not parse value '${found.value}' for key '${found.key}'.`);
}
