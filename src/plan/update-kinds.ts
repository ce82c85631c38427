import { changeKinds } from './changelog.ts';
import { inputsOf, mapInputs } from './numbering.ts';
import type { ChangelogMode, PhysicalNode } from './physical.ts';

/** What a consumer asks of updates: both images, or the new one only. */
export type UpdateImages = 'both' | 'after';

/**
 * Settles for every node of a numbered plan whether it sends -U, as Flink's changelog mode inference does: only
 * where a consumer needs it. Nodes that send no -U though they update get the mode `upsert`; ids are lost.
 * @param roots each with what its consumer asks
 */
export function inferUpdateKinds(
  roots: readonly { readonly node: PhysicalNode; readonly asks: UpdateImages }[],
): readonly PhysicalNode[] {
  const needs = new Needs();
  for (const { node } of roots) needs.collect(node);
  for (const { node, asks } of roots) needs.ask(node, asks);
  needs.propagate();
  const done = new Map<number, PhysicalNode>();
  const rebuild = (node: PhysicalNode): PhysicalNode => {
    const known = done.get(node.id);
    if (known !== undefined) return known;
    const built = withImages(mapInputs(node, rebuild), needs.of(node));
    done.set(node.id, built);
    return built;
  };
  return roots.map(({ node }) => rebuild(node));
}

/** The images each node must send: both as soon as one consumer asks for both. */
class Needs {
  readonly #nodes = new Map<number, PhysicalNode>();
  readonly #asked = new Map<number, UpdateImages>();

  collect(node: PhysicalNode): void {
    if (this.#nodes.has(node.id)) return;
    this.#nodes.set(node.id, node);
    for (const input of inputsOf(node)) this.collect(input);
  }

  ask(node: PhysicalNode, images: UpdateImages): void {
    const known = this.#asked.get(node.id) ?? 'after';
    this.#asked.set(node.id, known === 'both' || !canLeaveOut(node) ? 'both' : images);
  }

  /** Consumers have higher ids than what they read, so that each node is met when all have asked. */
  propagate(): void {
    const nodes = [...this.#nodes.values()].sort((a, b) => b.id - a.id);
    for (const node of nodes) {
      const images = imagesAsked(node, this.of(node));
      inputsOf(node).forEach((input, k) => {
        this.ask(input, images[k]!);
      });
    }
  }

  of(node: PhysicalNode): UpdateImages {
    return this.#asked.get(node.id) ?? 'both';
  }
}

/** Whether a node can send updates without their -U and still be understood by key. */
function canLeaveOut(node: PhysicalNode): boolean {
  if (!changeKinds(node).update) return true;
  switch (node.kind) {
    case 'scan':
    case 'groupAggregate':
    case 'changelogNormalize':
    case 'deduplicate':
    case 'rank':
    case 'sinkMaterializer':
    case 'dropUpdateBefore':
      return true;
    case 'calc':
      // A row that no longer passes the condition is taken back by its -U alone.
      return node.condition === null && canLeaveOut(node.input);
    case 'constraintEnforcer':
    case 'exchange':
    case 'watermark':
      return canLeaveOut(node.input);
    case 'union':
      return node.inputs.every(canLeaveOut);
    case 'join':
      // Of rows that only come and go a join makes rows that only come and go.
      return inputsOf(node).every(input => !changeKinds(input).update);
    default:
      return false;
  }
}

/** What a node asks of each input, given what is asked of it. */
function imagesAsked(node: PhysicalNode, asked: UpdateImages): readonly UpdateImages[] {
  switch (node.kind) {
    case 'calc':
    case 'constraintEnforcer':
    case 'exchange':
    case 'union':
    case 'watermark':
      return inputsOf(node).map(() => asked);
    case 'changelogNormalize':
      return ['after'];
    case 'temporalJoin':
      return ['both', 'after'];
    default:
      return inputsOf(node).map(() => 'both');
  }
}

function withImages(node: PhysicalNode, images: UpdateImages): PhysicalNode {
  const kinds = changeKinds(node);
  if (node.changelogMode === 'append' || !kinds.update) return node;
  const leavesOut = images === 'after' && canLeaveOut(node);
  if (node.kind === 'scan') {
    if (node.changelogMode === 'upsert' || !leavesOut) return node;
    const { schema } = node;
    return { kind: 'dropUpdateBefore', id: -1, schema, changelogMode: 'upsert', input: node };
  }
  const changelogMode: ChangelogMode = leavesOut ? 'upsert' : 'retract';
  return { ...node, changelogMode } as PhysicalNode;
}
