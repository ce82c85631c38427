import type { Field } from '../core/mod.ts';
import type { Expression } from './expression.ts';
import type { PhysicalNode } from './physical.ts';
import { uniqueFields } from './physical-build.ts';
import type {
  IntervalJoinNode,
  JoinNode,
  JoinType,
  LookupJoinNode,
  TemporalJoinNode,
  WindowJoinNode,
} from './physical-join.ts';
import { withNullable } from './types/kinds.ts';

/** Nodes get their ids when the whole plan is there; see `numbered`. */
const id = -1;

/** What joins, beside the two inputs. */
export interface JoinSpec {
  readonly leftKeys: readonly number[];
  readonly rightKeys: readonly number[];
  readonly nullsJoin: readonly boolean[];
  readonly condition: Expression | null;
}

/** Regular join. */
export function join(left: PhysicalNode, right: PhysicalNode, joinType: JoinType, spec: JoinSpec): JoinNode {
  const inserts = left.changelogMode === 'append' && right.changelogMode === 'append';
  const passes = joinType === 'INNER' || joinType === 'SEMI';
  const schema = { fields: joinedColumns(left, right, joinType) };
  return {
    kind: 'join',
    id,
    schema,
    changelogMode: passes && inserts ? 'append' : 'retract',
    left,
    right,
    joinType,
    ...spec,
  };
}

/** What an interval join knows of time. */
export type IntervalSpec = Pick<
  IntervalJoinNode,
  'joinType' | 'time' | 'leftTime' | 'rightTime' | 'lowerMs' | 'upperMs' | 'timeConditions'
>;

/** Join of rows whose times lie near each other. */
export function intervalJoin(
  left: PhysicalNode,
  right: PhysicalNode,
  spec: JoinSpec & IntervalSpec,
): PhysicalNode {
  const fields = joinedColumns(left, right, spec.joinType);
  return { kind: 'intervalJoin', id, schema: { fields }, changelogMode: 'append', left, right, ...spec };
}

/** Join of rows of equal windows. */
export function windowJoin(
  left: PhysicalNode,
  right: PhysicalNode,
  spec: JoinSpec & Pick<WindowJoinNode, 'joinType' | 'leftWindow' | 'rightWindow' | 'time'>,
): PhysicalNode {
  const fields = joinedColumns(left, right, spec.joinType);
  return { kind: 'windowJoin', id, schema: { fields }, changelogMode: 'append', left, right, ...spec };
}

/** What a temporal join knows of time. */
export type TemporalSpec = Pick<TemporalJoinNode, 'joinType' | 'leftTime' | 'rightTime'>;

/** Join with the version valid at the left row's time. */
export function temporalJoin(
  left: PhysicalNode,
  right: PhysicalNode,
  spec: JoinSpec & TemporalSpec,
): PhysicalNode {
  const fields = joinedColumns(left, right, spec.joinType);
  const { changelogMode } = left;
  return { kind: 'temporalJoin', id, schema: { fields }, changelogMode, left, right, ...spec };
}

/** What a lookup join knows of the table it asks. */
export type LookupSpec = Omit<
  LookupJoinNode,
  'kind' | 'id' | 'schema' | 'changelogMode' | 'input' | 'tableSchema'
> & { readonly fields: readonly Field[] };

/** Join with what an outside table has for a key. */
export function lookupJoin(input: PhysicalNode, { fields, ...spec }: LookupSpec): PhysicalNode {
  const isFilled = spec.joinType === 'LEFT';
  const right = fields.map(f => (isFilled ? { ...f, type: withNullable(f.type, true) } : f));
  const schema = { fields: uniqueFields([...input.schema.fields, ...right]) };
  const { changelogMode } = input;
  return { kind: 'lookupJoin', id, schema, changelogMode, input, tableSchema: { fields }, ...spec };
}

/** The columns of a joined row: of a side that may be missing, nullable. */
export function joinedColumns(left: PhysicalNode, right: PhysicalNode, joinType: JoinType): readonly Field[] {
  const filled = (fields: readonly Field[], isFilled: boolean) =>
    fields.map(f => (isFilled ? { name: f.name, type: withNullable(f.type, true) } : f));
  const isHalf = joinType === 'SEMI' || joinType === 'ANTI';
  return uniqueFields([
    ...filled(left.schema.fields, joinType === 'RIGHT' || joinType === 'FULL'),
    ...(isHalf ? [] : filled(right.schema.fields, joinType === 'LEFT' || joinType === 'FULL')),
  ]);
}
