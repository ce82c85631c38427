import { digestOf } from './build-expression.ts';
import type { PhysicalNode } from './physical.ts';

/**
 * Gives the nodes of a plan their ids, in a depth-first walk, inputs first. Equal parts of the plan become
 * one node: a table or view that several sinks read is read once.
 */
export class Numbering {
  readonly #nodes = new Map<string, PhysicalNode>();

  /** The node with ids, its inputs numbered and shared. */
  number(node: PhysicalNode): PhysicalNode {
    const built = mapInputs(node, input => this.number(input));
    const digest = digestOf(withInputIds(built));
    const known = this.#nodes.get(digest);
    if (known !== undefined) return known;
    const numbered = { ...built, id: this.#nodes.size } as PhysicalNode;
    this.#nodes.set(digest, numbered);
    return numbered;
  }

  /** The next free id. */
  get size(): number {
    return this.#nodes.size;
  }
}

/** The inputs of a node, from left to right. */
export function inputsOf(node: PhysicalNode): readonly PhysicalNode[] {
  switch (node.kind) {
    case 'scan':
    case 'values':
      return [];
    case 'join':
    case 'intervalJoin':
    case 'windowJoin':
    case 'temporalJoin':
      return [node.left, node.right];
    case 'union':
      return node.inputs;
    default:
      return [node.input];
  }
}

/** The node with each input changed, from left to right. */
export function mapInputs(node: PhysicalNode, change: (input: PhysicalNode) => PhysicalNode): PhysicalNode {
  switch (node.kind) {
    case 'scan':
    case 'values':
      return node;
    case 'join':
    case 'intervalJoin':
    case 'windowJoin':
    case 'temporalJoin':
      return { ...node, left: change(node.left), right: change(node.right) };
    case 'union':
      return { ...node, inputs: node.inputs.map(change) };
    default:
      return { ...node, input: change(node.input) };
  }
}

/** The node with ids in place of its inputs, for its digest. */
function withInputIds(node: PhysicalNode): unknown {
  switch (node.kind) {
    case 'scan':
    case 'values':
      return { ...node, id: null };
    case 'join':
    case 'intervalJoin':
    case 'windowJoin':
    case 'temporalJoin':
      return { ...node, id: null, left: node.left.id, right: node.right.id };
    case 'union':
      return { ...node, id: null, inputs: node.inputs.map(input => input.id) };
    default:
      return { ...node, id: null, input: node.input.id };
  }
}
