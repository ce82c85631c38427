import type { PhysicalNode } from '../../plan/mod.ts';
import type { Operator, OperatorContext, Output } from '../operator.ts';
export function createOperator(node: PhysicalNode, _o: Output, _c: OperatorContext): Operator {
  throw new Error(`no operator ${node.kind}`);
}
