import { unreachable } from '../core/mod.ts';
import type { ExchangeNode, PhysicalNode, ScanNode, ValuesNode, WatermarkNode } from '../plan/mod.ts';
import {
  type Operator,
  type OperatorContext,
  openCalc,
  openChangelogNormalize,
  openConstraintEnforcer,
  openDeduplicate,
  openDropUpdateBefore,
  openGroupAggregate,
  openIntervalJoin,
  openJoin,
  openLookupJoin,
  openOver,
  openRank,
  openReplicate,
  openSinkMaterializer,
  openTemporalJoin,
  openTemporalSort,
  openUnion,
  openUnnest,
  openWindowAggregate,
  openWindowFunction,
  openWindowJoin,
  openWindowRank,
} from './operators/mod.ts';

/** Opens the operator of a node. Sources, exchanges and watermark assigners the graph builds itself. */
export function openOperator(
  node: Exclude<PhysicalNode, ScanNode | ValuesNode | ExchangeNode | WatermarkNode>,
  context: OperatorContext,
): Operator {
  switch (node.kind) {
    case 'calc':
      return openCalc(node, context);
    case 'windowAggregate':
      return openWindowAggregate(node, context);
    case 'windowJoin':
      return openWindowJoin(node, context);
    case 'dropUpdateBefore':
      return openDropUpdateBefore(context);
    case 'windowRank':
      return openWindowRank(node, context);
    case 'windowTableFunction':
      return openWindowFunction(node, context);
    case 'groupAggregate':
      return openGroupAggregate(node, context);
    case 'intervalJoin':
      return openIntervalJoin(node, context);
    case 'join':
      return openJoin(node, context);
    case 'lookupJoin':
      return openLookupJoin(node, context);
    case 'temporalJoin':
      return openTemporalJoin(node, context);
    case 'changelogNormalize':
      return openChangelogNormalize(node, context);
    case 'constraintEnforcer':
      return openConstraintEnforcer(node, context);
    case 'deduplicate':
      return openDeduplicate(node, context);
    case 'overAggregate':
      return openOver(node, context);
    case 'rank':
      return openRank(node, context);
    case 'replicate':
      return openReplicate(node, context);
    case 'temporalSort':
      return openTemporalSort(node, context);
    case 'sinkMaterializer':
      return openSinkMaterializer(node, context);
    case 'unnest':
      return openUnnest(node, context);
    case 'union':
      return openUnion(node.inputs.length, node.schema, context);
    default:
      return unreachable(node);
  }
}
