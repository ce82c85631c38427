import type { Field } from '../core/mod.ts';
import { DEFAULT_CATALOG, DEFAULT_DATABASE, fullName } from './catalog.ts';
import type { ChangeKinds } from './changelog.ts';
import { changeKinds } from './changelog.ts';
import { explainExpression } from './explain-expression.ts';
import {
  describeIntervalJoin,
  describeJoin,
  describeLookupJoin,
  describeTemporalJoin,
  describeWindowJoin,
} from './explain-join.ts';
import { describeOver } from './explain-over.ts';
import { describeDeduplicate, describeRank, describeTemporalSort } from './explain-rank.ts';
import { describeWindowAggregate, describeWindowFunction, describeWindowRank } from './explain-window.ts';
import type { AggregateCall } from './expression.ts';
import { inputsOf } from './numbering.ts';
import type { PhysicalNode, PhysicalPlan, ScanNode, SinkNode } from './physical.ts';
import type { ConstraintEnforcerNode } from './physical-sink.ts';

/**
 * The plan as text in the manner of Flink's EXPLAIN CHANGELOG_MODE, one tree per sink. Stable for equal
 * plans.
 */
export function explain(plan: PhysicalPlan, withModes = true): string {
  const trees = plan.sinks.map(sink => {
    const key =
      sink.upsertKey === null ? '' : `, upsertKey=[${names(sink.upsertKey, sink.input.schema.fields)}]`;
    return [
      `Sink(table=[${tablePath(sink)}], fields=[${fieldNames(sink.input)}]${key})`,
      ...tree(sink.input, 1, withModes),
    ];
  });
  return `${trees.map(lines => lines.join('\n')).join('\n\n')}\n`;
}

/** The text of one query's plan. */
export function explainNode(root: PhysicalNode, withModes = true): string {
  return `${tree(root, 0, withModes).join('\n')}\n`;
}

const tablePath = (sink: SinkNode) => fullName(sink.table);

function tree(node: PhysicalNode, depth: number, withModes: boolean, isLast = true): string[] {
  const inputs = inputsOf(node);
  const prefix = depth === 0 ? '' : isLast ? '+- ' : ':- ';
  const own = `${prefix}${withModes ? withMode(node) : describeNode(node)}`;
  const children = inputs.flatMap((input, i) => tree(input, 1, withModes, i === inputs.length - 1));
  const indent = depth === 0 ? '' : isLast ? '   ' : ':  ';
  return [own, ...children.map(line => indent + line)];
}

function withMode(node: PhysicalNode): string {
  const text = describeNode(node);
  return `${text.slice(0, -1)}${text.endsWith('()') ? '' : ', '}changelogMode=[${modeText(node, changeKinds(node))}])`;
}

function modeText(node: PhysicalNode, kinds: ChangeKinds): string {
  const beforeImages = kinds.update && node.changelogMode === 'retract';
  return [
    onlyUpserts(node) ? '' : 'I',
    beforeImages ? 'UB' : '',
    kinds.update ? 'UA' : '',
    kinds.delete ? 'D' : '',
  ]
    .filter(k => k !== '')
    .join(',');
}

/** Whether a table's first row of a key comes as its update, as of a source that knows no other. */
function onlyUpserts(node: PhysicalNode): boolean {
  if (node.kind === 'scan') return node.changelogMode === 'upsert';
  const passesOn = node.kind === 'calc' || node.kind === 'exchange' || node.kind === 'watermark';
  return passesOn && onlyUpserts(node.input);
}

