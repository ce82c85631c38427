import { assert } from '../core/mod.ts';
import { allOf, column, columnsOf, conjunctsOf, digestOf, mapColumns, remap } from './build-expression.ts';
import { convertJoin } from './convert-join.ts';
import { convertOver } from './convert-over.ts';
import { convertRank } from './convert-rank.ts';
import { convertReplicate, convertSort } from './convert-sort.ts';
import { convertTemporalJoin } from './convert-temporal.ts';
import { convertUnnest } from './convert-unnest.ts';
import { convertWindow, convertWindowAggregate, moved, readsOf } from './convert-window.ts';
import type { Expression } from './expression.ts';
import type { AggregateNode, LogicalNode, SourceNode } from './logical.ts';
import type { PhysicalNode } from './physical.ts';
import { calc, groupAggregate, union, values } from './physical-build.ts';
import { windowOfGroups } from './rules/window-columns.ts';
import type { SourceBlock } from './source.ts';

/** A physical node and where each column of its logical node is; -1 for columns nobody asked for. */
export type Converted = SourceBlock;

/** Builds or finds the physical source of a table, given the columns one reader needs. */
export type SourceBuilder = (source: SourceNode, needed: ReadonlySet<number>) => Converted;

/** Turns a logical plan into a physical one, keeping no column that is not needed. */
export class Converter {
  readonly #source: SourceBuilder;

  constructor(source: SourceBuilder) {
    this.#source = source;
  }

  /** The node with exactly its logical columns, in order and by name. */
  convertAll(node: LogicalNode): PhysicalNode {
    const order = node.fields.map((_, i) => i);
    return this.exactly(
      node,
      order,
      node.fields.map(field => field.name),
    );
  }

  /** The node with exactly these of its columns, in this order; names as given or whatever they are. */
  exactly(node: LogicalNode, order: readonly number[], names: readonly string[] | null): PhysicalNode {
    const { node: input, map } = this.convert(node, new Set(order));
    return arranged(
      input,
      order.map(i => map[i]!),
      names,
    );
  }

  /** Converts a node of which only some columns are needed. The result may hold more. */
  convert(node: LogicalNode, needed: ReadonlySet<number>): Converted {
    switch (node.kind) {
      case 'source':
        return this.#source(node, needed);
      case 'project':
        return this.#project(node, needed);
      case 'filter':
        return this.#filter(node, needed);
      case 'aggregate':
        return this.#aggregate(node, needed);
      case 'join':
        return convertJoin(node, needed, this);
      case 'temporalJoin':
        return convertTemporalJoin(node, needed, this);
      case 'over':
        return convertOver(node, needed, this);
      case 'rank':
        return convertRank(node, needed, this);
      case 'replicate':
        return convertReplicate(node, needed, this);
      case 'sort':
        return convertSort(node, needed, this);
      case 'unnest':
        return convertUnnest(node, needed, this);
      case 'union': {
        const order = [...needed].sort((a, b) => a - b);
        const names = order.map(i => node.fields[i]!.name);
        const inputs = node.inputs.map(input => this.exactly(input, order, names));
        return { node: union(inputs), map: node.fields.map((_, i) => order.indexOf(i)) };
      }
      case 'values': {
        const order = [...needed].sort((a, b) => a - b);
        const rows = node.rows.map(row => order.map(i => row[i]!));
        const fields = order.map(i => ({ name: node.fields[i]!.name, type: node.fields[i]!.type }));
        return { node: values(rows, fields), map: node.fields.map((_, i) => order.indexOf(i)) };
      }
      case 'window':
        return convertWindow(node, needed, this);
    }
  }

