/**
 * A set of code points: a table for ASCII, and for the rest a rule. `rest` is true or false where all or none
 * of the others belong to it, so that their bytes need no decoding.
 */
export interface CharSet {
  readonly ascii: Uint8Array;
  readonly rest: boolean | ((codePoint: number) => boolean);
}

const ASCII = 128;

const ruleOf = ({ rest }: CharSet) => (typeof rest === 'boolean' ? () => rest : rest);

/** The set of the code points that pass the test. */
export function setOf(test: (codePoint: number) => boolean, rest: CharSet['rest'] = test): CharSet {
  return { ascii: Uint8Array.from({ length: ASCII }, (_, code) => (test(code) ? 1 : 0)), rest };
}

/** The set of the code points from `low` to `high`, both included. */
export function range(low: number, high: number): CharSet {
  return setOf(code => code >= low && code <= high, high < ASCII ? false : undefined);
}

export const single = (codePoint: number): CharSet => range(codePoint, codePoint);

/** The set of the characters of a text. */
export function anyOf(text: string): CharSet {
  const codes = new Set(Array.from(text, char => char.codePointAt(0)!));
  const plain = [...codes].every(code => code < ASCII);
  return setOf(code => codes.has(code), plain ? false : undefined);
}

export function negate(set: CharSet): CharSet {
  const { rest } = set;
  return {
    ascii: set.ascii.map(bit => 1 - bit),
    rest: typeof rest === 'boolean' ? !rest : code => !rest(code),
  };
}

export function union(a: CharSet, b: CharSet): CharSet {
  const rest = a.rest === true || b.rest === true ? true : a.rest === false ? b.rest : a.rest;
  const both = typeof a.rest === 'function' && typeof b.rest === 'function';
  const [p, q] = [ruleOf(a), ruleOf(b)];
  return {
    ascii: a.ascii.map((bit, i) => bit | b.ascii[i]!),
    rest: both ? code => p(code) || q(code) : rest,
  };
}

export const intersect = (a: CharSet, b: CharSet): CharSet => negate(union(negate(a), negate(b)));

/** The set with the other case of its ASCII letters: Java's CASE_INSENSITIVE without UNICODE_CASE. */
export function bothCases(set: CharSet): CharSet {
  const ascii = set.ascii.slice();
  for (let upper = 65; upper <= 90; upper++) {
    const has = set.ascii[upper]! | set.ascii[upper + 32]!;
    ascii[upper] = has;
    ascii[upper + 32] = has;
  }
  return { ascii, rest: set.rest };
}
