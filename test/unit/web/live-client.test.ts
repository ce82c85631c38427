import { expect, test } from 'vitest';
import type { ClientFrame, ServerFrame, ViewRow } from '../../../src/live/protocol.ts';
import { LiveClient, type SocketLike } from '../../../web/src/live/live-client.ts';

/** A clock that is turned by hand, sockets that are opened and cut by hand. */
class World {
  nowMs = 1_000_000;
  #timers: { atMs: number; run: () => void }[] = [];
  readonly sockets: (SocketLike & { readonly sent: ClientFrame[]; closed: boolean })[] = [];
  readonly client = new LiveClient({
    openSocket: () => {
      const sent: ClientFrame[] = [];
      const socket = {
        ...{ sent, closed: false, onopen: null, onmessage: null, onclose: null },
        send: (data: string) => void sent.push(JSON.parse(data) as ClientFrame),
        close: () => undefined,
      };
      this.sockets.push(socket);
      return socket;
    },
    nowMs: () => this.nowMs,
    after: (delayMs, run) => {
      const timer = { atMs: this.nowMs + delayMs, run };
      this.#timers.push(timer);
      return () => void (this.#timers = this.#timers.filter(each => each !== timer));
    },
    onFrame: run => run(),
    random: () => 0.5,
  });

  get socket() {
    return this.sockets.at(-1)!;
  }
  /** Lets time pass, running what falls due in its order. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const next = this.#timers.filter(timer => timer.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.#timers = this.#timers.filter(timer => timer !== next);
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = untilMs;
  }
  hear(frame: ServerFrame): void {
    this.socket.onmessage?.({ data: JSON.stringify(frame) });
  }
  snapshot(epoch: string, version: number, rows: readonly ViewRow[]): void {
    const rest = { key: ['id'], rows, position: {}, asOfMs: this.nowMs, evicted: 0 };
    this.hear({ type: 'snapshot', view: 'v', epoch, version, ...rest });
  }
  delta(
    epoch: string,
    version: number,
    upserts: readonly ViewRow[],
    deletes: readonly (readonly number[])[] = [],
  ) {
    this.hear({
      type: 'delta',
      view: 'v',
      epoch,
      version,
      upserts,
      deletes,
      position: {},
      asOfMs: this.nowMs,
    });
  }
}

function open(): { world: World; paints: () => number } {
  const world = new World();
  let painted = 0;
  world.client.watch('v', () => painted++);
  world.client.start();
  world.socket.onopen?.();
  return { world, paints: () => painted };
}
const subscribes = (world: World) => world.socket.sent.filter(frame => frame.type === 'subscribe');

test('a snapshot then deltas by key; a delta already known changes nothing', () => {
  const { world } = open();
  expect(subscribes(world)).toEqual([{ type: 'subscribe', view: 'v' }]);
  world.snapshot('e', 4, [
    { id: 1, n: 'a' },
    { id: 2, n: 'b' },
  ]);
  world.delta(
    'e',
    5,
    [
      { id: 2, n: 'B' },
      { id: 3, n: 'c' },
    ],
    [[1]],
  );
  world.delta('e', 5, [{ id: 9, n: 'again' }]);
  world.pass(200);
  expect(world.client.view('v').rows).toEqual([
    { id: 2, n: 'B' },
    { id: 3, n: 'c' },
  ]);
});

test('however many deltas come, a panel is painted at most ten times a second', () => {
  const { world, paints } = open();
  world.snapshot('e', 1, []);
  for (let version = 2; version <= 501; version++) {
    world.delta('e', version, [{ id: version }]);
    world.pass(2);
  }
  expect(paints()).toBeGreaterThan(5);
  expect(paints()).toBeLessThanOrEqual(11);
  world.pass(100);
  expect(world.client.view('v').rows).toHaveLength(500);
});

test('a cut connection keeps the rows, backs off, and resumes from epoch and version', () => {
  const { world } = open();
  world.snapshot('e', 7, [{ id: 1 }]);
  world.pass(200);
  world.socket.onclose?.();
  expect(world.client.connection()).toMatchObject({ phase: 'reconnecting', lostAtMs: world.nowMs });
  expect(world.client.view('v').rows).toEqual([{ id: 1 }]);
  world.pass(500);
  world.socket.onclose?.();
  expect(world.sockets).toHaveLength(2);
  world.pass(999);
  expect(world.sockets).toHaveLength(2);
  world.pass(1);
  expect(world.sockets).toHaveLength(3);
  world.socket.onopen?.();
  expect(world.client.connection()).toMatchObject({ phase: 'open', lostAtMs: null, attempt: 0 });
  expect(subscribes(world)).toEqual([{ type: 'subscribe', view: 'v', epoch: 'e', version: 7 }]);
});

test('a delta of another process start asks for a fresh snapshot; the old rows stay until it comes', () => {
  const { world } = open();
  world.snapshot('e', 7, [{ id: 1 }]);
  world.pass(200);
  world.delta('f', 8, [{ id: 2 }]);
  world.pass(200);
  expect(subscribes(world).at(-1)).toEqual({ type: 'subscribe', view: 'v' });
  expect(world.client.view('v').rows).toEqual([{ id: 1 }]);
  world.snapshot('f', 8, [{ id: 2 }]);
  world.pass(200);
  expect(world.client.view('v').rows).toEqual([{ id: 2 }]);
});

test('a socket that stays silent after a ping is given up', () => {
  const { world } = open();
  world.hear({ type: 'pong', nowMs: world.nowMs + 5000 });
  expect(world.client.connection().clockOffsetMs).toBe(5000);
  world.pass(24_000);
  expect(world.socket.sent.filter(frame => frame.type === 'ping')).toHaveLength(1);
  world.pass(1000);
  expect(world.socket.sent.filter(frame => frame.type === 'ping')).toHaveLength(2);
  world.pass(8000);
  expect(world.client.connection().phase).toBe('reconnecting');
});

test('a pause freezes what is shown and counts what is held back', () => {
  const { world } = open();
  world.snapshot('e', 1, [{ id: 1 }]);
  world.pass(200);
  world.client.pause();
  world.delta('e', 2, [{ id: 2 }, { id: 3 }]);
  world.pass(500);
  expect(world.client.view('v').rows).toEqual([{ id: 1 }]);
  expect(world.client.connection().heldBack).toBe(2);
  world.client.resume();
  world.pass(200);
  expect(world.client.view('v').rows).toHaveLength(3);
});

test('a failed view says why, keeps its rows and is asked for again; the next answer clears it', () => {
  const { world } = open();
  world.snapshot('e', 1, [{ id: 1 }]);
  world.hear({ type: 'error', view: 'v', message: 'view v was removed.' });
  world.pass(200);
  expect(world.client.view('v')).toMatchObject({
    rows: [{ id: 1 }],
    error: { message: 'view v was removed.' },
  });
  world.pass(3000);
  expect(subscribes(world)).toHaveLength(2);
  world.snapshot('e', 2, []);
  world.pass(10_000);
  expect(subscribes(world)).toHaveLength(2);
  expect(world.client.view('v')).toMatchObject({ rows: [], error: null, loaded: true });
});
