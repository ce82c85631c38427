import type { Hint, Position, TableReference } from '../../sql/mod.ts';
import { sqlInvalid } from '../../sql/mod.ts';
import type { LookupHint } from '../logical-join.ts';
import { durationMs } from '../options.ts';

const KNOWN: readonly string[] = [
  'async',
  'capacity',
  'fixed-delay',
  'max-attempts',
  'output-mode',
  'retry-predicate',
  'retry-strategy',
  'table',
  'timeout',
];

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  async: ['true', 'false'],
  'output-mode': ['ordered', 'allow_unordered'],
  'retry-predicate': ['lookup_miss'],
  'retry-strategy': ['fixed_delay'],
};

export const isLookupHint = (hint: Hint): boolean => hint.name.toUpperCase() === 'LOOKUP';

/** The LOOKUP hint that names a table, read; null without one. Rows keep their order whatever it says. */
export function lookupHint(hints: readonly Hint[], names: readonly string[]): LookupHint | null {
  const hint = hints.find(h => isLookupHint(h) && names.includes(h.options['table'] ?? ''));
  if (hint === undefined) return null;
  const { options, at } = hint;
  for (const [key, value] of Object.entries(options)) checkOption(key, value, at);
  const retries = ['retry-predicate', 'retry-strategy', 'fixed-delay', 'max-attempts'];
  const given = retries.filter(key => options[key] !== undefined);
  if (given.length === 0) return { retry: null };
  if (given.length < retries.length) {
    throw invalid(at, `the retry options ${retries.join(', ')} must be given together`);
  }
  return {
    retry: { delayMs: durationMs(options['fixed-delay']!), attemptsMax: Number(options['max-attempts']) },
  };
}

function checkOption(key: string, value: string, at: Position): void {
  if (!KNOWN.includes(key)) throw invalid(at, `unknown option '${key}'`);
  const choices = CHOICES[key];
  if (choices !== undefined && !choices.includes(value.toLowerCase())) {
    throw invalid(at, `'${key}' is one of ${choices.join(', ')}, not '${value}'`);
  }
  const isCount = key === 'capacity' || key === 'max-attempts';
  if (isCount && !/^[1-9]\d{0,8}$/.test(value))
    throw invalid(at, `'${key}' is a number above 0, not '${value}'`);
  const isDuration = key === 'fixed-delay' || key === 'timeout';
  if (isDuration && !/^\d+\s*\w*$/.test(value)) throw invalid(at, `'${key}' is a duration, not '${value}'`);
}

const invalid = (at: Position, what: string) =>
  sqlInvalid(at, `Invalid LOOKUP hint options, parsing error: ${what}.`);

/** Refuses LOOKUP hints that name no table of the query. */
export function checkLookupHints(hints: readonly Hint[], from: TableReference | null): void {
  const names = from === null ? [] : namesIn(from);
  for (const hint of hints.filter(isLookupHint)) {
    const table = hint.options['table'];
    if (table === undefined) throw invalid(hint.at, "missing option 'table'");
    if (names.includes(table)) continue;
    throw sqlInvalid(
      hint.at,
      `The options of following hints cannot match the name of input tables or views: \n\`${table}\` in \`LOOKUP\``,
    );
  }
}

/** What the tables of a FROM are called there. */
export function namesIn(reference: TableReference): readonly string[] {
  if (reference.kind === 'join') return [...namesIn(reference.left), ...namesIn(reference.right)];
  const alias = reference.alias === null ? [] : [reference.alias.name.name];
  return reference.kind === 'table' ? [...alias, reference.name.parts.at(-1)!] : alias;
}
