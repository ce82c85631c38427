import { unreachable } from '../core/mod.ts';
import { inputsOf, mapInputs } from './numbering.ts';
import type { PhysicalNode } from './physical.ts';

/** How rows are spread over tasks: by the hash of columns in this order; without columns, all in one task. */
type Distribution = readonly number[];

/**
 * Puts an exchange in front of each input whose rows must meet their state, as far as they are not spread so
 * already. Plans hold them at any parallelism, as Flink's do; at 1 they cost nothing.
 */
export function withExchanges(roots: readonly PhysicalNode[]): readonly PhysicalNode[] {
  const done = new Map<PhysicalNode, PhysicalNode>();
  const visit = (node: PhysicalNode): PhysicalNode => {
    const known = done.get(node);
    if (known !== undefined) return known;
    const required = requiredDistributions(node);
    let k = 0;
    const built = mapInputs(node, input => exchanged(visit(input), required[k++] ?? null));
    done.set(node, built);
    return built;
  };
  return roots.map(visit);
}

/** What a node needs of each input, null for nothing: its state's exchange key, as the operator declares it. */
function requiredDistributions(node: PhysicalNode): readonly (Distribution | null)[] {
  switch (node.kind) {
    case 'groupAggregate':
    case 'windowAggregate':
    case 'changelogNormalize':
    case 'deduplicate':
    case 'sinkMaterializer':
      return [node.keys];
    case 'temporalSort':
      return [[]];
    case 'overAggregate':
    case 'rank':
    case 'windowRank':
      return [node.partition];
    case 'windowTableFunction':
      return [node.window.kind === 'SESSION' ? node.partitionKeys : null];
    case 'join':
    case 'intervalJoin':
    case 'temporalJoin':
    case 'windowJoin':
      return [node.leftKeys, node.rightKeys];
    case 'lookupJoin':
    case 'calc':
    case 'replicate':
    case 'constraintEnforcer':
    case 'dropUpdateBefore':
    case 'exchange':
    case 'scan':
    case 'union':
    case 'unnest':
    case 'values':
    case 'watermark':
      return inputsOf(node).map(() => null);
    default:
      return unreachable(node);
  }
}

/** How a node's output is spread, as far as known; each of several ways is true. */
function distributionsOf(node: PhysicalNode): readonly Distribution[] {
  switch (node.kind) {
    case 'exchange':
      return [node.keys];
    case 'changelogNormalize':
    case 'deduplicate':
    case 'sinkMaterializer':
      return [node.keys];
    case 'temporalSort':
      return [[]];
    case 'overAggregate':
    case 'rank':
    case 'windowRank':
      return [node.partition];
    case 'groupAggregate':
    case 'windowAggregate':
      return [node.keys.map((_, i) => i)];
    case 'windowTableFunction':
      return distributionsOf(node.input);
    case 'calc':
      return calcDistributions(node);
    case 'constraintEnforcer':
    case 'dropUpdateBefore':
      return distributionsOf(node.input);
    case 'join':
    case 'intervalJoin':
    case 'temporalJoin':
    case 'windowJoin': {
      const width = node.left.schema.fields.length;
      const right = node.rightKeys.map(key => key + width);
      // Rows filled with nulls keep their place by the other side's key alone.
      if (node.joinType === 'INNER') return [node.leftKeys, right];
      if (node.joinType === 'RIGHT') return [right];
      return node.joinType === 'FULL' ? [] : [node.leftKeys];
    }
    case 'unnest':
      return distributionsOf(node.input)
        .map(keys => keys.map(key => node.kept.indexOf(key)))
        .filter(keys => !keys.includes(-1));
    case 'replicate':
    case 'lookupJoin':
      return distributionsOf(node.input);
    case 'union':
    case 'scan':
    case 'values':
    case 'watermark':
      return [];
    default:
      return unreachable(node);
  }
}

/** A distribution lives on while each of its columns does. */
function calcDistributions(node: PhysicalNode & { kind: 'calc' }): readonly Distribution[] {
  const targets = new Map<number, number>();
  for (const [i, expression] of node.projections.entries()) {
    if (expression.kind === 'column' && !targets.has(expression.index)) targets.set(expression.index, i);
  }
  return distributionsOf(node.input)
    .map(keys => keys.map(key => targets.get(key) ?? -1))
    .filter(keys => !keys.includes(-1));
}

function exchanged(input: PhysicalNode, required: Distribution | null): PhysicalNode {
  if (required === null) return input;
  if (distributionsOf(input).some(keys => keys.join() === required.join())) return input;
  const { schema, changelogMode } = input;
  return { kind: 'exchange', id: -1, schema, changelogMode, input, keys: required };
}
