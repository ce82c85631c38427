import type { DeltaFrame, SnapshotFrame, ViewRow } from '../../../src/live/protocol.ts';

/**
 * One view as last heard from the server. The maps are changed in place; `ViewSnapshot` is what components
 * see.
 */
export interface ViewState {
  readonly epoch: string;
  readonly key: readonly string[];
  readonly rows: Map<string, ViewRow>;
  /** When a row came by a delta, epoch ms; rows known only from the first frame are absent. */
  readonly changedAtMs: WeakMap<ViewRow, number>;
  version: number;
  asOfMs: number;
  evicted: number;
}

type KeyValue = string | number | boolean | null;

/** One string per key; the type is part of it, so that 1 and '1' stay apart. */
export function keyString(values: readonly (KeyValue | undefined)[]): string {
  return JSON.stringify(values.map(value => value ?? null));
}

/** The key of a row, by the view's key columns. */
export function rowKey(key: readonly string[], row: ViewRow): string {
  return keyString(key.map(column => row[column]));
}

/** A view from its first frame, or from a fresh one after a gap the server could not replay. */
export function fromSnapshot(frame: SnapshotFrame): ViewState {
  const rows = new Map<string, ViewRow>();
  for (const row of frame.rows) rows.set(rowKey(frame.key, row), row);
  return {
    epoch: frame.epoch,
    key: frame.key,
    rows,
    changedAtMs: new WeakMap(),
    version: frame.version,
    asOfMs: frame.asOfMs,
    evicted: frame.evicted,
  };
}

export type DeltaOutcome = 'applied' | 'known' | 'out-of-step';

/**
 * Applies a delta in place. `known`: already contained, nothing changes. `out-of-step`: it belongs to another
 * process start or to a view never read, the caller must subscribe afresh.
 */
export function applyDelta(state: ViewState | null, frame: DeltaFrame): DeltaOutcome {
  if (state === null || state.epoch !== frame.epoch) return 'out-of-step';
  if (frame.version <= state.version) return 'known';
  for (const values of frame.deletes) state.rows.delete(keyString(values));
  for (const row of frame.upserts) {
    state.rows.set(rowKey(state.key, row), row);
    state.changedAtMs.set(row, frame.asOfMs);
  }
  state.version = frame.version;
  state.asOfMs = frame.asOfMs;
  return 'applied';
}
