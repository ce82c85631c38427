import type { DataType, Field } from '../core/mod.ts';
import type { AggregateCall, Expression } from './expression.ts';
import type { ChangelogMode, PhysicalNode } from './physical.ts';
import type { WindowProperty } from './rules/window-columns.ts';
import { timestamp, withNullable } from './types/kinds.ts';

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
): PhysicalNode {
  const fields = [
    ...keys.map((key, i) => ({ name: names[i]!, type: fieldsOf(input)[key]!.type })),
    ...aggregates.map((call, i) => ({ name: names[keys.length + i]!, type: call.type })),
  ];
  return {
    kind: 'groupAggregate',
    id,
    schema: { fields: uniqueFields(fields) },
    changelogMode: aggregates.length === 0 && isAppend(input) ? 'append' : 'retract',
    input,
    keys,
    aggregates,
  };
}

/** What a window aggregate computes, over a given input. */
export interface WindowAggregateSpec {
  readonly rowtime: number;
  readonly sizeMs: number;
  readonly offsetMs: number;
  readonly keys: readonly number[];
  readonly aggregates: readonly AggregateCall[];
  readonly aggregateNames: readonly string[];
  readonly windowProperties: readonly WindowProperty[];
}

export function windowAggregate(input: PhysicalNode, spec: WindowAggregateSpec): PhysicalNode {
  const timeType = fieldsOf(input)[spec.rowtime]!.type;
  const typeOf = (property: WindowProperty): DataType =>
    property === 'window_time'
      ? withNullable({ kind: timeType.kind as 'TIMESTAMP', precision: 3, nullable: true }, false)
      : timestamp(3, false);
  const fields = [
    ...spec.keys.map(key => fieldsOf(input)[key]!),
    ...spec.aggregates.map((call, i) => ({ name: spec.aggregateNames[i]!, type: call.type })),
    ...spec.windowProperties.map(property => ({ name: property, type: typeOf(property) })),
  ];
  return {
    kind: 'windowAggregate',
    id,
    schema: { fields: uniqueFields(fields) },
    changelogMode: 'append',
    input,
    window: { kind: 'TUMBLE', sizeMs: spec.sizeMs, offsetMs: spec.offsetMs },
    rowtime: spec.rowtime,
    keys: spec.keys,
    aggregates: spec.aggregates,
    windowProperties: spec.windowProperties,
  };
}

export function union(inputs: readonly PhysicalNode[]): PhysicalNode {
  return { kind: 'union', id, schema: inputs[0]!.schema, changelogMode: merged(inputs), inputs };
}

export function values(rows: readonly (readonly Expression[])[], fields: readonly Field[]): PhysicalNode {
  return { kind: 'values', id, schema: { fields: uniqueFields(fields) }, changelogMode: 'append', rows };
}
