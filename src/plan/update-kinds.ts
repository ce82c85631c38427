import { changeKinds } from './changelog.ts';
import { inputsOf, mapInputs } from './numbering.ts';
import type { ChangelogMode, PhysicalNode } from './physical.ts';
import { keptByKey } from './unique-keys.ts';

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
  const inference = new Inference();
  for (const { node, asks } of roots) inference.ask(node, asks);
  return roots.map(({ node, asks }) => inference.built(node, asks));
}

/** First all consumers ask, then the nodes are built. */
class Inference {
  /** Nodes by id and images they were asked for. */
  readonly #asked = new Set<string>();
  /** Ids of the nodes with state of which someone asks both images. */
  readonly #both = new Set<number>();
  readonly #built = new Map<string, PhysicalNode>();

  ask(node: PhysicalNode, asks: UpdateImages): void {
    const images = possible(node, asks);
    const key = `${node.id} ${images}`;
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    if (images === 'both') this.#both.add(node.id);
    inputsOf(node).forEach((input, k) => {
      this.ask(input, imagesAsked(node, images)[k]!);
    });
  }

  built(node: PhysicalNode, asks: UpdateImages): PhysicalNode {
    const images = possible(node, asks);
    // One node serves all consumers where there is state to share, or a source.
    const isShared = makesUpdates(node) && changeKinds(node).update && this.#both.has(node.id);
    const own = this.#node(node, isShared ? 'both' : images);
    if (images === 'both' || !sendsBefore(own)) return own;
    return { kind: 'dropUpdateBefore', id: -1, schema: own.schema, changelogMode: 'upsert', input: own };
  }

  #node(node: PhysicalNode, images: UpdateImages): PhysicalNode {
    const key = `${node.id} ${images}`;
    const known = this.#built.get(key);
    if (known !== undefined) return known;
    const asked = imagesAsked(node, images);
    let input = 0;
    const built = withMode(
      mapInputs(node, below => this.built(below, asked[input++]!)),
      images,
    );
    this.#built.set(key, built);
    return built;
  }
}

const possible = (node: PhysicalNode, asks: UpdateImages): UpdateImages =>
  asks === 'after' && canLeaveOut(node) ? 'after' : 'both';

const sendsBefore = (node: PhysicalNode): boolean =>
  node.changelogMode === 'retract' && changeKinds(node).update;

/**
 * Whether updates begin at the node, whatever it is asked for: it can be shared, and -U be left out behind.
 */
function makesUpdates(node: PhysicalNode): boolean {
  switch (node.kind) {
    case 'scan':
    case 'groupAggregate':
    case 'changelogNormalize':
    case 'deduplicate':
    case 'rank':
    case 'sinkMaterializer':
      return true;
    default:
      return false;
  }
}

/** Whether a node can send updates without their -U and still be understood by key. */
function canLeaveOut(node: PhysicalNode): boolean {
  if (!changeKinds(node).update || makesUpdates(node)) return true;
  switch (node.kind) {
    case 'calc':
      // A row that no longer passes the condition is taken back by its -U alone.
      return node.condition === null && canLeaveOut(node.input);
    case 'constraintEnforcer':
    case 'exchange':
    case 'lookupJoin':
    case 'replicate':
    case 'unnest':
    case 'watermark':
    case 'windowTableFunction':
      return canLeaveOut(node.input);
    case 'temporalJoin':
      return canLeaveOut(node.left);
    case 'union':
      return node.inputs.every(canLeaveOut);
    case 'join':
      return inputsOf(node).every(
        (input, k) => !changeKinds(input).update || (keptByKey(node, k === 0) !== null && canLeaveOut(input)),
      );
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
    case 'join':
    case 'lookupJoin':
    case 'replicate':
    case 'union':
    case 'unnest':
    case 'watermark':
    case 'windowTableFunction':
      return inputsOf(node).map(() => asked);
    case 'changelogNormalize':
      return ['after'];
    case 'temporalJoin':
      return [asked, 'after'];
    default:
      return inputsOf(node).map(() => 'both');
  }
}

function withMode(node: PhysicalNode, images: UpdateImages): PhysicalNode {
  // What a source sends is its own.
  if (node.kind === 'scan' || node.changelogMode === 'append' || !changeKinds(node).update) return node;
  const changelogMode: ChangelogMode = images === 'after' ? 'upsert' : 'retract';
  return { ...node, changelogMode } as PhysicalNode;
}
