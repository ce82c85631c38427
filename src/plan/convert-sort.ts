import { sqlInvalid } from '../sql/mod.ts';
import { refuseChanges } from './changelog.ts';
import type { Converted, Converter } from './convert.ts';
import type { LogicalReplicateNode, LogicalSortNode } from './logical-sort.ts';
import type { ReplicateNode, TemporalSortNode } from './physical-sort.ts';

/** ORDER BY a time attribute; any other order of a stream has no end to wait for. */
export function convertSort(
  node: LogicalSortNode,
  needed: ReadonlySet<number>,
  converter: Converter,
): Converted {
  const [first, ...rest] = node.order;
  const time = first === undefined ? null : node.input.fields[first.column]!.time;
  if (first === undefined || time === null || first.descending) {
    throw sqlInvalid(node.at, 'Sort on a non-time-attribute field is not supported.');
  }
  const order = (time === 'rowtime' ? node.order : rest).map(key => key.column);
  const reads = [...new Set([...needed, ...order])].sort((a, b) => a - b);
  const input = converter.exactly(node.input, reads, null);
  refuseChanges('StreamPhysicalTemporalSort', input, node.at);
  const at = (index: number) => reads.indexOf(index);
  const map = node.fields.map((_, i) => at(i));
  if (time === 'proctime' && rest.length === 0) return { node: input, map };
  const physical: TemporalSortNode = {
    kind: 'temporalSort',
    id: -1,
    schema: input.schema,
    changelogMode: 'append',
    input,
    rowtime: time === 'rowtime' ? at(first.column) : null,
    order: rest.map(key => ({ ...key, column: at(key.column) })),
  };
  return { node: physical, map };
}

/** Each row as often as its last column says. */
export function convertReplicate(
  node: LogicalReplicateNode,
  needed: ReadonlySet<number>,
  converter: Converter,
): Converted {
  const count = node.input.fields.length - 1;
  const reads = [...[...needed].sort((a, b) => a - b), count];
  const input = converter.exactly(node.input, reads, null);
  const physical: ReplicateNode = {
    kind: 'replicate',
    id: -1,
    schema: { fields: input.schema.fields.slice(0, -1) },
    changelogMode: input.changelogMode,
    input,
    count: reads.length - 1,
  };
  return { node: physical, map: node.fields.map((_, i) => reads.indexOf(i)) };
}
