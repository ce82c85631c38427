import { sqlInvalid, sqlUnsupported } from '../sql/mod.ts';
import type { Converted, Converter } from './convert.ts';
import type { AggregateCall } from './expression.ts';
import type { AggregateNode, LogicalNode, WindowNode } from './logical.ts';
import { windowAggregate, windowTableFunction } from './physical-build.ts';
import { type Stripped, stripWindow } from './rules/strip-window.ts';
import type { WindowColumns } from './rules/window-columns.ts';
import {
  type AttachedWindow,
  WINDOW_PROPERTIES,
  type WindowProperty,
  type WindowSpec,
  type WindowTime,
} from './window-spec.ts';

/** What a window aggregate reads: its input, and where the logical input's columns are in it. */
interface AggregateInput {
  readonly node: LogicalNode;
  /** Column of `node` of each column of the logical input; -1 for those of the window. */
  readonly onNode: (index: number) => number;
  /** Columns of `node` that the window needs. */
  readonly extra: readonly number[];
  readonly window: (at: (column: number) => number) => WindowSpec | AttachedWindow;
  readonly time: (at: (column: number) => number) => WindowTime;
}

/** Converts an aggregate grouped by a window's start and end; `kept` are the aggregates somebody reads. */
export function convertWindowAggregate(
  node: AggregateNode,
  found: WindowColumns,
  kept: readonly number[],
  needed: ReadonlySet<number>,
  converter: Converter,
): Converted {
  checkMultiple(found.window);
  const { columns } = found;
  const calls = kept.map(i => node.aggregates[i]!);
  const keys = node.keys.filter(key => !columns.has(key));
  const source = fused(node, found, keys, calls) ?? attached(node, found);
  const reads = [...new Set([...readsOf(keys, calls).map(source.onNode), ...source.extra])];
  const input = converter.exactly(source.node, reads, null);
  const at = (column: number) => reads.indexOf(column);
  const onInput = (index: number) => at(source.onNode(index));
  const wanted = node.keys.flatMap((key, i) =>
    needed.has(i) && columns.has(key) ? [columns.get(key)!] : [],
  );
  const properties = WINDOW_PROPERTIES.filter(property => wanted.includes(property));
  const physical = windowAggregate(input, {
    window: source.window(at),
    time: source.time(at),
    keys: keys.map(onInput),
    aggregates: calls.map(c => moved(c, onInput)),
    aggregateNames: kept.map(i => node.fields[node.keys.length + i]!.name),
    windowProperties: properties,
  });
  const map = node.fields.map((_, i) => {
    const key = node.keys[i];
    if (key === undefined) {
      const index = kept.indexOf(i - node.keys.length);
      return index < 0 ? -1 : keys.length + index;
    }
    const property = columns.get(key);
    if (property === undefined) return keys.indexOf(key);
    const index = properties.indexOf(property);
    return index < 0 ? -1 : keys.length + kept.length + index;
  });
  return { node: physical, map };
}

/** Flink's windows share slices, so they must fit into one another; older group windows need not. */
function checkMultiple({ window, partitionKeys, at }: WindowNode): void {
  if (partitionKeys === null) return;
  if (window.kind === 'HOP' && window.sizeMs % window.slideMs !== 0) {
    throw sqlInvalid(
      at,
      'HOP table function based aggregate requires size must be an integral multiple of slide, ' +
        `but got size ${window.sizeMs} ms and slide ${window.slideMs} ms`,
    );
  }
  if (window.kind === 'CUMULATE' && window.sizeMs % window.stepMs !== 0) {
    throw sqlInvalid(
      at,
      'CUMULATE table function based aggregate requires maxSize must be an integral multiple of step, ' +
        `but got maxSize ${window.sizeMs} ms and step ${window.stepMs} ms`,
    );
  }
}

