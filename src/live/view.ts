import type { DeltaFrame, PositionVector, SnapshotFrame, ViewRow } from './protocol.ts';

/** One change of a view: the row after it, or the row taken away. */
export interface ViewChange {
  readonly kind: 'upsert' | 'delete';
  readonly row: ViewRow;
}

/** What a view is and how much it may hold. */
export interface ViewSpec {
  readonly name: string;
  /** Columns that identify a row. */
  readonly key: readonly string[];
  readonly rowsMax: number;
  /**
   * Rows whose column lies further back than `ms` are dropped. The column also says which rows are oldest.
   */
  readonly retention: { readonly column: string; readonly ms: number } | null;
}

/** How much a view holds and did. */
export interface LiveViewStats {
  readonly rows: number;
  readonly bytes: number;
  readonly changes: number;
  readonly evicted: number;
  readonly version: number;
}

/** Deltas kept for clients that come back, at most this many rows in all. */
const REPLAY_ROWS_MAX = 5_000;
const REPLAY_FRAMES_MAX = 500;
/** Eviction drops this share at once, so that a full view doesn't sort for each row. */
const EVICT_SHARE = 0.05;

interface Held {
  readonly row: ViewRow;
  readonly bytes: number;
}

/**
 * The state of one live view: rows by key, what changed since the last frame, and the last frames. Without
 * I/O and
 * without time of its own: `apply` takes changes, `flush` makes the frame that tells them.
 */
export interface LiveView {
  readonly spec: ViewSpec;
  apply(changes: Iterable<ViewChange>): void;
  /** Its source begins anew: rows that are not told again by `endRebuild` are dropped then. */
  beginRebuild(): void;
  endRebuild(): void;
  /** Drops rows behind the retention. */
  expire(nowMs: number): void;
  /** Drops the oldest rows until at most `rows` are left. */
  evictTo(rows: number): void;
  /** The delta since the last flush, or null when nothing changed. */
  flush(nowMs: number): DeltaFrame | null;
  snapshot(): SnapshotFrame;
  /** The deltas after `version`, or null when they are not held any more. */
  since(epoch: string, version: number): readonly DeltaFrame[] | null;
  /** Rows in no particular order, with the version they belong to. */
  rows(): { readonly version: number; readonly asOfMs: number; readonly rows: readonly ViewRow[] };
  stats(): LiveViewStats;
}

/**
 * Opens an empty view. `epoch` names the process start; `position` says how far its source has been applied.
 */
