import { type Clock, MillraceError } from '../core/mod.ts';
import type { ClientFrame, DeltaFrame, PositionVector, ServerFrame } from './protocol.ts';
import { type LiveView, openLiveView, type ViewChange, type ViewSpec } from './view.ts';

/** A connected client, seen from the hub: takes encoded frames and says how much it has not sent yet. */
export interface Subscriber {
  send(frame: string): void;
  bufferedBytes(): number;
}

export interface LiveHubOptions {
  readonly clock: Clock;
  /** Names this process start in frames. */
  readonly epoch: string;
  /** Bound over all views. */
  readonly bytesMax: number;
}

/** All live views of the process and who listens to them. */
export interface LiveHub {
  /** `position` says how far the view's source has been applied. */
  addView(spec: ViewSpec, position?: () => PositionVector): LiveView;
  removeView(name: string): void;
  view(name: string): LiveView | undefined;
  views(): readonly LiveView[];
  /** Applies changes and sees that subscribers hear of them within `COALESCE_MS`. */
  apply(view: LiveView, changes: Iterable<ViewChange>): void;
  receive(subscriber: Subscriber, frame: ClientFrame): void;
  leave(subscriber: Subscriber): void;
  /** Once a second: retention, memory bound, and clients that caught up. */
  tick(): void;
  subscribers(): number;
}

/** Changes that come within this time share a frame. */
const COALESCE_MS = 20;
/** A client with more unsent bytes gets no deltas; when it has caught up, it gets a fresh snapshot. */
const BUFFERED_BYTES_MAX = 1 << 20;

interface Topic {
  readonly view: LiveView;
  /** Subscribers, and whether they missed deltas. */
  readonly subscribers: Map<Subscriber, { behind: boolean }>;
  lastFlushMs: number;
  scheduled: boolean;
}

/** Opens the hub. */
export function openLiveHub(options: LiveHubOptions): LiveHub {
  const topics = new Map<string, Topic>();
  const all = new Set<Subscriber>();

  const flush = (topic: Topic): void => {
    topic.lastFlushMs = options.clock.monotonicMs();
    const frame = topic.view.flush(options.clock.nowMs());
    if (frame) broadcast(topic, frame);
  };
  const schedule = (topic: Topic): void => {
    if (topic.scheduled) return;
    topic.scheduled = true;
    const wait = topic.lastFlushMs + COALESCE_MS - options.clock.monotonicMs();
    const due = wait > 0 ? options.clock.sleep(wait) : Promise.resolve();
    void due.then(() => {
      topic.scheduled = false;
      flush(topic);
    });
  };
  const keepBound = (): void => {
    const total = [...topics.values()].reduce((sum, { view }) => sum + view.stats().bytes, 0);
    if (total <= options.bytesMax) return;
    const share = options.bytesMax / total;
    for (const topic of topics.values()) {
      topic.view.evictTo(Math.floor(topic.view.stats().rows * share));
      schedule(topic);
    }
  };

  return {
    addView: (spec, position) => {
      const view = openLiveView(spec, options.epoch, position);
      topics.set(spec.name, { view, subscribers: new Map(), lastFlushMs: 0, scheduled: false });
      return view;
    },
    removeView: name => {
      const topic = topics.get(name);
      topics.delete(name);
      const frame = encode({ type: 'error', view: name, message: `view ${name} was removed.` });
      for (const subscriber of topic?.subscribers.keys() ?? []) subscriber.send(frame);
    },
    view: name => topics.get(name)?.view,
    views: () => [...topics.values()].map(topic => topic.view),
    apply: (view, changes) => {
      view.apply(changes);
      const topic = topics.get(view.spec.name);
      if (topic) schedule(topic);
    },
    receive: (subscriber, frame) => {
      all.add(subscriber);
      receive(topics, subscriber, frame, options.clock);
    },
    leave: subscriber => {
      all.delete(subscriber);
      for (const topic of topics.values()) topic.subscribers.delete(subscriber);
    },
    tick: () => {
      for (const topic of topics.values()) {
        topic.view.expire(options.clock.nowMs());
        schedule(topic);
        catchUp(topic);
      }
      keepBound();
    },
    subscribers: () => all.size,
  };
}

function receive(topics: Map<string, Topic>, subscriber: Subscriber, frame: ClientFrame, clock: Clock): void {
  if (frame.type === 'ping') {
    subscriber.send(encode({ type: 'pong', nowMs: clock.nowMs() }));
    return;
  }
  const topic = topics.get(frame.view);
  if (frame.type === 'unsubscribe') {
    topic?.subscribers.delete(subscriber);
    return;
  }
  if (!topic) {
    const { message } = new MillraceError(
      'NOT_FOUND',
      `no view ${frame.view}; there are ${[...topics.keys()].join(', ')}.`,
    );
    subscriber.send(encode({ type: 'error', view: frame.view, message }));
    return;
  }
  topic.subscribers.set(subscriber, { behind: false });
  const missed =
    frame.epoch !== undefined && frame.version !== undefined
      ? topic.view.since(frame.epoch, frame.version)
      : null;
  for (const answer of missed ?? [topic.view.snapshot()]) subscriber.send(encode(answer));
}

/** Encoded once, whoever listens. */
function broadcast(topic: Topic, frame: DeltaFrame): void {
  if (topic.subscribers.size === 0) return;
  const text = encode(frame);
  for (const [subscriber, state] of topic.subscribers) {
    if (!state.behind && subscriber.bufferedBytes() > BUFFERED_BYTES_MAX) state.behind = true;
    if (!state.behind) subscriber.send(text);
  }
}

/** A client that has sent everything again gets a snapshot in place of the deltas it missed. */
function catchUp(topic: Topic): void {
  let snapshot: string | undefined;
  for (const [subscriber, state] of topic.subscribers) {
    if (!state.behind || subscriber.bufferedBytes() > 0) continue;
    state.behind = false;
    subscriber.send((snapshot ??= encode(topic.view.snapshot())));
  }
}

function encode(frame: ServerFrame): string {
  return JSON.stringify(frame);
}
