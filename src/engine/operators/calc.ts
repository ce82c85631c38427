import type { CalcNode } from '../../plan/mod.ts';
import { compileCalc } from '../codegen/mod.ts';
import type { Operator, OperatorContext } from './operator.ts';

/** Filter and projection as one generated loop. */
export function openCalc(node: CalcNode, context: OperatorContext): Operator {
  const kernel = compileCalc(node.condition, node.projections, node.schema, context.session);
  return {
    onBatch: batch => {
      const result = kernel(batch);
      if (result.selectionCount > 0) context.output.emit(result);
    },
    onWatermark: ms => context.output.watermark(ms),
  };
}
