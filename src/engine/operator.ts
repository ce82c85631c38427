import type { Batch, Clock } from '../core/mod.ts';
import type { StateTables } from '../state/mod.ts';

/** Where an operator's rows and watermarks go: the next operators, or a sink. */
export interface Output {
  /** The batch is borrowed until the call returns. */
  onBatch(batch: Batch): void;
  /** Epoch ms; +Infinity at the end of bounded input. Never goes back. */
  onWatermark(watermarkMs: number): void;
}

/** What an operator may use. Its state is what it declares in `tables`, nothing else. */
export interface OperatorContext {
  readonly clock: Clock;
  readonly tables: StateTables;
  /** SET options of the job. */
  readonly options: Readonly<Record<string, string>>;
  /** Index and count of the source splits, while a batch is being delivered; the watermark is the minimum over them. */
  readonly split: () => { readonly index: number; readonly count: number };
  /** Rows that came too late for their window: counted and kept. Borrowed like any batch. */
  onLate(batch: Batch): void;
}

/**
 * One step of a plan. Calls are synchronous and never overlap; `input` is 0, or 1 for the right side of a join.
 * A barrier falls between two calls: then `tables` must hold everything the operator needs to go on, its watermark
 * included, so that what was late stays late after a restore.
 */
export interface Operator {
  onBatch(input: number, batch: Batch): void;
  onWatermark(input: number, watermarkMs: number): void;
  /** Called some times a second with the processing time; for idle time-outs and processing-time timers. */
  onTick?(nowMs: number): void;
  close?(): void;
}
