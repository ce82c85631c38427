import { sqlInvalid } from '../sql/mod.ts';
import { refuseChanges } from './changelog.ts';
import type { Converted, Converter } from './convert.ts';
import type { AggregateCall } from './expression.ts';
import type { TimeAttribute } from './logical.ts';
import type { LogicalOverNode, OverCall, OverGroup } from './logical-over.ts';
import { uniqueFields } from './physical-build.ts';
import type { LagCall, OverAggregateNode } from './physical-over.ts';

/** Aggregates with OVER, over one window by a time attribute; anything else in Flink's words. */
export function convertOver(
  node: LogicalOverNode,
  needed: ReadonlySet<number>,
  converter: Converter,
): Converted {
  const [group, second] = node.groups;
  if (group === undefined || second !== undefined) {
    throw sqlInvalid(
      second!.at,
      'Over Agg: Unsupported use of OVER windows. All aggregates must be computed on the same window. ' +
        'please re-check the over window statement.',
    );
  }
  const time = orderOf(node, group);
  const width = node.input.fields.length;
  const kept = group.calls.flatMap((call, i) => (needed.has(width + i) ? [{ call, at: width + i }] : []));
  // Aggregates stand before LAGs in the output.
  const calls = [...kept.filter(k => k.call.lag === null), ...kept.filter(k => k.call.lag !== null)];
  const order = time === 'rowtime' ? [group.order[0]!.column] : [];
  const args = calls.flatMap(({ call: { call } }) => [call.argument, call.filter].filter(a => a !== null));
  const own = [...needed].filter(i => i < width);
  const reads = [...new Set([...own, ...group.partition, ...order, ...args])].sort((a, b) => a - b);
  const input = converter.exactly(node.input, reads, null);
  refuseChanges('StreamPhysicalOverAggregate', input, group.at);
  const at = (index: number) => reads.indexOf(index);
  const fields = [
    ...input.schema.fields,
    ...calls.map(({ call, at: c }) => ({ name: node.fields[c]!.name, type: call.call.type })),
  ];
  const physical: OverAggregateNode = {
    kind: 'overAggregate',
    id: -1,
    schema: { fields: uniqueFields(fields) },
    changelogMode: 'append',
    input,
    partition: group.partition.map(at),
    rowtime: time === 'rowtime' ? at(group.order[0]!.column) : null,
    frame: group.frame,
    aggregates: calls.filter(k => k.call.lag === null).map(k => aggregateOf(k.call, at)),
    lags: calls.filter(k => k.call.lag !== null).map(k => lagOf(k.call, at)),
  };
  const map = node.fields.map((_, i) => {
    if (i < width) return at(i);
    const index = calls.findIndex(k => k.at === i);
    return index < 0 ? -1 : reads.length + index;
  });
  return { node: physical, map };
}

/** The time attribute that orders a window, or the refusal of any other order. */
function orderOf(node: LogicalOverNode, group: OverGroup): TimeAttribute {
  const [order] = group.order;
  if (order === undefined || group.order.length > 1) {
    throw sqlInvalid(group.at, 'The window can only be ordered by a single time column.');
  }
  if (order.descending) throw sqlInvalid(group.at, 'The window can only be ordered in ASCENDING mode.');
  const { time } = node.input.fields[order.column]!;
  if (time !== null) return time;
  throw sqlInvalid(group.at, "OVER windows' ordering in stream mode must be defined on a time attribute.");
}

/**
 * The place of a row is a count. Over a time attribute Flink's RANK and DENSE_RANK count the rows of the same time
 * too: both are what COUNT(*) is over the same RANGE.
 */
function aggregateOf({ call }: OverCall, at: (index: number) => number): AggregateCall {
  const isPlace = call.name === 'ROW_NUMBER' || call.name === 'RANK' || call.name === 'DENSE_RANK';
  const name = isPlace ? 'COUNT' : (call.name as AggregateCall['name']);
  return {
    ...call,
    name,
    argument: call.argument === null ? null : at(call.argument),
    filter: call.filter === null ? null : at(call.filter),
  };
}

function lagOf({ call, lag }: OverCall, at: (index: number) => number): LagCall {
  return { argument: at(call.argument!), offset: lag!.offset, otherwise: lag!.otherwise, type: call.type };
}