  #project(node: LogicalNode & { kind: 'project' }, needed: ReadonlySet<number>): Converted {
    const order = [...needed].sort((a, b) => a - b);
    const wanted = order.map(i => node.expressions[i]!);
    const below = this.convert(node.input, columnsOf(...wanted));
    const projections = wanted.map(expression => remap(expression, below.map));
    const map = node.expressions.map((_, i) => order.indexOf(i));
    if (projections.every(expression => expression.kind === 'column')) {
      const passed = node.expressions.map((_, i) => {
        const expression = projections[order.indexOf(i)];
        return expression?.kind === 'column' ? expression.index : -1;
      });
      return { node: below.node, map: passed };
    }
    return {
      node: merge(
        below.node,
        null,
        projections,
        order.map(i => node.fields[i]!.name),
      ),
      map,
    };
  }

  #filter(node: LogicalNode & { kind: 'filter' }, needed: ReadonlySet<number>): Converted {
    const reads = columnsOf(node.condition);
    const below = this.convert(node.input, new Set([...needed, ...reads]));
    const order = [...needed].sort((a, b) => a - b);
    const projections = order.map(i => column(below.map[i]!, below.node.schema.fields[below.map[i]!]!.type));
    const condition = remap(node.condition, below.map);
    const names = order.map(i => below.node.schema.fields[below.map[i]!]!.name);
    const map = node.fields.map((_, i) => order.indexOf(i));
    return { node: merge(below.node, condition, projections, names), map };
  }

  #aggregate(node: AggregateNode, needed: ReadonlySet<number>): Converted {
    const kept = node.aggregates.flatMap((_, i) => (needed.has(node.keys.length + i) ? [i] : []));
    const window = windowOfGroups(node.input, node.keys);
    if (window === null) return this.#group(node, kept);
    return convertWindowAggregate(node, window, kept, needed, this);
  }

  #group(node: AggregateNode, kept: readonly number[]): Converted {
    const calls = kept.map(i => node.aggregates[i]!);
    const reads = readsOf(node.keys, calls);
    const input = this.exactly(node.input, reads, null);
    const at = (index: number) => reads.indexOf(index);
    const names = [...node.keys.map((_, i) => i), ...kept.map(i => node.keys.length + i)].map(
      i => node.fields[i]!.name,
    );
    const grouped = groupAggregate(
      input,
      node.keys.map(at),
      calls.map(c => moved(c, at)),
      names,
    );
    const ttl = node.stateTtlMs === undefined ? {} : { stateTtlMs: node.stateTtlMs };
    const physical: PhysicalNode = { ...grouped, ...ttl };
    const map = node.fields.map((_, i) =>
      i < node.keys.length
        ? i
        : kept.includes(i - node.keys.length)
          ? node.keys.length + kept.indexOf(i - node.keys.length)
          : -1,
    );
    return { node: physical, map };
  }
}

/** The node with exactly the given columns of it: itself when it is so already. */
export function arranged(
  node: PhysicalNode,
  columns: readonly number[],
  names: readonly string[] | null,
): PhysicalNode {
  const { fields } = node.schema;
  const same = columns.length === fields.length && columns.every((c, i) => c === i);
  const named = names === null || names.every((name, i) => fields[columns[i]!]?.name === name);
  if (same && named) return node;
  const projections = columns.map(c => {
    assert(fields[c] !== undefined, 'a column that is asked for is there');
    return column(c, fields[c].type);
  });
  return merge(node, null, projections, names ?? columns.map(c => fields[c]!.name));
}

/** A calc over a node; over another calc the two become one, if that repeats no work. */
export function merge(
  input: PhysicalNode,
  condition: Expression | null,
  projections: readonly Expression[],
  names: readonly string[],
): PhysicalNode {
  if (input.kind !== 'calc' || repeatsWork(input.projections, condition, projections)) {
    return calc(input, condition, projections, names);
  }
  const inline = (expression: Expression) => mapColumns(expression, index => input.projections[index]!);
  const conditions = [input.condition, condition === null ? null : inline(condition)].filter(c => c !== null);
  const flat = conditions.flatMap(conjunctsOf);
  return calc(input.input, allOf(once(flat)), projections.map(inline), names);
}

/** Conditions without repetitions. */
function once(conditions: readonly Expression[]): readonly Expression[] {
  const digests = conditions.map(digestOf);
  return conditions.filter((_, i) => digests.indexOf(digests[i]!) === i);
}

/** True when merging would compute something below more than once. */
function repeatsWork(
  below: readonly Expression[],
  condition: Expression | null,
  projections: readonly Expression[],
): boolean {
  const uses = new Map<number, number>();
  for (const expression of condition === null ? projections : [...projections, condition]) {
    mapColumns(expression, (index, type) => {
      uses.set(index, (uses.get(index) ?? 0) + 1);
      return column(index, type);
    });
  }
  return [...uses].some(([index, count]) => {
    const kind = below[index]!.kind;
    return count > 1 && kind !== 'column' && kind !== 'literal';
  });
}
