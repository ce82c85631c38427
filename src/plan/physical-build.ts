import type { DataType, Field } from '../core/mod.ts';
import type { AggregateCall, Expression } from './expression.ts';
import type { ChangelogMode, GroupAggregateNode, PhysicalNode } from './physical.ts';
import type { WindowAggregateNode, WindowTableFunctionNode } from './physical-window.ts';
import { timestamp } from './types/kinds.ts';
import type { WindowProperty, WindowTime } from './window-spec.ts';

/** Nodes get their ids when the whole plan is there; see `numbered`. */
const id = -1;

const fieldsOf = (node: PhysicalNode): readonly Field[] => node.schema.fields;

/** Makes names unique by a number behind the later ones, as Flink does. */
export function uniqueFields(fields: readonly Field[]): readonly Field[] {
  const taken = new Set<string>();
  return fields.map(field => {
    let name = field.name;
    for (let i = 0; taken.has(name); i++) name = `${field.name}${i}`;
    taken.add(name);
    return { name, type: field.type };
  });
}

/** Filter and projection. */
export function calc(
  input: PhysicalNode,
  condition: Expression | null,
  projections: readonly Expression[],
  names: readonly string[],
): PhysicalNode {
  const fields = projections.map((expression, i) => ({ name: names[i]!, type: expression.type }));
  return {
    kind: 'calc',
    id,
    schema: { fields: uniqueFields(fields) },
    changelogMode: input.changelogMode,
    input,
    condition,
    projections,
  };
}

const isAppend = (node: PhysicalNode) => node.changelogMode === 'append';

/** Changes at most as rich as the inputs': appends stay appends. */
const merged = (nodes: readonly PhysicalNode[]): ChangelogMode =>
  nodes.every(isAppend) ? 'append' : 'retract';

export function groupAggregate(
  input: PhysicalNode,
  keys: readonly number[],
  aggregates: readonly AggregateCall[],
  names: readonly string[],
): GroupAggregateNode {
  const fields = [
    ...keys.map((key, i) => ({ name: names[i]!, type: fieldsOf(input)[key]!.type })),
    ...aggregates.map((call, i) => ({ name: names[keys.length + i]!, type: call.type })),
  ];
  return {
    kind: 'groupAggregate',
    id,
    schema: { fields: uniqueFields(fields) },
    changelogMode: 'retract',
    input,
    keys,
    aggregates,
  };
}

/** What a window aggregate computes, over a given input. */
export interface WindowAggregateSpec {
  readonly window: WindowAggregateNode['window'];
  readonly time: WindowTime;
  readonly keys: readonly number[];
  readonly aggregates: readonly AggregateCall[];
  readonly aggregateNames: readonly string[];
  readonly windowProperties: readonly WindowProperty[];
}

/** The columns a window adds: its bounds as local times, its time of the kind it was cut from. */
function windowFields(properties: readonly WindowProperty[], { isInstant }: WindowTime): readonly Field[] {
  const time: DataType = { kind: isInstant ? 'TIMESTAMP_LTZ' : 'TIMESTAMP', precision: 3, nullable: false };
  return properties.map(name => ({ name, type: name === 'window_time' ? time : timestamp(3, false) }));
}

export function windowAggregate(input: PhysicalNode, spec: WindowAggregateSpec): PhysicalNode {
  const { aggregateNames, ...rest } = spec;
  const fields = [
    ...spec.keys.map(key => fieldsOf(input)[key]!),
    ...spec.aggregates.map((call, i) => ({ name: aggregateNames[i]!, type: call.type })),
    ...windowFields(spec.windowProperties, spec.time),
  ];
  const schema = { fields: uniqueFields(fields) };
  return { kind: 'windowAggregate', id, schema, changelogMode: 'append', input, ...rest };
}

/** A window function that gives rows their windows. */
export function windowTableFunction(
  input: PhysicalNode,
  spec: Pick<WindowTableFunctionNode, 'window' | 'time' | 'partitionKeys' | 'windowProperties'>,
): PhysicalNode {
  const fields = [...fieldsOf(input), ...windowFields(spec.windowProperties, spec.time)];
  const { changelogMode } = input;
  return {
    kind: 'windowTableFunction',
    id,
    schema: { fields: uniqueFields(fields) },
    changelogMode,
    input,
    ...spec,
  };
}

export function union(inputs: readonly PhysicalNode[]): PhysicalNode {
  return { kind: 'union', id, schema: inputs[0]!.schema, changelogMode: merged(inputs), inputs };
}

export function values(rows: readonly (readonly Expression[])[], fields: readonly Field[]): PhysicalNode {
  return { kind: 'values', id, schema: { fields: uniqueFields(fields) }, changelogMode: 'append', rows };
}
