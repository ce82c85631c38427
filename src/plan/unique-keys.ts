import type { DataType } from '../core/mod.ts';
import type { Expression } from './expression.ts';
import type { PhysicalNode } from './physical.ts';
import type { IntervalJoinNode, JoinNode, LookupJoinNode, WindowJoinNode } from './physical-join.ts';
import type { RankNode } from './physical-rank.ts';
import { integerRank, isInteger } from './types/kinds.ts';
import type { WindowProperty, WindowSpec } from './window-spec.ts';

/** A set of columns, ascending. */
export type Key = readonly number[];

const KEYS_MAX = 16;

/** Sets of columns whose values no two rows of the node's table share. An empty list: none is known. */
export function uniqueKeys(node: PhysicalNode): readonly Key[] {
  return keysOf(node, false);
}

/**
 * Keys by which a row's changes come in order: unique keys, less those whose rows an exchange may send to
 * several tasks.
 */
export function upsertKeys(node: PhysicalNode): readonly Key[] {
  return keysOf(node, true);
}

function keysOf(node: PhysicalNode, inOrder: boolean): readonly Key[] {
  switch (node.kind) {
    case 'scan': {
      const key = node.table.primaryKey.map(column => node.projection.indexOf(column));
      return key.length === 0 || key.includes(-1) ? [] : [sorted(key)];
    }
    case 'calc':
      return calcKeys(node, inOrder);
    case 'groupAggregate':
      return [node.keys.map((_, i) => i)];
    case 'windowAggregate':
      return windowAggregateKeys(node);
    case 'windowTableFunction':
      return windowFunctionKeys(node);
    case 'windowRank': {
      const below = keysOf(node.input, inOrder);
      const own = node.from === node.to ? [sorted(node.partition)] : [];
      const ranked = node.withRank ? [[...node.partition, node.input.schema.fields.length]] : [];
      return [...below, ...own, ...ranked];
    }
    case 'join':
    case 'intervalJoin':
    case 'windowJoin':
      return joinKeys(node, inOrder);
    case 'lookupJoin':
      return lookupKeys(node, inOrder);
    case 'temporalJoin':
      // Each left row comes out at most once.
      return keysOf(node.left, inOrder);
    case 'changelogNormalize':
      return [sorted(node.keys)];
    case 'deduplicate':
      return [sorted(node.keys)];
    case 'rank':
      return rankKeys(node, inOrder);
    case 'sinkMaterializer':
      return [sorted(node.keys)];
    case 'constraintEnforcer':
    case 'dropUpdateBefore':
    case 'overAggregate':
    case 'temporalSort':
    case 'watermark':
      return keysOf(node.input, inOrder);
    case 'exchange': {
      const keys = keysOf(node.input, inOrder);
      return inOrder ? keys.filter(key => contains(new Set(key), node.keys)) : keys;
    }
    case 'union':
    case 'replicate':
    case 'unnest':
    case 'values':
      return [];
  }
}

/** A table asked by its primary key has one row a key. */
function lookupKeys(node: LookupJoinNode, inOrder: boolean): readonly Key[] {
  const { table, projection, tableKeys, input } = node;
  const asked = new Set(tableKeys.map(key => projection[key]!));
  const isOnce = table.primaryKey.length > 0 && contains(asked, table.primaryKey);
  return isOnce ? keysOf(input, inOrder) : [];
}

/** A rank is held by one row of a partition; a key of the input stays one. */
function rankKeys({ input, partition, from, to, withRank }: RankNode, inOrder: boolean): readonly Key[] {
  const own: Key[] = withRank ? [sorted([...partition, input.schema.fields.length])] : [];
  if (from === to) own.push(sorted(partition));
  // With its rank a row may leave by a -U that belongs to the rank, so its own key no longer follows it.
  return inOrder && withRank ? own : [...own, ...keysOf(input, inOrder)];
}

const sorted = (columns: Key): Key => [...new Set(columns)].sort((a, b) => a - b);

const contains = (columns: ReadonlySet<number>, key: Key) => key.every(column => columns.has(column));

/** The keys with what tells a window from the others. */
function windowAggregateKeys(node: PhysicalNode & { kind: 'windowAggregate' }): readonly Key[] {
  const first = node.keys.length + node.aggregates.length;
  const keys = node.keys.map((_, i) => i);
  const { window, windowProperties } = node;
  const bounds = boundsOf(windowProperties, first, window.kind === 'ATTACHED' ? window.spec : window);
  // Sessions that rows bring along are those of other keys: two may start, or end, at the same time.
  if (window.kind !== 'ATTACHED' || window.spec.kind !== 'SESSION') return bounds.map(b => [...keys, b]);
  const start = windowProperties.indexOf('window_start');
  if (start < 0) return [];
  return bounds.filter(b => b !== first + start).map(b => [...keys, first + start, b]);
}

