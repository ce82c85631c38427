import type { PhysicalNode } from '../plan/mod.ts';
import type { Operator, OperatorCounters } from './operators/mod.ts';

/** Operators that make updates send both images; where the plan asks for the new one alone, -U ends here. */
export function sendsUpdateBefore(node: PhysicalNode): boolean {
  return node.changelogMode === 'upsert' && UPDATING.includes(node.kind);
}

const UPDATING: readonly PhysicalNode['kind'][] = [
  'changelogNormalize',
  'deduplicate',
  'groupAggregate',
  'rank',
];

/** The operator with its rows counted. */
export function counting(operator: Operator, counters: OperatorCounters): Operator {
  return {
    onBatch: (batch, input) => {
      counters.rowsIn += batch.selectionCount;
      operator.onBatch(batch, input);
    },
    onWatermark: (ms, input) => operator.onWatermark(ms, input),
    ...(operator.onProcessingTime === undefined
      ? {}
      : { onProcessingTime: (nowMs: number) => operator.onProcessingTime!(nowMs) }),
    ...(operator.finish === undefined ? {} : { finish: () => operator.finish!() }),
    ...(operator.drain === undefined ? {} : { drain: () => operator.drain!() }),
  };
}
