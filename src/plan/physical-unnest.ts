import type { NodeBase, PhysicalNode } from './physical.ts';

/**
 * Each row of the input once for each element of the collection in column `collection`. Output: columns
 * `kept` of the input, then columns `elements` of the element (fields of a row; key and value of a map; the
 * element itself; behind them its place from 1).
 */
export interface UnnestNode extends NodeBase {
  readonly kind: 'unnest';
  readonly input: PhysicalNode;
  readonly collection: number;
  readonly outer: boolean;
  readonly kept: readonly number[];
  readonly elements: readonly number[];
}
