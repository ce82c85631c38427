/**
 * The /ws protocol, shared with the console (the only module `web/` imports). JSON text frames.
 *
 * Client → server: subscribe / unsubscribe / ping. Server → client: snapshot, delta, event, pong, error.
 * A view's rows are keyed; `delta` upserts and deletes by key. `version` grows with each change of the view
 * in this
 * process; `epoch` names the process start. A client that reconnects sends the last epoch and version it has:
 * when the
 * server still holds the deltas since, they are replayed, else a fresh snapshot is sent. Timestamps are epoch
 * ms.
 */
export type ViewRow = Readonly<Record<string, string | number | boolean | null>>;

/** Source offsets a frame reflects: `topic/partition` → next offset. */
export type PositionVector = Readonly<Record<string, number>>;

export type ClientFrame =
  | { readonly type: 'subscribe'; readonly view: string; readonly epoch?: string; readonly version?: number }
  | { readonly type: 'unsubscribe'; readonly view: string }
  | { readonly type: 'ping' };

export interface SnapshotFrame {
  readonly type: 'snapshot';
  readonly view: string;
  readonly epoch: string;
  readonly version: number;
  readonly key: readonly string[];
  readonly rows: readonly ViewRow[];
  readonly position: PositionVector;
  /** When the view last changed, epoch ms. */
  readonly asOfMs: number;
  /** Rows dropped to keep the view within its bound, since start. */
  readonly evicted: number;
}
export interface DeltaFrame {
  readonly type: 'delta';
  readonly view: string;
  readonly epoch: string;
  readonly version: number;
  readonly upserts: readonly ViewRow[];
  /** Key values in the order of `key`. */
  readonly deletes: readonly (readonly (string | number | boolean | null)[])[];
  readonly position: PositionVector;
  readonly asOfMs: number;
}
/** FT-169's typed envelope, for alerts and toasts. */
export interface EventFrame {
  readonly type: 'event';
  readonly event: {
    readonly type: string;
    readonly title: string;
    readonly severity: 'info' | 'warning' | 'critical';
    readonly city: string | null;
    readonly payload: unknown;
  };
}
export interface PongFrame {
  readonly type: 'pong';
  readonly nowMs: number;
}
export interface ErrorFrame {
  readonly type: 'error';
  readonly view?: string;
  readonly message: string;
}
export type ServerFrame = SnapshotFrame | DeltaFrame | EventFrame | PongFrame | ErrorFrame;

/** Health of one part, as in GET /api/status and the view `platform.status`. */
export interface PartStatus {
  readonly part: string;
  readonly state: 'ok' | 'degraded' | 'failed' | 'starting' | 'stopped';
  /** One sentence for people. */
  readonly detail: string;
  readonly ratePerS: number | null;
  readonly lag: number | null;
}
