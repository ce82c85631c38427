import { assert } from '../../core/mod.ts';
import { inputsOf, type PhysicalNode, type SinkNode } from '../../plan/mod.ts';

/**
 * A part of the plan that one task runs without an exchange in between: rows pass through it in one call, and
 * a barrier saves all of it at once.
 */
export interface Stage {
  /** Ids of its nodes and sinks. An exchange belongs to the stage that receives from it. */
  readonly nodes: ReadonlySet<number>;
  /** Channels that lead in: ids of exchanges, or of forward channels. */
  readonly inputs: readonly number[];
  /** Channels that lead out. */
  readonly outputs: readonly number[];
  readonly hasSource: boolean;
}

/** The stages of a plan, and the inputs that rows reach by a channel because a loop would arise. */
export interface Stages {
  readonly stages: readonly Stage[];
  /** `forwardChannel(node, input)` of each. */
  readonly forward: ReadonlySet<number>;
}

/** The id of the channel within a task that leads to an input of a node; never that of a node. */
export const forwardChannel = (node: number, input: number): number => -1 - (node * INPUTS_MAX + input);
const INPUTS_MAX = 1 << 12;

/** Cuts a plan at its exchanges. The only task of a job has one stage, whatever the plan. */
export function stagesOf(sinks: readonly SinkNode[], parallelism: number): Stages {
  const nodes = allNodes(sinks);
  const edges = edgesOf(sinks, nodes);
  if (parallelism === 1) return { stages: [oneStage(sinks, nodes)], forward: new Set() };
  const plain = cut(sinks, nodes, edges, new Set());
  if (plain !== null) return { stages: plain, forward: new Set() };
  // Rows of a stage would come back to it through an exchange: nodes with several inputs begin a new one.
  const forward = new Set(
    edges
      .filter(edge => edge.inputs > 1 && edge.from.kind !== 'exchange')
      .map(({ to, input }) => forwardChannel(to, input)),
  );
  const stages = cut(sinks, nodes, edges, forward);
  assert(stages !== null, 'stages that begin at every node with several inputs form no loop');
  return { stages, forward };
}

interface Edge {
  readonly from: PhysicalNode;
  readonly to: number;
  readonly input: number;
  /** How many inputs the target has. */
  readonly inputs: number;
  readonly toExchange: boolean;
}

function allNodes(sinks: readonly SinkNode[]): ReadonlyMap<number, PhysicalNode> {
  const found = new Map<number, PhysicalNode>();
  const visit = (node: PhysicalNode): void => {
    if (found.has(node.id)) return;
    found.set(node.id, node);
    for (const input of inputsOf(node)) visit(input);
  };
  for (const sink of sinks) visit(sink.input);
  return found;
}

function edgesOf(sinks: readonly SinkNode[], nodes: ReadonlyMap<number, PhysicalNode>): readonly Edge[] {
  const inner = [...nodes.values()].flatMap(node =>
    inputsOf(node).map((from, input, all) => ({
      ...{ from, to: node.id, input, inputs: all.length, toExchange: node.kind === 'exchange' },
    })),
  );
  const last = sinks.map(s => ({ from: s.input, to: s.id, input: 0, inputs: 1, toExchange: false }));
  return [...inner, ...last];
}

function oneStage(sinks: readonly SinkNode[], nodes: ReadonlyMap<number, PhysicalNode>): Stage {
  return {
    nodes: new Set([...nodes.keys(), ...sinks.map(sink => sink.id)]),
    ...{ inputs: [], outputs: [], hasSource: true },
  };
}

/** The stages, upstream first; null when they form a loop. */
function cut(
  sinks: readonly SinkNode[],
  nodes: ReadonlyMap<number, PhysicalNode>,
  edges: readonly Edge[],
  forward: ReadonlySet<number>,
): readonly Stage[] | null {
  const groups = new Groups();
  for (const id of [...nodes.keys(), ...sinks.map(sink => sink.id)]) groups.find(id);
  /** The channel an edge is cut into, null for one within a stage. */
  const channelOf = (edge: Edge): number | null => {
    if (edge.toExchange) return edge.to;
    const id = forwardChannel(edge.to, edge.input);
    return forward.has(id) ? id : null;
  };
  for (const edge of edges) if (channelOf(edge) === null) groups.join(edge.from.id, edge.to);
  const stages = new Map<
    number,
    { nodes: Set<number>; inputs: number[]; outputs: number[]; hasSource: boolean }
  >();
  const stageOf = (id: number) => {
    const root = groups.find(id);
    const known = stages.get(root) ?? { nodes: new Set(), inputs: [], outputs: [], hasSource: false };
    stages.set(root, known);
    known.nodes.add(id);
    return known;
  };
  for (const node of nodes.values()) {
    const stage = stageOf(node.id);
    if (node.kind === 'scan' || node.kind === 'values') stage.hasSource = true;
  }
  for (const sink of sinks) stageOf(sink.id);
  for (const edge of edges) {
    const channel = channelOf(edge);
    if (channel === null) continue;
    stageOf(edge.from.id).outputs.push(channel);
    stageOf(edge.to).inputs.push(channel);
  }
  return upstreamFirst([...stages.values()]);
}

function upstreamFirst(stages: readonly Stage[]): readonly Stage[] | null {
  const ordered: Stage[] = [];
  const fed = new Set<number>();
  let left = [...stages];
  while (left.length > 0) {
    const ready = left.filter(stage => stage.inputs.every(channel => fed.has(channel)));
    if (ready.length === 0) return null;
    for (const stage of ready) for (const channel of stage.outputs) fed.add(channel);
    ordered.push(...ready);
    left = left.filter(stage => !ready.includes(stage));
  }
  return ordered;
}

/** Disjoint sets of ids. */
class Groups {
  readonly #parents = new Map<number, number>();

  find(id: number): number {
    const parent = this.#parents.get(id) ?? id;
    this.#parents.set(id, parent);
    return parent === id ? id : this.find(parent);
  }

  join(a: number, b: number): void {
    this.#parents.set(this.find(a), this.find(b));
  }
}
