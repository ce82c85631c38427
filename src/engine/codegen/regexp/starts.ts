import { type CharSet, negate, range, union } from './char-set.ts';
import type { Node } from './node.ts';

const NONE: CharSet = negate(range(0, 0x10ffff));

/** The characters a node can begin with, and whether it can take none. */
interface Start {
  readonly set: CharSet;
  readonly empty: boolean;
  /** It begins at the start of the text alone. */
  readonly anchored: boolean;
}

/** Where a match can begin: rules out most places without a try. */
export interface Places {
  /** 1 for each byte that a match can begin at. */
  readonly bytes: Uint8Array;
  /** A match can take nothing, so that it can begin at the end as well. */
  readonly empty: boolean;
  /** A match begins at the start of the text alone. */
  readonly anchored: boolean;
}

/** Where a match of the node can begin. Bytes inside a character are no place. */
export function placesOf(node: Node): Places {
  const { set, empty, anchored } = startOf(node);
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => {
    if (byte < 0x80) return empty || set.ascii[byte] === 1 ? 1 : 0;
    return byte >= 0xc0 && (empty || set.rest !== false) ? 1 : 0;
  });
  return { bytes, empty, anchored };
}

function startOf(node: Node): Start {
  switch (node.kind) {
    case 'set':
      return { set: node.set, empty: false, anchored: false };
    case 'sequence':
      return startOfSequence(node.items);
    case 'choice': {
      const starts = node.options.map(startOf);
      return {
        set: starts.reduce((set, start) => union(set, start.set), NONE),
        empty: starts.some(start => start.empty),
        anchored: starts.every(start => start.anchored),
      };
    }
    case 'repeat': {
      const start = startOf(node.node);
      return node.min === 0 ? { ...start, empty: true, anchored: false } : start;
    }
    case 'capture':
    case 'atomic':
      return startOf(node.node);
    case 'anchor':
      return { set: NONE, empty: true, anchored: node.anchor === 'begin' };
    case 'look':
      return { set: NONE, empty: true, anchored: false };
    case 'backReference':
      return { set: NONE, empty: true, anchored: false };
  }
}

function startOfSequence(items: readonly Node[]): Start {
  let set = NONE;
  for (const item of items) {
    const start = startOf(item);
    if (start.anchored) return { set, empty: true, anchored: set === NONE };
    // What a reference takes is not known.
    if (item.kind === 'backReference') return { set, empty: true, anchored: false };
    set = union(set, start.set);
    if (!start.empty) return { set, empty: false, anchored: false };
  }
  return { set, empty: true, anchored: false };
}
