import type { Field } from '../core/mod.ts';
import { orderText } from './explain-rank.ts';
import type { WindowAggregateNode, WindowRankNode, WindowTableFunctionNode } from './physical-window.ts';
import { type WindowProperty, windowText } from './window-spec.ts';

const PROPERTY_TEXT: Readonly<Record<WindowProperty, string>> = {
  window_start: 'start',
  window_end: 'end',
  window_time: 'rowtime',
};

const names = (columns: readonly number[], fields: readonly Field[]) =>
  columns.map(c => fields[c]!.name).join(', ');

/** A window aggregate on one line; `selected` lists its keys and calls. */
export function describeWindowAggregate(node: WindowAggregateNode, selected: string): string {
  const { window, time, windowProperties } = node;
  const { fields } = node.input.schema;
  const keys = names(node.keys, fields);
  const groupBy = keys === '' ? '' : `groupBy=[${keys}], `;
  const spec = window.kind === 'ATTACHED' ? window.spec : window;
  const before =
    window.kind === 'ATTACHED'
      ? [`win_start=[${names([window.start], fields)}]`, `win_end=[${names([window.end], fields)}]`]
      : [timeText(time, fields)];
  const partition = window.kind === 'SESSION' && keys !== '' ? `, partition keys=[${keys}]` : '';
  const text = windowText(spec, before);
  const properties = windowProperties.map(p => {
    const isProctime = p === 'window_time' && time.attribute === 'proctime';
    return `${isProctime ? 'proctime' : PROPERTY_TEXT[p]}('w$) AS ${p}`;
  });
  const select = [selected, ...properties].filter(part => part !== '').join(', ');
  return `WindowAggregate(${groupBy}window=[${text.slice(0, -1)}${partition})], select=[${select}])`;
}

/** A window function on one line. */
export function describeWindowFunction({
  input,
  window,
  time,
  partitionKeys,
}: WindowTableFunctionNode): string {
  const { fields } = input.schema;
  const partition = partitionKeys.length === 0 ? '' : `, partition keys=[${names(partitionKeys, fields)}]`;
  const text = windowText(window, [timeText(time, fields)]);
  return `WindowTableFunction(window=[${text.slice(0, -1)}${partition})])`;
}

/** A top-n of windows on one line. */
export function describeWindowRank(node: WindowRankNode): string {
  const { fields } = node.input.schema;
  const { start, end, spec } = node.window;
  const bounds = [`win_start=[${names([start], fields)}]`, `win_end=[${names([end], fields)}]`];
  const others = node.partition.filter(column => column !== start && column !== end);
  const partitionBy = others.length === 0 ? '' : `partitionBy=[${names(others, fields)}], `;
  const select = names([...node.schema.fields.keys()], node.schema.fields);
  return (
    `WindowRank(window=[${windowText(spec, bounds)}], rankType=[ROW_NUMBER], ` +
    `rankRange=[rankStart=${node.from}, rankEnd=${node.to}], ${partitionBy}` +
    `orderBy=[${orderText(node.order, fields)}], select=[${select}])`
  );
}

function timeText(time: WindowAggregateNode['time'], fields: readonly Field[]): string {
  return time.column === null ? 'time_col=[PROCTIME()]' : `time_col=[${names([time.column], fields)}]`;
}
