import { type Batch, MillraceError, type TimestampColumn } from '../../core/mod.ts';
import type { WindowTime } from '../../plan/mod.ts';
import { greatest, least } from '../../state/mod.ts';
import { toInstant, UTC, type Zone } from '../codegen/runtime/zone.ts';
import { MIN_WATERMARK, type OperatorContext } from './operator.ts';

const HOUR_MS = 3_600_000;
/** No zone is further ahead of UTC. */
const SHIFT_MAX_MS = 14 * HOUR_MS;

/**
 * The time windows go by: how far it has come, and each row's. Windows are cut from local times: those of
 * TIMESTAMPs as they stand, those of instants and of processing time in the session's zone.
 */
export class WindowClock {
  readonly isEventTime: boolean;
  /** The watermark, or the last processing time that windows were closed at. */
  progress = MIN_WATERMARK;
  readonly #column: number | null;
  readonly #isShifted: boolean;
  readonly #context: OperatorContext;
  #local = new Float64Array(0);

  constructor(time: WindowTime, context: OperatorContext) {
    this.isEventTime = time.attribute === 'rowtime';
    this.#column = time.column;
    this.#context = context;
    this.#isShifted = (time.isInstant || !this.isEventTime) && context.session.zone !== UTC;
    context.state.value('watermark', {
      read: () => this.progress,
      restore: value => (this.progress = value as number),
      // Processing time runs alike for all tasks; of event times the least holds for all rows.
      merge: this.isEventTime ? least : greatest,
    });
  }

  /** When a window that ends at a local time is over: its last millisecond as an instant. */
  lastInstant(end: number): number {
    return this.#isShifted ? timerInstant(this.#context.session.zone, end - 1) : end - 1;
  }

  /** A window that ends at a local time has been closed. */
  isOver(end: number): boolean {
    return this.lastInstant(end) <= this.progress;
  }

  /** The first of the ends `end`, `end + stepMs`, … that is not over. */
  firstOpen(end: number, stepMs: number): number {
    const behind = this.progress - end - (this.#isShifted ? SHIFT_MAX_MS : 0);
    let open = behind > stepMs ? end + Math.floor(behind / stepMs) * stepMs : end;
    while (this.isOver(open)) open += stepMs;
    return open;
  }

  /** The processing time, local: never one at which windows were closed already. */
  now(): number {
    const now = Math.max(this.#context.session.nowMs(), this.progress + 1);
    return this.#isShifted ? now + this.#context.session.zone.offsetAt(now) : now;
  }

  /** Local event times by physical row, for the live rows, all of which must have one. */
  times(batch: Batch): Float64Array {
    const { millis, nulls } = batch.columns[this.#column!] as TimestampColumn;
    const { selection, selectionCount } = batch;
    if (nulls !== null) refuseNulls(nulls, batch);
    if (!this.#isShifted) return millis;
    if (this.#local.length < batch.rowCount) this.#local = new Float64Array(batch.rowCount * 2);
    const { zone } = this.#context.session;
    for (let k = 0; k < selectionCount; k++) {
      const i = selection === null ? k : selection[k]!;
      this.#local[i] = millis[i]! + zone.offsetAt(millis[i]!);
    }
    return this.#local;
  }
}

/**
 * The instant of a local time for a timer, as Flink has it: of a local time that comes twice the later one,
 * of one that never comes the instant of the jump.
 */
function timerInstant(zone: Zone, localMs: number): number {
  const instant = toInstant(zone, localMs);
  const hourLater = toInstant(zone, localMs + HOUR_MS);
  if (instant === hourLater) return instant - (instant % HOUR_MS);
  return hourLater - instant > HOUR_MS ? instant + HOUR_MS : instant;
}

function refuseNulls(nulls: Uint8Array, { selection, selectionCount }: Batch): void {
  for (let k = 0; k < selectionCount; k++) {
    if (nulls[selection === null ? k : selection[k]!] === 0) continue;
    throw new MillraceError(
      'EXPRESSION_FAILED',
      'RowTime field should not be null, please convert it to a non-null long value.',
    );
  }
}
