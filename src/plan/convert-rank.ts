import { sqlUnsupported } from '../sql/mod.ts';
import { column, literal } from './build-expression.ts';
import { type Converted, type Converter, merge } from './convert.ts';
import { convertWindowRank } from './convert-window-rank.ts';
import type { TimeAttribute } from './logical.ts';
import type { LogicalRankNode } from './logical-over.ts';
import type { PhysicalNode } from './physical.ts';
import { uniqueFields } from './physical-build.ts';
import type { DeduplicateNode, RankNode } from './physical-rank.ts';
import { windowOfGroups } from './rules/window-columns.ts';
import { simple } from './types/kinds.ts';

/**
 * A top-n; as a deduplication where one row a key by a time attribute is asked of rows that only come. A rank
 * that can only be one number is a constant above.
 */
export function convertRank(
  node: LogicalRankNode,
  needed: ReadonlySet<number>,
  converter: Converter,
): Converted {
  const found = windowOfGroups(node.input, node.partition);
  if (found !== null) return convertWindowRank(node, found, needed, converter);
  const width = node.input.fields.length;
  const isAsked = needed.has(width);
  const isConstant = node.from === node.to;
  const time = deduplicationTime(node);
  const order = node.order.map(key => key.column);
  const reads = columnsFor(node, needed, time === 'proctime' ? [] : order);
  const input = converter.exactly(node.input, reads, null);
  const at = (index: number) => reads.indexOf(index);
  if (time === 'proctime' && input.changelogMode !== 'append') {
    throw sqlUnsupported(node.at, 'one row a key by processing time of a table that changes');
  }
  const physical =
    time !== null && input.changelogMode === 'append'
      ? deduplicateNode(node, input, time, at)
      : rankNode(node, input, at, isAsked && !isConstant);
  const map = node.fields.map((_, i) => (i < width ? at(i) : isAsked ? reads.length : -1));
  if (!isAsked || !isConstant) return { node: physical, map };
  const { fields } = physical.schema;
  const cells = [
    ...fields.map((field, i) => column(i, field.type)),
    literal(BigInt(node.from), simple('BIGINT', false)),
  ];
  return { node: merge(physical, null, cells, [...fields.map(f => f.name), 'w0$o0']), map };
}

function rankNode(
  node: LogicalRankNode,
  input: PhysicalNode,
  at: (index: number) => number,
  withRank: boolean,
): RankNode {
  const rank = { name: 'w0$o0', type: simple('BIGINT', false) };
  const fields = withRank ? uniqueFields([...input.schema.fields, rank]) : input.schema.fields;
  const keepsAll = node.order.length === 0 && input.changelogMode === 'append';
  return {
    kind: 'rank',
    id: -1,
    schema: { fields },
    changelogMode: keepsAll ? 'append' : 'retract',
    input,
    partition: node.partition.map(at),
    order: node.order.map(key => ({ ...key, column: at(key.column) })),
    from: node.from,
    to: node.to,
    withRank,
    ofLimit: node.ofLimit,
  };
}

function columnsFor(node: LogicalRankNode, needed: ReadonlySet<number>, order: readonly number[]): number[] {
  const columns = [...needed].filter(i => i < node.input.fields.length);
  return [...new Set([...columns, ...node.partition, ...order])].sort((a, b) => a - b);
}

/** The time attribute by which one row a key is asked for; null for any other rank. */
function deduplicationTime(node: LogicalRankNode): TimeAttribute | null {
  const [order] = node.order;
  if (node.from !== 1 || node.to !== 1 || order === undefined || node.order.length > 1) return null;
  return node.input.fields[order.column]!.time;
}

function deduplicateNode(
  node: LogicalRankNode,
  input: PhysicalNode,
  time: TimeAttribute,
  at: (index: number) => number,
): DeduplicateNode {
  const order = node.order[0]!;
  const keep = order.descending ? 'LastRow' : 'FirstRow';
  const isFinal = time === 'proctime' && keep === 'FirstRow';
  return {
    kind: 'deduplicate',
    id: -1,
    schema: input.schema,
    changelogMode: isFinal ? 'append' : 'retract',
    input,
    keys: node.partition.map(at),
    rowtime: time === 'rowtime' ? at(order.column) : null,
    keep,
  };
}
