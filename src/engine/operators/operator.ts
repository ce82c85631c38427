import type { Lookup } from '../../contract/mod.ts';
import type { Batch } from '../../core/mod.ts';
import type { LookupJoinNode } from '../../plan/mod.ts';
import type { StateTables } from '../../state/mod.ts';
import type { SessionContext } from '../codegen/mod.ts';

/** The watermark behind the last row of a bounded input: every window fires. */
export const MAX_WATERMARK = Number.MAX_SAFE_INTEGER;
/** Before any watermark. */
export const MIN_WATERMARK = -Number.MAX_SAFE_INTEGER;

/** Where an operator's results go. Both return when everything downstream is through. */
export interface Output {
  /** The batch is borrowed until `emit` returns. */
  emit(batch: Batch): void;
  /** Event time has reached `ms`: no more rows at or before it, except late ones. Never goes back. */
  watermark(ms: number): void;
  /**
   * No rows are to be expected for now, so who waits for several inputs' event time need not wait for this
   * one; or, with false, rows come again. Whoever has one input passes it on without being asked.
   */
  idle(isIdle: boolean): void;
}

/** Counters of one operator, read by metrics. */
export interface OperatorCounters {
  rowsIn: number;
  rowsOut: number;
  lateRows: number;
  watermark: number;
}

/** How lookup joins reach the tables they ask. */
export interface Lookups {
  /** Connects when first asked. Who gives it closes it. */
  open(node: LookupJoinNode): Lookup;
  /** Waits before a key without rows is asked for again. */
  sleep(ms: number): Promise<void>;
}

/** What an operator gets when it is opened. */
export interface OperatorContext {
  readonly output: Output;
  /** The only door to state: declare tables and values in the constructor. */
  readonly state: StateTables;
  readonly session: SessionContext;
  readonly counters: OperatorCounters;
  /** Left out where no plan can hold a lookup join. */
  readonly lookups?: Lookups;
  /** Rows dropped because their window has fired, borrowed. */
  readonly onLate: (rows: Batch) => void;
}

/**
 * One step of a running plan. Calls never overlap. State lives in declared tables and is saved between calls
 * at a barrier, so an operator holds nothing back when a call returns, but for what `finish` sends.
 */
export interface Operator {
  /** `input` is 0, or 1 for a join's right side, or the number of a union's input. */
  onBatch(batch: Batch, input: number): void;
  onWatermark(ms: number, input: number): void;
  /**
   * Processing time is `nowMs`: called at least every 100 ms, between the other calls. Left out by operators
   * that never wait for it.
   */
  onProcessingTime?(nowMs: number): void;
  /**
   * Sends what a mini-batch holds back: its changes, and the event time behind them. Called when no rows are
   * at hand, when a mini-batch has lasted as long as it may, and before each barrier, from the sources
   * downwards. Left out by operators without mini-batches.
   */
  finish?(): void;
  /**
   * Finishes work that has to wait for others, such as look-ups in a database, and emits what came of it.
   * Called after each delivery and before each barrier, from the sources downwards; no other call comes while
   * it runs. Rows and watermarks taken meanwhile are passed on in their order. Left out by operators that
   * never wait.
   */
  drain?(): Promise<void>;
}
