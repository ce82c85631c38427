import { printType } from '../../../core/types.ts';
import type { JsonOptions } from '../../options.ts';
import type { Layout } from '../generate.ts';
import type { ObjectTree } from '../object-tree.ts';

/** All that a kernel's code depends on, as a text: equal for the same table read in several places. */
export function kernelKey(
  { columns, nodes }: ObjectTree,
  { timestampStandard, failOnMissingField }: JsonOptions,
  layout: Layout,
): string {
  const types = columns.map(({ type }) => printType(type));
  const objects = nodes.map(({ keys, row }) => [
    keys.map(key => (key.node === null ? key.column : `o${key.node.id}`)),
    row && printType(row.type),
  ]);
  return JSON.stringify([timestampStandard, failOnMissingField, types, objects, layoutKey(layout)]);
}

/** Bytes as characters, one for one. */
const LATIN1 = new TextDecoder('latin1');

const layoutKey = ({ slots, tail }: Layout): unknown => [
  slots.map(({ before, column, inner }) => [
    LATIN1.decode(before),
    column,
    inner && [inner.node?.id ?? -1, inner.layout && layoutKey(inner.layout)],
  ]),
  LATIN1.decode(tail),
];
