import { callText } from './explain.ts';
import { explainExpression } from './explain-expression.ts';
import type { OverAggregateNode } from './physical-over.ts';

/** The text of an OVER aggregate. */
export function describeOver(node: OverAggregateNode): string {
  const { fields } = node.input.schema;
  const names = (columns: readonly number[]) => columns.map(c => fields[c]!.name).join(', ');
  const partition = node.partition.length === 0 ? '' : `partitionBy=[${names(node.partition)}], `;
  const order = node.rowtime === null ? 'PROCTIME' : fields[node.rowtime]!.name;
  const { unit, preceding } = node.frame;
  const window = `${unit} BETWEEN ${preceding ?? 'UNBOUNDED'} PRECEDING AND CURRENT ROW`;
  const own = node.schema.fields.slice(fields.length).map(field => field.name);
  const aggregates = node.aggregates.map((call, i) => `${callText(call, fields)} AS ${own[i]}`);
  const lags = node.lags.map(({ argument, offset, otherwise, type }, i) => {
    const value =
      otherwise === null ? '' : `, ${explainExpression({ kind: 'literal', value: otherwise, type }, [])}`;
    const more = offset === 1 && value === '' ? '' : `, ${offset}${value}`;
    return `LAG(${fields[argument]!.name}${more}) AS ${own[node.aggregates.length + i]}`;
  });
  const select = [...fields.map(field => field.name), ...aggregates, ...lags].join(', ');
  return `OverAggregate(${partition}orderBy=[${order} ASC], window=[${window}], select=[${select}])`;
}