/** A node on one line, without its changelog mode, as error messages name it. */
export function describeNode(node: PhysicalNode): string {
  switch (node.kind) {
    case 'scan':
      return `TableSourceScan(table=[[${scanPath(node)}]], fields=[${fieldNames(node)}])`;
    case 'calc':
      return describeCalc(node);
    case 'watermark': {
      const { fields } = node.input.schema;
      const watermark = explainExpression(node.watermark, fields);
      return `WatermarkAssigner(rowtime=[${fields[node.rowtime]!.name}], watermark=[${watermark}])`;
    }
    case 'groupAggregate': {
      const keys = names(node.keys, node.input.schema.fields);
      const groupBy = node.keys.length === 0 ? '' : `groupBy=[${keys}], `;
      const ttl = node.stateTtlMs === undefined ? '' : `, stateTtl=[${node.stateTtlMs} ms]`;
      return `GroupAggregate(${groupBy}select=[${selected(node, keys)}]${ttl})`;
    }
    case 'windowAggregate':
      return describeWindowAggregate(node, selected(node, names(node.keys, node.input.schema.fields)));
    case 'windowJoin':
      return describeWindowJoin(node);
    case 'windowRank':
      return describeWindowRank(node);
    case 'windowTableFunction':
      return describeWindowFunction(node);
    case 'join':
      return describeJoin(node);
    case 'intervalJoin':
      return describeIntervalJoin(node);
    case 'temporalJoin':
      return describeTemporalJoin(node);
    case 'lookupJoin':
      return describeLookupJoin(node);
    case 'changelogNormalize':
      return `ChangelogNormalize(key=[${names(node.keys, node.input.schema.fields)}])`;
    case 'deduplicate':
      return describeDeduplicate(node);
    case 'overAggregate':
      return describeOver(node);
    case 'rank':
      return describeRank(node);
    case 'replicate':
      return `ReplicateRows(count=[${node.input.schema.fields[node.count]!.name}], select=[${fieldNames(node)}])`;
    case 'temporalSort':
      return describeTemporalSort(node);
    case 'sinkMaterializer':
      return `SinkMaterializer(key=[${names(node.keys, node.input.schema.fields)}])`;
    case 'dropUpdateBefore':
      return 'DropUpdateBefore()';
    case 'constraintEnforcer':
      return describeEnforcer(node);
    case 'exchange':
      if (node.keys.length === 0) return 'Exchange(distribution=[single])';
      return `Exchange(distribution=[hash[${names(node.keys, node.input.schema.fields)}]])`;
    case 'union':
      return `Union(all=[true], union=[${fieldNames(node)}])`;
    case 'unnest': {
      const { fields } = node.input.schema;
      const join = node.outer ? 'LeftOuterJoin' : 'InnerJoin';
      return `Correlate(invocation=[$UNNEST_ROWS(${fields[node.collection]!.name})], joinType=[${join}], select=[${fieldNames(node)}])`;
    }
    case 'values':
      return `Values(tuples=[[${node.rows.map(row => `{ ${row.map(c => explainExpression(c, [])).join(', ')} }`).join(', ')}]])`;
  }
}

const scanPath = ({ table }: ScanNode): string =>
  [DEFAULT_CATALOG, table.database ?? DEFAULT_DATABASE, table.name].join(', ');

function describeEnforcer(node: ConstraintEnforcerNode): string {
  const { fields } = node.schema;
  const parts = [
    node.notNull.length === 0 ? '' : `NotNullEnforcer(fields=[${names(node.notNull, fields)}])`,
    node.lengths.length === 0 ? '' : `LengthEnforcer(fields=[${names(node.lengths, fields)}])`,
  ];
  return `ConstraintEnforcer[${parts.filter(part => part !== '').join(', ')}]()`;
}

const fieldNames = (node: PhysicalNode) => node.schema.fields.map(f => f.name).join(', ');
const names = (columns: readonly number[], fields: readonly Field[]) =>
  columns.map(c => fields[c]!.name).join(', ');

function describeCalc(node: PhysicalNode & { kind: 'calc' }): string {
  const { fields } = node.input.schema;
  const items = node.projections.map((expression, i) => {
    const text = explainExpression(expression, fields);
    const name = node.schema.fields[i]!.name;
    return text === name ? text : `${text} AS ${name}`;
  });
  const where = node.condition === null ? '' : `, where=[${explainExpression(node.condition, fields)}]`;
  return `Calc(select=[${items.join(', ')}]${where})`;
}

function selected(node: PhysicalNode & { kind: 'groupAggregate' | 'windowAggregate' }, keys: string): string {
  const { fields } = node.input.schema;
  const calls = node.aggregates.map((call, i) => {
    return `${callText(call, fields)} AS ${node.schema.fields[node.keys.length + i]!.name}`;
  });
  return [...(keys === '' ? [] : [keys]), ...calls].join(', ');
}

/** An aggregate call over columns of these names. */
export function callText(call: AggregateCall, fields: readonly Field[]): string {
  const argument = call.argument === null ? '*' : fields[call.argument]!.name;
  const filter = call.filter === null ? '' : ` FILTER ${fields[call.filter]!.name}`;
  const separator = call.separator === undefined ? '' : `, '${call.separator}'`;
  return `${call.name}(${call.distinct ? 'DISTINCT ' : ''}${argument}${separator})${filter}`;
}