/** A row is there once for each of its windows: in one kind of window only once. */
function windowFunctionKeys(node: PhysicalNode & { kind: 'windowTableFunction' }): readonly Key[] {
  const below = uniqueKeys(node.input);
  if (node.window.kind === 'TUMBLE' || node.window.kind === 'SESSION') return below;
  const bounds = boundsOf(node.windowProperties, node.input.schema.fields.length, node.window);
  return below.flatMap(key => bounds.map(b => [...key, b]));
}

/** The columns each of which tells windows apart: of cumulating windows several share a start. */
function boundsOf(properties: readonly WindowProperty[], first: number, { kind }: WindowSpec): number[] {
  return properties.flatMap((p, i) => (kind === 'CUMULATE' && p === 'window_start' ? [] : [first + i]));
}

/**
 * A key lives on while each of its columns does, if renamed, copied or cast to a type that tells all apart.
 */
function calcKeys(node: PhysicalNode & { kind: 'calc' }, inOrder: boolean): readonly Key[] {
  const targets = new Map<number, number>();
  for (const [i, expression] of node.projections.entries()) {
    const from = uncast(expression);
    if (from !== null && !targets.has(from)) targets.set(from, i);
  }
  const mapped = keysOf(node.input, inOrder).map(key => key.map(column => targets.get(column) ?? -1));
  return mapped.filter(key => !key.includes(-1)).map(sorted);
}

/** The column that an expression is, but for casts that make no two values one; null for others. */
function uncast(expression: Expression): number | null {
  if (expression.kind === 'column') return expression.index;
  if (expression.kind !== 'cast') return null;
  return keepsApart(expression.operand.type, expression.type) ? uncast(expression.operand) : null;
}

/** Of the casts that Flink takes for true to the value, those that are. */
function keepsApart(from: DataType, to: DataType): boolean {
  if (isInteger(from) && isInteger(to)) return integerRank(from) <= integerRank(to);
  const isText = (from.kind === 'CHAR' || from.kind === 'VARCHAR') && to.kind === 'VARCHAR';
  return isText && to.length >= from.length;
}

/**
 * A side whose join keys hold a unique key meets each row of the other side at most once, so the other
 * side's keys stay unique; in any case a key of both sides together is one.
 */
function joinKeys(node: JoinNode | IntervalJoinNode | WindowJoinNode, inOrder: boolean): readonly Key[] {
  const width = node.left.schema.fields.length;
  const left = keysOf(node.left, inOrder);
  if (node.joinType === 'SEMI' || node.joinType === 'ANTI') return left;
  const right = keysOf(node.right, inOrder);
  const leftOnce = uniqueKeys(node.left).some(key => contains(new Set(node.leftKeys), key));
  const rightOnce = uniqueKeys(node.right).some(key => contains(new Set(node.rightKeys), key));
  const shifted = right.map(key => key.map(column => column + width));
  const keys: Key[] = [];
  if (rightOnce && (node.joinType === 'INNER' || node.joinType === 'LEFT')) keys.push(...left);
  if (leftOnce && (node.joinType === 'INNER' || node.joinType === 'RIGHT')) keys.push(...shifted);
  for (const a of left) for (const b of shifted) keys.push([...a, ...b]);
  return distinct(keys.map(sorted)).slice(0, KEYS_MAX);
}

/**
 * The key by which a join can keep an input whose updates come without -U: a unique key with all of the
 * join's keys in it, so that a row's partners by key stay the same. Null if there is none.
 */
export function keptByKey(node: JoinNode, ofLeft: boolean): Key | null {
  const [input, joinKeys] = ofLeft ? [node.left, node.leftKeys] : [node.right, node.rightKeys];
  return uniqueKeys(input).find(key => contains(new Set(key), joinKeys)) ?? null;
}

function distinct(keys: readonly Key[]): readonly Key[] {
  const digests = keys.map(key => key.join());
  return keys.filter((_, i) => digests.indexOf(digests[i]!) === i);
}

/** The key to speak of: within the wanted columns if one is, else the shortest; null when none is known. */
export function bestKey(node: PhysicalNode, wanted: Key): Key | null {
  const keys = [...uniqueKeys(node)].sort((a, b) => a.length - b.length);
  const preferred = keys.find(key => contains(new Set(wanted), key));
  return preferred ?? keys[0] ?? null;
}
