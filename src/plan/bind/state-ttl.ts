import type { Hint, TableReference } from '../../sql/mod.ts';
import { sqlInvalid } from '../../sql/mod.ts';
import { durationMs } from '../options.ts';
import { namesIn } from './lookup-hint.ts';

export const isStateTtlHint = (hint: Hint): boolean => hint.name.toUpperCase() === 'STATE_TTL';

/** Refuses STATE_TTL hints that name no table of the query, or no time. */
export function checkStateTtlHints(hints: readonly Hint[], from: TableReference | null): void {
  const names = from === null ? [] : namesIn(from);
  for (const { options, at } of hints.filter(isStateTtlHint)) {
    const entries = Object.entries(options);
    if (entries.length === 0) {
      throw sqlInvalid(at, 'Invalid STATE_TTL hint, expecting at least one key-value options specified.');
    }
    for (const [name, value] of entries) {
      if (!names.includes(name)) {
        throw sqlInvalid(
          at,
          `The options of following hints cannot match the name of input tables or views: \n\`${name}\` in \`STATE_TTL\``,
        );
      }
      if (!/^\d+\s*[a-z]*$/i.test(value)) {
        throw sqlInvalid(at, `Invalid STATE_TTL hint value: ${value}, expecting a duration such as '1 d'`);
      }
    }
  }
}

/** The TTL that hints give a table in milliseconds, 0 for never; null where they don't name it. */
export function hintedTtl(hints: readonly Hint[], reference: TableReference | null): number | null {
  if (reference === null || reference.kind === 'join') return null;
  for (const { options } of hints.filter(isStateTtlHint)) {
    const name = namesIn(reference).find(known => Object.hasOwn(options, known));
    if (name !== undefined) return durationMs(options[name]!.toLowerCase());
  }
  return null;
}

/** The TTLs of a join's inputs, as a part of its node; nothing without a hint. */
export function joinTtl(
  hints: readonly Hint[],
  left: TableReference,
  right: TableReference,
): { readonly stateTtlMs?: { readonly left: number | null; readonly right: number | null } } {
  const ttl = { left: hintedTtl(hints, left), right: hintedTtl(hints, right) };
  return ttl.left === null && ttl.right === null ? {} : { stateTtlMs: ttl };
}
