import type {
  ClientFrame,
  DeltaFrame,
  ErrorFrame,
  EventFrame,
  ServerFrame,
  SnapshotFrame,
  ViewRow,
} from '../../../src/live/protocol.ts';
import { backoffMs } from './backoff.ts';
import { applyDelta, fromSnapshot, type ViewState } from './view-state.ts';

/** The part of a browser's WebSocket that is used. */
export interface SocketLike {
  send(data: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((message: { readonly data: unknown }) => void) | null;
  onclose: (() => void) | null;
}

export interface LiveClientDeps {
  readonly openSocket: () => SocketLike;
  readonly nowMs: () => number;
  /** Runs once after `delayMs`; the result cancels. */
  readonly after: (delayMs: number, run: () => void) => () => void;
  /** Runs with the next painted frame. */
  readonly onFrame: (run: () => void) => void;
  readonly random: () => number;
}

export interface Connection {
  readonly phase: 'connecting' | 'open' | 'reconnecting';
  /** When the connection was lost, epoch ms of this browser; null before the first one and while open. */
  readonly lostAtMs: number | null;
  readonly attempt: number;
  readonly nextTryAtMs: number | null;
  /** Server clock minus this browser's clock, ms. */
  readonly clockOffsetMs: number;
  readonly pausedAtMs: number | null;
  /** Row changes held back since the pause. */
  readonly heldBack: number;
}

/** What components see of a view; a new object for each painted change. */
export interface ViewSnapshot {
  readonly rows: readonly ViewRow[];
  readonly loaded: boolean;
  readonly asOfMs: number | null;
  readonly evicted: number;
  /** When the row came by a delta, epoch ms; null when it was there from the first frame. */
  readonly changedAtMs: (row: ViewRow) => number | null;
  readonly error: { readonly message: string; readonly sinceMs: number } | null;
}

interface Entry {
  refs: number;
  state: ViewState | null;
  error: ViewSnapshot['error'];
  seen: ViewSnapshot;
  dirty: boolean;
  readonly listeners: Set<() => void>;
}

export const EMPTY_VIEW: ViewSnapshot = {
  rows: [],
  loaded: false,
  asOfMs: null,
  evicted: 0,
  changedAtMs: () => null,
  error: null,
};

/** At most ten paints a second and panel. */
const PAINT_INTERVAL_MS = 100;
const PING_INTERVAL_MS = 25_000;
/** No frame for this long after a ping means the socket is dead, whatever the browser thinks. */
const PONG_TIMEOUT_MS = 8_000;
/** A failed view is asked for again this often: while the platform starts, its views come one by one. */
const VIEW_RETRY_MS = 3_000;

/**
 * Holds the console's live views over one socket to `/ws`. A lost connection is retried with back-off and
 * each view resumes from the epoch and version it has; the rows already here stay until something newer
 * arrives.
 */
export class LiveClient {
  readonly #deps: LiveClientDeps;
  readonly #entries = new Map<string, Entry>();
  readonly #connectionListeners = new Set<() => void>();
  readonly #eventListeners = new Set<(event: EventFrame['event']) => void>();
  #socket: SocketLike | null = null;
  #open = false;
  #stopped = true;
  #paintPending = false;
  #lastPaintMs = 0;
  #lastHeardMs = 0;
  #cancelTimer: () => void = () => undefined;
  #connection: Connection = {
    phase: 'connecting',
    lostAtMs: null,
    attempt: 0,
    nextTryAtMs: null,
    clockOffsetMs: 0,
    pausedAtMs: null,
    heldBack: 0,
  };

  constructor(deps: LiveClientDeps) {
    this.#deps = deps;
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
    this.#dropSocket();
  }

