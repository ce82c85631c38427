import type { LogicalField, LogicalNode } from './logical.ts';

/**
 * Each row of the input once for each element of a collection in it. Output: the input's columns, then those
 * of the element (fields of a row; key and value of a map; the element itself), then, with `ordinality`, the
 * element's place from 1.
 */
export interface LogicalUnnestNode {
  readonly kind: 'unnest';
  readonly input: LogicalNode;
  /** The input's column that holds the collection. */
  readonly collection: number;
  /** A row without elements, or without collection, stays, with nulls for the element. */
  readonly outer: boolean;
  readonly ordinality: boolean;
  readonly fields: readonly LogicalField[];
}
