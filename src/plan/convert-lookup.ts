import { sqlInvalid, sqlUnsupported } from '../sql/mod.ts';
import { allOf, columnsOf, conjunctsOf, remap } from './build-expression.ts';
import { lookupJoin } from './build-join.ts';
import { DEFAULT_CATALOG, DEFAULT_DATABASE } from './catalog.ts';
import { readsByKey } from './connectors.ts';
import type { Converted, Converter } from './convert.ts';
import { isKeyType, withKeys } from './convert-join.ts';
import { declarationOf } from './declaration.ts';
import type { Expression } from './expression.ts';
import type { LogicalNode, SourceNode } from './logical.ts';
import type { LogicalTemporalJoinNode } from './logical-join.ts';
import { lookupCache } from './lookup-options.ts';
import { recordColumns } from './source.ts';

/** A table that is asked by key, and which of its columns each column of the join's right side is. */
interface Looked {
  readonly source: SourceNode;
  readonly columns: readonly number[];
}

/** The table on the right of a join by processing time, where it can be asked by key; null for others. */
export function lookedUp(node: LogicalNode): Looked | null {
  if (node.kind === 'source') {
    return readsByKey(node.options) ? { source: node, columns: node.fields.map((_, i) => i) } : null;
  }
  if (node.kind !== 'project') return null;
  const below = lookedUp(node.input);
  const columns = node.expressions.map(e => (e.kind === 'column' ? (below?.columns[e.index] ?? -1) : -1));
  return below === null || columns.includes(-1) ? null : { source: below.source, columns };
}

interface Key {
  readonly left: Expression;
  /** Column of the right side. */
  readonly right: number;
}

/** A join that asks an outside table for the rows of each key when the row comes. */
export function convertLookupJoin(
  node: LogicalTemporalJoinNode,
  { source, columns }: Looked,
  needed: ReadonlySet<number>,
  converter: Converter,
): Converted {
  const width = node.left.fields.length;
  const { keys, rest } = splitKeys(node, width);
  if (!keys.some(key => columnsOf(key.left).size > 0)) {
    const path = [DEFAULT_CATALOG, source.table.database ?? DEFAULT_DATABASE, source.table.name];
    throw sqlInvalid(
      node.at,
      `Temporal table join requires an equality condition on fields of table [${path.join('.')}].`,
    );
  }
  const left = withKeys(
    node.left,
    keys.map(key => key.left),
  );
  const read = new Set([...needed, ...columnsOf(...rest)]);
  const ofLeft = [...read].filter(i => i < width);
  const leftOrder = [...new Set([...ofLeft, ...left.keys])].sort((a, b) => a - b);
  const ofRight = [...[...read].filter(i => i >= width).map(i => i - width), ...keys.map(key => key.right)];
  const rightOrder = [...new Set(ofRight)].sort((a, b) => a - b);
  const record = recordColumns(source.table);
  const projection = rightOrder.map(i => record.indexOf(columns[i]!));
  if (projection.includes(-1))
    throw sqlUnsupported(node.at, 'a computed column of a table that is looked up');
  const map = [...node.left.fields, ...node.right.fields].map((_, i) => {
    if (i < width) return leftOrder.indexOf(i);
    const index = rightOrder.indexOf(i - width);
    return index < 0 ? -1 : leftOrder.length + index;
  });
  const physical = lookupJoin(converter.exactly(left.node, leftOrder, null), {
    joinType: node.joinType,
    table: declarationOf(source.table, source.options),
    projection,
    fields: rightOrder.map(i => ({ name: node.right.fields[i]!.name, type: node.right.fields[i]!.type })),
    inputKeys: left.keys.map(key => leftOrder.indexOf(key)),
    tableKeys: keys.map(key => rightOrder.indexOf(key.right)),
    condition: allOf(rest.map(c => remap(c, map))),
    cache: lookupCache(source.options, node.at),
    retry: node.hint?.retry ?? null,
  });
  return { node: physical, map };
}

/** Columns of the right side that are set equal to something known before it is asked. */
function splitKeys(node: LogicalTemporalJoinNode, width: number) {
  const keys: Key[] = [];
  const rest: Expression[] = [];
  for (const conjunct of node.condition === null ? [] : conjunctsOf(node.condition)) {
    const key = keyOf(conjunct, width);
    if (key === null || keys.some(known => known.right === key.right)) rest.push(conjunct);
    else keys.push(key);
  }
  return { keys, rest };
}

function keyOf(conjunct: Expression, width: number): Key | null {
  if (conjunct.kind !== 'call' || conjunct.name !== '=') return null;
  const [a, b] = conjunct.operands as readonly [Expression, Expression];
  if (!isKeyType(a, b)) return null;
  const known = (e: Expression) => [...columnsOf(e)].every(index => index < width);
  if (b.kind === 'column' && b.index >= width && known(a)) return { left: a, right: b.index - width };
  if (a.kind === 'column' && a.index >= width && known(b)) return { left: b, right: a.index - width };
  return null;
}
