import { sqlInvalid } from '../sql/mod.ts';
import { fullName } from './catalog.ts';
import { sinkMode } from './connectors.ts';
import { describeNode } from './explain.ts';
import type { SourcePosition } from './expression.ts';
import { inputsOf } from './numbering.ts';
import type { PhysicalNode, TableDeclaration } from './physical.ts';

/** Which changes beside inserts a node gives. */
export interface ChangeKinds {
  readonly update: boolean;
  readonly delete: boolean;
}

const APPEND: ChangeKinds = { update: false, delete: false };
const ALL: ChangeKinds = { update: true, delete: true };

/** The changes a node may give: finer than its changelog mode, for messages and EXPLAIN. */
export function changeKinds(node: PhysicalNode): ChangeKinds {
  if (node.changelogMode === 'append') return APPEND;
  switch (node.kind) {
    case 'scan':
    case 'changelogNormalize':
      return ALL;
    case 'groupAggregate': {
      const below = changeKinds(node.input);
      // Flink says so of DISTINCT too, which has nothing to update.
      return { update: true, delete: below.update || below.delete };
    }
    case 'deduplicate':
      return ALL;
    case 'sinkMaterializer':
      return ALL;
    case 'rank':
      return ALL;
    case 'temporalJoin':
      return changeKinds(node.left);
    case 'join':
      return node.joinType === 'INNER' || node.joinType === 'SEMI' ? joined(inputsOf(node)) : ALL;
    default:
      return joined(inputsOf(node));
  }
}

function joined(nodes: readonly PhysicalNode[]): ChangeKinds {
  const kinds = nodes.map(changeKinds);
  return { update: kinds.some(k => k.update), delete: kinds.some(k => k.delete) };
}

/** Refuses a sink that takes inserts only, if more comes; in Flink's words, naming the node it comes from. */
export function checkSinkChanges(table: TableDeclaration, input: PhysicalNode, at: SourcePosition): void {
  const missing = missingKinds(input);
  if (missing.length === 0 || sinkMode(table) !== 'append') return;
  throw refusal(`Table sink '${fullName(table)}'`, missing, input, at);
}

/** Refuses an input that gives more than inserts, for a node that takes no more. */
export function refuseChanges(consumer: string, input: PhysicalNode, at: SourcePosition): void {
  const missing = missingKinds(input);
  if (missing.length > 0) throw refusal(consumer, missing, input, at);
}

function missingKinds(input: PhysicalNode): readonly string[] {
  const kinds = changeKinds(input);
  return [kinds.update ? 'update' : '', kinds.delete ? 'delete' : ''].filter(kind => kind !== '');
}

function refusal(
  consumer: string,
  missing: readonly string[],
  input: PhysicalNode,
  at: SourcePosition,
): Error {
  return sqlInvalid(
    at,
    `${consumer} doesn't support consuming ${missing.join(' and ')} changes which is ` +
      `produced by node ${describeNode(producer(input))}`,
  );
}

/** The node that first gives more than inserts, seen from the sources. */
function producer(node: PhysicalNode): PhysicalNode {
  const passesOn =
    node.kind === 'calc' || node.kind === 'watermark' || node.kind === 'exchange' || node.kind === 'union';
  const source = passesOn ? inputsOf(node).find(input => input.changelogMode !== 'append') : undefined;
  return source === undefined ? node : producer(source);
}
