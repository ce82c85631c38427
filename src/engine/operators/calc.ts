import type { CalcNode } from '../../plan/mod.ts';
import { compileCalc } from '../codegen/mod.ts';
import type { Operator, OperatorContext } from './operator.ts';

/** Filter and projection as one generated loop. */
export function openCalc(node: CalcNode, context: OperatorContext): Operator {
  let watermarkMs: number | null = null;
  const session = { ...context.session, watermarkMs: () => watermarkMs };
  const kernel = compileCalc(node.condition, node.projections, node.schema, session);
  return {
    onBatch: batch => {
      const result = kernel(batch);
      if (result.selectionCount > 0) context.output.emit(result);
    },
    onWatermark: ms => {
      watermarkMs = ms;
      context.output.watermark(ms);
    },
  };
}
