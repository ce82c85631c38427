import type { Converted, Converter } from './convert.ts';
import type { LogicalUnnestNode } from './logical-unnest.ts';
import { uniqueFields } from './physical-build.ts';
import type { UnnestNode } from './physical-unnest.ts';

/** UNNEST with only the columns that are needed, of the input and of the element. */
export function convertUnnest(
  node: LogicalUnnestNode,
  needed: ReadonlySet<number>,
  converter: Converter,
): Converted {
  const width = node.input.fields.length;
  const order = [...needed].sort((a, b) => a - b);
  const kept = order.filter(i => i < width);
  const elements = order.filter(i => i >= width);
  const reads = [...new Set([...kept, node.collection])];
  const input = converter.exactly(node.input, reads, null);
  const types = [
    ...kept.map(i => input.schema.fields[reads.indexOf(i)]!),
    ...elements.map(i => ({ name: node.fields[i]!.name, type: node.fields[i]!.type })),
  ];
  const physical: UnnestNode = {
    kind: 'unnest',
    id: -1,
    schema: { fields: uniqueFields(types) },
    changelogMode: input.changelogMode,
    input,
    collection: reads.indexOf(node.collection),
    outer: node.outer,
    kept: kept.map(i => reads.indexOf(i)),
    elements: elements.map(i => i - width),
  };
  return { node: physical, map: node.fields.map((_, i) => order.indexOf(i)) };
}
