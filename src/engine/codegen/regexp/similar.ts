import { type Regexp, regexpOf } from './mod.ts';

const SPECIAL_SIMILAR = '[]()|^-+*_%?{}';
const SPECIAL_JAVA = '[]()|^-+*?{}$\\.';
const CLASSES: Readonly<Record<string, string>> = {
  '[:ALPHA:]': '\\p{Alpha}',
  '[:alpha:]': '\\p{Alpha}',
  '[:UPPER:]': '\\p{Upper}',
  '[:upper:]': '\\p{Upper}',
  '[:LOWER:]': '\\p{Lower}',
  '[:lower:]': '\\p{Lower}',
  '[:DIGIT:]': '\\d',
  '[:digit:]': '\\d',
  '[:SPACE:]': ' ',
  '[:space:]': ' ',
  '[:WHITESPACE:]': '\\s',
  '[:whitespace:]': '\\s',
  '[:ALNUM:]': '\\p{Alnum}',
  '[:alnum:]': '\\p{Alnum}',
};

/** The compiled pattern of SIMILAR TO, in Calcite's reading; null when it is none. */
export function similarOf(pattern: string, escapeChar: string | null): Regexp | null {
  const source = similarSource(pattern, escapeChar);
  return source === null ? null : regexpOf(source);
}

function escaped(char: string, escapeChar: string | null): string | null {
  if (SPECIAL_SIMILAR.includes(char)) return SPECIAL_JAVA.includes(char) ? `\\${char}` : char;
  return char === escapeChar ? char : null;
}

function similarSource(pattern: string, escapeChar: string | null): string | null {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    if (char === escapeChar) {
      const literal = escaped(pattern[++i] ?? '', escapeChar);
      if (literal === null || literal === '') return null;
      source += literal;
    } else if (char === '[') {
      const inner = enumeration(pattern, i + 1, escapeChar);
      if (inner === null) return null;
      source += `[${inner.source}]`;
      i = inner.end;
    } else if (char === ']') return null;
    else source += { _: '.', '%': '(?s:.*)', '\\': '\\\\', $: '\\$' }[char] ?? char;
  }
  return source;
}

/** What stands between brackets, from `from` up to the closing one. */
function enumeration(
  pattern: string,
  from: number,
  escapeChar: string | null,
): { readonly source: string; readonly end: number } | null {
  let source = '';
  for (let i = from; i < pattern.length; i++) {
    const char = pattern[i]!;
    if (char === ']') return { source, end: i };
    if (char === escapeChar) {
      const literal = escaped(pattern[++i] ?? '', escapeChar);
      if (literal === null) return null;
      source += literal;
    } else if (char === '-' || char === '^') source += char;
    else if (pattern.startsWith('[:', i)) {
      const name = Object.keys(CLASSES).find(key => pattern.startsWith(key, i));
      if (name === undefined) return null;
      source += CLASSES[name];
      i += name.length - 1;
    } else if (SPECIAL_SIMILAR.includes(char)) return null;
    else source += char;
  }
  return null;
}
