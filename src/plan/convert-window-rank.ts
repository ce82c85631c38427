import { sqlInvalid } from '../sql/mod.ts';
import { refuseChanges } from './changelog.ts';
import type { Converted, Converter } from './convert.ts';
import { timeOf } from './convert-window.ts';
import type { LogicalRankNode } from './logical-over.ts';
import { uniqueFields } from './physical-build.ts';
import type { WindowRankNode } from './physical-window.ts';
import type { WindowColumns } from './rules/window-columns.ts';
import { simple } from './types/kinds.ts';
import type { WindowProperty } from './window-spec.ts';

/** A top-n whose partitions are those of windows: it leaves once, when the window is over. */
export function convertWindowRank(
  node: LogicalRankNode,
  { window, columns }: WindowColumns,
  needed: ReadonlySet<number>,
  converter: Converter,
): Converted {
  const time = timeOf(window);
  const isLast = keepsLast(node);
  const what = isLast === null ? 'TopN' : 'Deduplication';
  if (time.attribute === 'proctime') {
    throw sqlInvalid(node.at, `Processing time Window ${what} is not supported yet.`);
  }
  const width = node.input.fields.length;
  const shown = [...needed].filter(i => i < width);
  const order = node.order.map(key => key.column);
  const reads = [...new Set([...shown, ...node.partition, ...order])].sort((a, b) => a - b);
  const input = converter.exactly(node.input, reads, null);
  refuseChanges(
    isLast === null ? 'StreamPhysicalWindowRank' : 'StreamPhysicalWindowDeduplicate',
    input,
    node.at,
  );
  const at = (index: number) => reads.indexOf(index);
  const boundOf = (property: WindowProperty) => node.partition.find(key => columns.get(key) === property)!;
  const withRank = needed.has(width);
  const rank = { name: 'w0$o0', type: simple('BIGINT', false) };
  const physical: WindowRankNode = {
    kind: 'windowRank',
    id: -1,
    schema: { fields: withRank ? uniqueFields([...input.schema.fields, rank]) : input.schema.fields },
    changelogMode: 'append',
    input,
    window: {
      kind: 'ATTACHED',
      start: at(boundOf('window_start')),
      end: at(boundOf('window_end')),
      spec: window.window,
    },
    time,
    partition: node.partition.map(at),
    order: node.order.map(key => ({ ...key, column: at(key.column) })),
    from: node.from,
    to: node.to,
    withRank,
    keepsLast: isLast === true,
  };
  const map = node.fields.map((_, i) => (i < width ? at(i) : withRank ? reads.length : -1));
  return { node: physical, map };
}

/** For one row a window and key by a time attribute, whether it is the last; null for any other rank. */
function keepsLast({ from, to, order, input }: LogicalRankNode): boolean | null {
  const [key] = order;
  if (from !== 1 || to !== 1 || key === undefined || order.length > 1) return null;
  return input.fields[key.column]!.time === null ? null : key.descending;
}