/** The aggregate finds the windows itself, with the window function taken out below it; null if it can't. */
function fused(
  node: AggregateNode,
  { window }: WindowColumns,
  keys: readonly number[],
  calls: readonly AggregateCall[],
): AggregateInput | null {
  const stripped = stripWindow(node.input);
  if (stripped === null) return null;
  const onNode = (index: number) => stripped.map[index]!;
  if (readsOf(keys, calls).some(index => onNode(index) < 0)) return null;
  if (window.window.kind === 'SESSION' && !sameSessions(window, stripped, keys)) return null;
  const isEventTime = timeOf(window).attribute === 'rowtime';
  return {
    node: stripped.node,
    onNode,
    extra: isEventTime ? [stripped.time] : [],
    window: () => window.window,
    time: at => ({ ...timeOf(window), column: isEventTime ? at(stripped.time) : null }),
  };
}

/** Sessions are those of the rows before any filter, kept by the partition's keys: are they the groups'? */
function sameSessions(window: WindowNode, stripped: Stripped, keys: readonly number[]): boolean {
  if (window.partitionKeys === null) return true;
  if (stripped.filtered) return false;
  const grouped = keys.map(key => stripped.map[key]!);
  const partition = window.partitionKeys.map(key => sourceOf(stripped.node, window.input, key));
  return grouped.length === partition.length && grouped.every(key => partition.includes(key));
}

/** Where the projections between pass a column of `below` on; -1 where they don't. */
function sourceOf(node: LogicalNode, below: LogicalNode, index: number): number {
  if (node === below) return index;
  if (node.kind !== 'project') return -1;
  const inner = sourceOf(node.input, below, index);
  return node.expressions.findIndex(e => e.kind === 'column' && e.index === inner);
}

/** Rows come with their windows from below. */
function attached(node: AggregateNode, { window, columns }: WindowColumns): AggregateInput {
  const columnOf = (property: WindowProperty) => [...columns].find(([, p]) => p === property)![0];
  const start = columnOf('window_start');
  const end = columnOf('window_end');
  return {
    node: node.input,
    onNode: index => index,
    extra: [start, end],
    window: at => ({ kind: 'ATTACHED', start: at(start), end: at(end), spec: window.window }),
    time: () => timeOf(window),
  };
}

/** The time of a window function, without its column. */
export function timeOf({ input, time }: WindowNode): WindowTime {
  const field = input.fields[time]!;
  return { attribute: field.time!, column: null, isInstant: field.type.kind === 'TIMESTAMP_LTZ' };
}

/** Converts a window function that gives rows their windows. */
export function convertWindow(
  node: WindowNode,
  needed: ReadonlySet<number>,
  converter: Converter,
): Converted {
  const width = node.input.fields.length;
  const time = timeOf(node);
  const partitionKeys = node.partitionKeys ?? [];
  const reads = [...needed].filter(i => i < width);
  if (time.attribute === 'rowtime') reads.push(node.time);
  reads.push(...partitionKeys);
  const order = [...new Set(reads)].sort((a, b) => a - b);
  const input = converter.exactly(node.input, order, null);
  if (node.window.kind === 'SESSION' && input.changelogMode !== 'append') {
    throw sqlUnsupported(node.at, 'a SESSION window over a changelog, other than in a matching GROUP BY');
  }
  const properties = WINDOW_PROPERTIES.filter((_, i) => needed.has(width + i));
  const physical = windowTableFunction(input, {
    window: node.window,
    time: { ...time, column: time.attribute === 'rowtime' ? order.indexOf(node.time) : null },
    partitionKeys: partitionKeys.map(key => order.indexOf(key)),
    windowProperties: properties,
  });
  const map = node.fields.map((_, i) => {
    if (i < width) return order.indexOf(i);
    const index = properties.indexOf(WINDOW_PROPERTIES[i - width]!);
    return index < 0 ? -1 : order.length + index;
  });
  return { node: physical, map };
}

/** Columns that keys and aggregates read. */
export function readsOf(keys: readonly number[], calls: readonly AggregateCall[]): number[] {
  const reads = new Set(keys);
  for (const call of calls) {
    if (call.argument !== null) reads.add(call.argument);
    if (call.filter !== null) reads.add(call.filter);
  }
  return [...reads];
}

/** An aggregate whose columns lie elsewhere. */
export function moved(call: AggregateCall, at: (index: number) => number): AggregateCall {
  return {
    ...call,
    argument: call.argument === null ? null : at(call.argument),
    filter: call.filter === null ? null : at(call.filter),
  };
}
