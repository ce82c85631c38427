import { sqlInvalid, sqlUnsupported } from '../../sql/mod.ts';
import { column, columnsOf } from '../build-expression.ts';
import type { Expression } from '../expression.ts';
import { type LogicalNode, project } from '../logical.ts';
import type { LogicalOverNode, LogicalRankNode, OverGroup } from '../logical-over.ts';
import { simple } from '../types/kinds.ts';

/**
 * ROW_NUMBER() OVER (…) under a condition that bounds it is a top-n. Gives the node in place of the OVER and
 * the conditions that are left; null where nothing bounds a rank.
 */
export function rankRule(
  node: LogicalOverNode,
  conditions: readonly Expression[],
): { node: LogicalNode; rest: readonly Expression[] } | null {
  const found = boundedRank(node, conditions);
  if (found === null) return null;
  const { group, at: rankColumn, from, to, rest } = found;
  const [call] = group.calls;
  if (call!.call.name !== 'ROW_NUMBER') {
    throw sqlInvalid(group.at, `${call!.call.name}() on streaming table is not supported currently`);
  }
  if (to < 1) {
    throw sqlInvalid(group.at, `Rank end should not less than zero, but now is ${to}`);
  }
  if (from > to) return { node: { kind: 'values', rows: [], fields: node.fields }, rest };
  const others = node.groups.filter(other => other !== group);
  const input = others.length === 0 ? node.input : overOf(node, others);
  const rank = rankNode(input, group, from, to);
  if (others.length === 0) return { node: rank, rest };
  const last = rank.fields.length - 1;
  const order = node.fields.map((_, i) => (i === rankColumn ? last : i < rankColumn ? i : i - 1));
  const cells = order.map(i => column(i, rank.fields[i]!.type));
  return {
    node: project(
      rank,
      cells,
      node.fields.map(field => field.name),
    ),
    rest,
  };
}

function rankNode(input: LogicalNode, group: OverGroup, from: number, to: number): LogicalRankNode {
  const { partition, order, at } = group;
  const rank = { name: 'w0$o0', type: simple('BIGINT', false), time: null };
  return {
    kind: 'rank',
    input,
    partition,
    order,
    from,
    to,
    ofLimit: false,
    at,
    fields: [...input.fields, rank],
  };
}

/** The OVER node without one of its groups. */
function overOf(node: LogicalOverNode, groups: readonly OverGroup[]): LogicalOverNode {
  const width = node.input.fields.length;
  const kept = node.groups.flatMap(group => group.calls.map(() => groups.includes(group)));
  return { ...node, groups, fields: node.fields.filter((_, i) => i < width || kept[i - width]) };
}

interface Found {
  readonly group: OverGroup;
  /** The rank's column. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly rest: readonly Expression[];
}

function boundedRank(node: LogicalOverNode, conditions: readonly Expression[]): Found | null {
  let at = node.input.fields.length;
  for (const group of node.groups) {
    const [call] = group.calls;
    // Beside an aggregate over the same window RANK stays what it is, as in Flink.
    const isRank =
      call !== undefined &&
      call.call.argument === null &&
      call.call.name !== 'COUNT' &&
      (call.call.name === 'ROW_NUMBER' || group.calls.length === 1);
    if (isRank) {
      const bounds = conditions.map(condition => boundOf(condition, at));
      const to = Math.min(...bounds.map(b => b?.to ?? Number.POSITIVE_INFINITY));
      const from = Math.max(1, ...bounds.map(b => b?.from ?? 1));
      if (Number.isFinite(to)) {
        return { group, at, from, to, rest: conditions.filter((_, i) => bounds[i] === null) };
      }
      refuseVariable(group, conditions, at);
    }
    at += group.calls.length;
  }
  return null;
}

interface Bound {
  readonly from: number;
  readonly to: number;
}

/** What a comparison of the rank with a constant allows; null for any other condition. */
function boundOf(condition: Expression, at: number): Bound | null {
  if (condition.kind !== 'call') return null;
  const [a, b] = condition.operands;
  if (a === undefined || b === undefined || condition.operands.length !== 2) return null;
  const flipped = a.kind === 'literal';
  const [side, constant] = flipped ? [b, a] : [a, b];
  if (side.kind !== 'column' || side.index !== at || constant.kind !== 'literal') return null;
  if (typeof constant.value !== 'bigint' || constant.type.kind !== 'BIGINT') return null;
  const n = Number(constant.value);
  const name = flipped ? (FLIPPED[condition.name] ?? condition.name) : condition.name;
  const none = Number.POSITIVE_INFINITY;
  switch (name) {
    case '=':
      return { from: n, to: n };
    case '<':
      return { from: 1, to: n - 1 };
    case '<=':
      return { from: 1, to: n };
    case '>':
      return { from: n + 1, to: none };
    case '>=':
      return { from: n, to: none };
    default:
      return null;
  }
}

const FLIPPED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** A rank bounded by another column. */
function refuseVariable(group: OverGroup, conditions: readonly Expression[], at: number): void {
  const variable = conditions.find(
    c =>
      c.kind === 'call' &&
      ['<', '<=', '=', '>', '>='].includes(c.name) &&
      c.operands.some(o => o.kind === 'column' && o.index === at) &&
      columnsOf(c).size > 1,
  );
  if (variable !== undefined) throw sqlUnsupported(group.at, 'a rank bounded by another column');
}
