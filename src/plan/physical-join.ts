import type { Schema } from '../core/mod.ts';
import type { Expression } from './expression.ts';
import type { NodeBase, PhysicalNode, TableDeclaration } from './physical.ts';
import type { AttachedWindow, WindowTime } from './window-spec.ts';

/** SEMI keeps the left rows that have a partner, ANTI those that have none. */
export type JoinType = 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'SEMI' | 'ANTI';

/** What all joins of two inputs share. */
interface TwoInputs extends NodeBase {
  readonly left: PhysicalNode;
  readonly right: PhysicalNode;
  readonly leftKeys: readonly number[];
  readonly rightKeys: readonly number[];
  /** Per key: null joins null (IS NOT DISTINCT FROM). */
  readonly nullsJoin: readonly boolean[];
  /** Over the columns of both, what remains beside the keys. */
  readonly condition: Expression | null;
}

/** Regular join. Output: left columns then right columns; of SEMI and ANTI, left columns only. */
export interface JoinNode extends TwoInputs {
  readonly kind: 'join';
  readonly joinType: JoinType;
  /** What a STATE_TTL hint says of the inputs; 0 for never. */
  readonly stateTtlMs?: { readonly left: number | null; readonly right: number | null };
}

/**
 * Join of two inputs that only insert, with `lowerMs <= left time - right time <= upperMs`. Output: left
 * columns then right columns.
 */
export interface IntervalJoinNode extends TwoInputs {
  readonly kind: 'intervalJoin';
  readonly joinType: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL';
  readonly time: 'rowtime' | 'proctime';
  /** Time columns of the inputs; only read by event time. */
  readonly leftTime: number;
  readonly rightTime: number;
  readonly lowerMs: number;
  readonly upperMs: number;
  /** The bounds as they were written, over the columns of both. */
  readonly timeConditions: readonly Expression[];
}

/**
 * Each left row beside the right row of its key that is valid at the row's event time: the last version not
 * later. Output: left columns then right columns, with the left row's kind.
 */
export interface TemporalJoinNode extends TwoInputs {
  readonly kind: 'temporalJoin';
  readonly joinType: 'INNER' | 'LEFT';
  readonly leftTime: number;
  readonly rightTime: number;
}

/**
 * Join of two inputs that only insert, whose rows hold their windows: rows of equal windows meet when the
 * window is over. The windows' bounds are among the keys. Output as of a regular join.
 */
export interface WindowJoinNode extends TwoInputs {
  readonly kind: 'windowJoin';
  readonly joinType: JoinType;
  readonly leftWindow: AttachedWindow;
  readonly rightWindow: AttachedWindow;
  readonly time: WindowTime;
}

/** How answers of a looked-up table are kept. */
export interface LookupCache {
  /** Keys kept at most; null for no bound. */
  readonly rowsMax: number | null;
  readonly afterWriteMs: number | null;
  readonly afterAccessMs: number | null;
  /** Remember too that a key has no rows. */
  readonly missingKeys: boolean;
}

/**
 * Each input row beside the rows that an outside table has for its key when the row comes. Output: the
 * input's columns, then the table's columns `projection`.
 */
export interface LookupJoinNode extends NodeBase {
  readonly kind: 'lookupJoin';
  readonly joinType: 'INNER' | 'LEFT';
  readonly input: PhysicalNode;
  readonly table: TableDeclaration;
  readonly projection: readonly number[];
  /** The table's columns of the projection, as they are called. */
  readonly tableSchema: Schema;
  readonly inputKeys: readonly number[];
  /** Positions in `projection`, beside `inputKeys`. */
  readonly tableKeys: readonly number[];
  /** Over the input's columns, then those of the projection. */
  readonly condition: Expression | null;
  readonly cache: LookupCache | null;
  readonly retry: { readonly delayMs: number; readonly attemptsMax: number } | null;
}
