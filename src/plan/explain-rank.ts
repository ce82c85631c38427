import type { Field } from '../core/mod.ts';
import type { SortKey } from './logical-over.ts';
import type { DeduplicateNode, RankNode } from './physical-rank.ts';
import type { TemporalSortNode } from './physical-sort.ts';

const names = (columns: readonly number[], fields: readonly Field[]) =>
  columns.map(c => fields[c]!.name).join(', ');

/** `a ASC, b DESC`, with the place of NULLs where it is not Flink's own. */
export function orderText(order: readonly SortKey[], fields: readonly Field[]): string {
  return order
    .map(({ column, descending, nullsLast }) => {
      const nulls = nullsLast === descending ? '' : nullsLast ? ' NULLS LAST' : ' NULLS FIRST';
      return `${fields[column]!.name} ${descending ? 'DESC' : 'ASC'}${nulls}`;
    })
    .join(', ');
}

/** The text of a top-n; without an order it is a LIMIT, without partitions an ORDER BY with LIMIT. */
export function describeRank(node: RankNode): string {
  const { fields } = node.input.schema;
  const select = names([...node.schema.fields.keys()], node.schema.fields);
  const limit = `offset=[${node.from - 1}], fetch=[${node.to - node.from + 1}]`;
  if (node.order.length === 0 && node.partition.length === 0) return `Limit(${limit})`;
  const strategy = node.input.changelogMode === 'append' ? 'AppendFastStrategy' : 'RetractStrategy';
  if (node.ofLimit)
    return `SortLimit(orderBy=[${orderText(node.order, fields)}], ${limit}, strategy=[${strategy}])`;
  return (
    `Rank(strategy=[${strategy}], rankType=[ROW_NUMBER], ` +
    `rankRange=[rankStart=${node.from}, rankEnd=${node.to}], ` +
    `partitionBy=[${names(node.partition, fields)}], orderBy=[${orderText(node.order, fields)}], ` +
    `select=[${select}])`
  );
}

/** The text of an ORDER BY time. */
export function describeTemporalSort({ input, rowtime, order }: TemporalSortNode): string {
  const { fields } = input.schema;
  const time = rowtime === null ? 'PROCTIME' : fields[rowtime]!.name;
  return `TemporalSort(orderBy=[${[`${time} ASC`, orderText(order, fields)].filter(t => t !== '').join(', ')}])`;
}

/** The text of a deduplication. */
export function describeDeduplicate({ input, keep, keys, rowtime }: DeduplicateNode): string {
  const time = rowtime === null ? 'PROCTIME' : 'ROWTIME';
  return `Deduplicate(keep=[${keep}], key=[${names(keys, input.schema.fields)}], order=[${time}])`;
}