export function openLiveView(
  spec: ViewSpec,
  epoch: string,
  position: () => PositionVector = () => ({}),
): LiveView {
  const held = new Map<string, Held>();
  /** Keys touched since the last flush, with the row as last seen by clients (undefined: unknown to them). */
  const touched = new Map<string, ViewRow | undefined>();
  /** Keys of before a rebuild that were not told again yet. */
  const stale = new Set<string>();
  const replay: DeltaFrame[] = [];
  const count = { bytes: 0, changes: 0, evicted: 0, version: 0, replayRows: 0, asOfMs: 0 };
  let reflected: PositionVector = {};

  const keyOf = (row: ViewRow): string =>
    spec.key.length === 1 ? String(row[spec.key[0]!]) : JSON.stringify(spec.key.map(column => row[column]));
  const touch = (key: string): void => {
    if (!touched.has(key)) touched.set(key, held.get(key)?.row);
  };
  const remove = (key: string): void => {
    const old = held.get(key);
    if (!old) return;
    touch(key);
    held.delete(key);
    count.bytes -= old.bytes;
  };
  const put = (key: string, row: ViewRow): void => {
    touch(key);
    stale.delete(key);
    const bytes = bytesOf(row);
    count.bytes += bytes - (held.get(key)?.bytes ?? 0);
    held.set(key, { row, bytes });
  };
  const ageOf = (row: ViewRow): number => Number(spec.retention ? row[spec.retention.column] : 0) || 0;
  const evictTo = (rowsMax: number): void => {
    if (held.size <= rowsMax) return;
    const oldestFirst = [...held].sort((a, b) => ageOf(a[1].row) - ageOf(b[1].row));
    for (const [key] of oldestFirst.slice(0, held.size - rowsMax)) {
      remove(key);
      count.evicted++;
    }
  };
  const remember = (frame: DeltaFrame): void => {
    replay.push(frame);
    count.replayRows += frame.upserts.length + frame.deletes.length;
    while (replay.length > REPLAY_FRAMES_MAX || count.replayRows > REPLAY_ROWS_MAX) {
      const dropped = replay.shift()!;
      count.replayRows -= dropped.upserts.length + dropped.deletes.length;
    }
  };
  const flush = (nowMs: number): DeltaFrame | null => {
    const upserts: ViewRow[] = [];
    const deletes: (readonly (string | number | boolean | null)[])[] = [];
    for (const [key, before] of touched) {
      const row = held.get(key)?.row;
      if (row && !(before && sameRow(before, row))) upserts.push(row);
      else if (!row && before) deletes.push(spec.key.map(column => before[column] ?? null));
    }
    touched.clear();
    reflected = position();
    if (upserts.length + deletes.length === 0) return null;
    count.version++;
    count.asOfMs = nowMs;
    const { name: view } = spec;
    const frame: DeltaFrame = {
      ...{
        type: 'delta',
        view,
        epoch,
        version: count.version,
        upserts,
        deletes,
        position: reflected,
        asOfMs: nowMs,
      },
    };
    remember(frame);
    return frame;
  };

  return {
    spec,
    apply: changes => {
      for (const { kind, row } of changes) {
        count.changes++;
        if (kind === 'upsert') put(keyOf(row), row);
        else remove(keyOf(row));
      }
      if (held.size > spec.rowsMax) evictTo(Math.floor(spec.rowsMax * (1 - EVICT_SHARE)));
    },
    beginRebuild: () => {
      for (const key of held.keys()) stale.add(key);
    },
    endRebuild: () => {
      for (const key of stale) remove(key);
      stale.clear();
    },
    expire: nowMs => {
      if (!spec.retention) return;
      const oldest = nowMs - spec.retention.ms;
      for (const [key, { row }] of held) if (ageOf(row) < oldest) remove(key);
    },
    evictTo,
    flush,
    snapshot: () => ({
      ...{ type: 'snapshot', view: spec.name, epoch, version: count.version, key: spec.key },
      ...{ rows: visible(held, touched), position: reflected, asOfMs: count.asOfMs, evicted: count.evicted },
    }),
    since: (clientEpoch, version) => {
      if (clientEpoch !== epoch || version > count.version) return null;
      if (version === count.version) return [];
      const first = replay.findIndex(frame => frame.version === version + 1);
      return first < 0 ? null : replay.slice(first);
    },
    rows: () => ({ version: count.version, asOfMs: count.asOfMs, rows: visible(held, touched) }),
    stats: () => ({
      ...{ rows: held.size, bytes: count.bytes, changes: count.changes },
      ...{ evicted: count.evicted, version: count.version },
    }),
  };
}

/** The rows as of the last flush: what the version stands for, without changes that no frame told yet. */
function visible(held: Map<string, Held>, touched: Map<string, ViewRow | undefined>): ViewRow[] {
  const rows: ViewRow[] = [];
  for (const [key, { row }] of held) if (!touched.has(key)) rows.push(row);
  for (const before of touched.values()) if (before) rows.push(before);
  return rows;
}

function sameRow(a: ViewRow, b: ViewRow): boolean {
  for (const column in b) if (a[column] !== b[column]) return false;
  return true;
}

/** An estimate of a row's memory: two bytes a character, 16 for other values and for the column itself. */
function bytesOf(row: ViewRow): number {
  let bytes = 64;
  for (const column in row) {
    const value = row[column];
    bytes += 16 + (typeof value === 'string' ? value.length * 2 : 8);
  }
  return bytes;
}