  /** Tries at once instead of waiting for the back-off: the network came back or the user asked. */
  retryNow(): void {
    if (this.#stopped || this.#open || this.#connection.phase !== 'reconnecting') return;
    this.#cancelTimer();
    this.#connect();
  }

  /** Freezes what is shown; frames are still applied underneath and counted. */
  pause(): void {
    if (this.#connection.pausedAtMs !== null) return;
    this.#setConnection({ pausedAtMs: this.#deps.nowMs(), heldBack: 0 });
  }

  resume(): void {
    if (this.#connection.pausedAtMs === null) return;
    this.#setConnection({ pausedAtMs: null, heldBack: 0 });
    this.#requestPaint();
  }

  connection = (): Connection => this.#connection;

  onConnection = (listener: () => void): (() => void) => {
    this.#connectionListeners.add(listener);
    return () => this.#connectionListeners.delete(listener);
  };

  onEvent(listener: (event: EventFrame['event']) => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  /** What is known of a view; stays the same object until the next paint. */
  view(name: string): ViewSnapshot {
    return this.#entries.get(name)?.seen ?? EMPTY_VIEW;
  }

  /**
   * Keeps a view live until the result is called. Its rows are kept after that, so that coming back does not
   * blank.
   */
  watch(name: string, listener: () => void): () => void {
    const entry = this.#entry(name);
    entry.refs += 1;
    entry.listeners.add(listener);
    if (entry.refs === 1) this.#subscribe(name, entry);
    return () => {
      entry.refs -= 1;
      entry.listeners.delete(listener);
      if (entry.refs === 0) this.#send({ type: 'unsubscribe', view: name });
    };
  }

  /** Asks for a failed view again. */
  retryView(name: string): void {
    const entry = this.#entries.get(name);
    if (entry) this.#subscribe(name, entry);
  }

  #entry(name: string): Entry {
    const known = this.#entries.get(name);
    if (known) return known;
    const entry: Entry = {
      refs: 0,
      state: null,
      error: null,
      seen: EMPTY_VIEW,
      dirty: false,
      listeners: new Set(),
    };
    this.#entries.set(name, entry);
    return entry;
  }

  #subscribe(name: string, entry: Entry): void {
    const from = entry.state ? { epoch: entry.state.epoch, version: entry.state.version } : {};
    this.#send({ type: 'subscribe', view: name, ...from });
  }

  #send(frame: ClientFrame): void {
    if (this.#open && this.#socket) this.#socket.send(JSON.stringify(frame));
  }

  #connect(): void {
    const socket = this.#deps.openSocket();
    this.#socket = socket;
    socket.onopen = () => this.#onOpen();
    socket.onmessage = message => this.#onMessage(String(message.data));
    socket.onclose = () => this.#onClose();
  }

  #onOpen(): void {
    this.#open = true;
    this.#lastHeardMs = this.#deps.nowMs();
    this.#setConnection({ phase: 'open', lostAtMs: null, attempt: 0, nextTryAtMs: null });
    for (const [name, entry] of this.#entries) if (entry.refs > 0) this.#subscribe(name, entry);
    this.#ping();
  }

  /** The first ping goes out at once: its pong tells the server's clock. */
  #ping(): void {
    this.#send({ type: 'ping' });
    const sentMs = this.#deps.nowMs();
    this.#cancelTimer = this.#deps.after(PONG_TIMEOUT_MS, () => {
      if (this.#lastHeardMs < sentMs) this.#lose();
      else this.#cancelTimer = this.#deps.after(PING_INTERVAL_MS - PONG_TIMEOUT_MS, () => this.#ping());
    });
  }

  #lose(): void {
    this.#dropSocket();
    this.#onClose();
  }

  #dropSocket(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#open = false;
    if (!socket) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  #onClose(): void {
    this.#socket = null;
    this.#open = false;
    this.#cancelTimer();
    if (this.#stopped) return;
    const nowMs = this.#deps.nowMs();
    const { attempt, lostAtMs } = this.#connection;
    const waitMs = backoffMs(attempt, this.#deps.random());
    this.#setConnection({
      phase: 'reconnecting',
      lostAtMs: lostAtMs ?? nowMs,
      attempt: attempt + 1,
      nextTryAtMs: nowMs + waitMs,
    });
    this.#cancelTimer = this.#deps.after(waitMs, () => this.#connect());
  }

  #onMessage(data: string): void {
    this.#lastHeardMs = this.#deps.nowMs();
    const frame = JSON.parse(data) as ServerFrame;
    if (frame.type === 'pong') this.#setConnection({ clockOffsetMs: frame.nowMs - this.#deps.nowMs() });
    else if (frame.type === 'event') for (const listener of this.#eventListeners) listener(frame.event);
    else if (frame.view !== undefined) this.#onViewFrame(this.#entry(frame.view), frame.view, frame);
  }

  #onViewFrame(entry: Entry, name: string, frame: SnapshotFrame | DeltaFrame | ErrorFrame): void {
    if (frame.type === 'error') {
      entry.error = { message: frame.message, sinceMs: entry.error?.sinceMs ?? this.#deps.nowMs() };
      this.#touch(entry, 0);
      this.#deps.after(VIEW_RETRY_MS, () => {
        if (entry.error !== null && entry.refs > 0) this.#subscribe(name, entry);
      });
      return;
    }
    if (frame.type === 'snapshot') {
      entry.state = fromSnapshot(frame);
      entry.error = null;
      this.#touch(entry, frame.rows.length);
      return;
    }
    const outcome = applyDelta(entry.state, frame);
    if (outcome === 'out-of-step') {
      entry.state = null;
      this.#subscribe(name, entry);
    } else if (outcome === 'applied') {
      entry.error = null;
      this.#touch(entry, frame.upserts.length + frame.deletes.length);
    }
  }

  #touch(entry: Entry, changes: number): void {
    entry.dirty = true;
    const { pausedAtMs, heldBack } = this.#connection;
    if (pausedAtMs !== null && entry.seen.loaded) this.#setConnection({ heldBack: heldBack + changes });
    this.#requestPaint();
  }

  #requestPaint(): void {
    if (this.#paintPending) return;
    this.#paintPending = true;
    const waitMs = Math.max(0, this.#lastPaintMs + PAINT_INTERVAL_MS - this.#deps.nowMs());
    this.#deps.after(waitMs, () => this.#deps.onFrame(() => this.#paint()));
  }

  #paint(): void {
    this.#paintPending = false;
    this.#lastPaintMs = this.#deps.nowMs();
    const paused = this.#connection.pausedAtMs !== null;
    for (const entry of this.#entries.values()) {
      // A view first opened during a pause is shown as it arrived: there is nothing to freeze yet.
      if (!entry.dirty || (paused && entry.seen.loaded)) continue;
      entry.dirty = false;
      entry.seen = seen(entry);
      for (const listener of entry.listeners) listener();
    }
  }

  #setConnection(change: Partial<Connection>): void {
    this.#connection = { ...this.#connection, ...change };
    for (const listener of this.#connectionListeners) listener();
  }
}

/** The last good rows are kept beside an error and while a view is read afresh. */
function seen(entry: Entry): ViewSnapshot {
  const { state, error } = entry;
  if (state === null) return { ...entry.seen, error };
  return {
    rows: [...state.rows.values()],
    loaded: true,
    asOfMs: state.asOfMs > 0 ? state.asOfMs : null,
    evicted: state.evicted,
    changedAtMs: row => state.changedAtMs.get(row) ?? null,
    error,
  };
}
