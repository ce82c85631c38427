import type { Position } from './ast/position.ts';

/**
 * A lexical unit. `text` is what the parser needs: the name without its backticks, the string without its
 * quotes, the digits of a number, the operator. `upper` is the word in capitals, empty for anything that is
 * not a bare word.
 */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'number' | 'string' | 'hex' | 'operator' | 'end';
  readonly text: string;
  readonly upper: string;
  readonly at: Position;
}

/** How an error message names the token. */
export function describeToken(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'the end of the text';
    case 'string':
      return `the string '${token.text}'`;
    case 'hex':
      return `X'${token.text}'`;
    case 'quoted':
      return `\`${token.text}\``;
    default:
      return `'${token.text}'`;
  }
}
