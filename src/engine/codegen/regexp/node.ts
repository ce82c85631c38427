import type { CharSet } from './char-set.ts';

/** A place that must hold without taking a character. */
export type Anchor =
  /** Start of the text. */
  | 'begin'
  /** End of the text. */
  | 'end'
  /** End of the text, or before the line break that ends it. */
  | 'lastLineEnd'
  /** Start of the text or of a line. */
  | 'lineBegin'
  | 'lineEnd'
  | 'wordBoundary'
  | 'noWordBoundary';

export type Mode = 'greedy' | 'lazy' | 'possessive';

/** A parsed regular expression. */
export type Node =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'choice'; readonly options: readonly Node[] }
  | {
      readonly kind: 'repeat';
      readonly node: Node;
      readonly min: number;
      readonly max: number;
      readonly mode: Mode;
    }
  | { readonly kind: 'capture'; readonly index: number; readonly node: Node }
  | { readonly kind: 'atomic'; readonly node: Node }
  | { readonly kind: 'look'; readonly node: Node; readonly behind: boolean; readonly negated: boolean }
  | { readonly kind: 'backReference'; readonly index: number; readonly anyCase: boolean }
  | { readonly kind: 'anchor'; readonly anchor: Anchor };

/** A pattern with the number of its capturing groups. */
export interface ParsedRegexp {
  readonly node: Node;
  readonly groups: number;
}

/** The pattern is none of Java's: functions answer as Flink's do, with NULL or FALSE. */
export class BadPattern extends Error {}

/** The most characters a node takes, Infinity when there is no bound. */
export function longest(node: Node): number {
  switch (node.kind) {
    case 'set':
      return 1;
    case 'sequence':
      return node.items.reduce((sum, item) => sum + longest(item), 0);
    case 'choice':
      return Math.max(...node.options.map(longest));
    case 'repeat': {
      const one = longest(node.node);
      return one === 0 ? 0 : one * node.max;
    }
    case 'capture':
    case 'atomic':
      return longest(node.node);
    case 'backReference':
      return Number.POSITIVE_INFINITY;
    case 'look':
    case 'anchor':
      return 0;
  }
}
