import { describe, expect, test } from 'vitest';
import type { Clock } from '../../../src/core/mod.ts';
import { openLiveHub, type Subscriber } from '../../../src/live/mod.ts';
import type { ServerFrame } from '../../../src/live/protocol.ts';

/** A clock that moves when told; sleepers wake in order. */
function manualClock(): Clock & { advance(ms: number): Promise<void> } {
  let now = 1000;
  let sleepers: { readonly dueMs: number; readonly wake: () => void }[] = [];
  return {
    nowMs: () => now,
    monotonicMs: () => now,
    sleep: ms => new Promise(resolve => sleepers.push({ dueMs: now + ms, wake: resolve })),
    advance: async ms => {
      now += ms;
      const due = sleepers.filter(sleeper => sleeper.dueMs <= now);
      sleepers = sleepers.filter(sleeper => sleeper.dueMs > now);
      for (const sleeper of due) sleeper.wake();
      await new Promise(resolve => setImmediate(resolve));
    },
  };
}

function client(): Subscriber & { frames: ServerFrame[]; unsent: number } {
  const frames: ServerFrame[] = [];
  const self = {
    frames,
    unsent: 0,
    send: (text: string) => void frames.push(JSON.parse(text) as ServerFrame),
    bufferedBytes: () => self.unsent,
  };
  return self;
}

const spec = { name: 'orders', key: ['id'], rowsMax: 10, retention: null };
const upsert = (id: number, note = '') => ({ kind: 'upsert' as const, row: { id, note } });

function open() {
  const clock = manualClock();
  const hub = openLiveHub({ clock, epoch: 'e1', bytesMax: 1 << 20 });
  return { clock, hub, view: hub.addView(spec) };
}

describe('the hub of live views', () => {
  test('a subscriber gets a snapshot, then the deltas, the first at once and later ones coalesced', async () => {
    const { clock, hub, view } = open();
    const a = client();
    hub.receive(a, { type: 'subscribe', view: 'orders' });
    hub.apply(view, [upsert(1)]);
    await clock.advance(0);
    hub.apply(view, [upsert(2)]);
    hub.apply(view, [upsert(3)]);
    await clock.advance(10);
    expect(a.frames.map(frame => frame.type)).toEqual(['snapshot', 'delta']);
    await clock.advance(10);
    expect(a.frames).toHaveLength(3);
    expect(a.frames[2]).toMatchObject({ type: 'delta', version: 2, upserts: [{ id: 2 }, { id: 3 }] });
  });

  test('who comes back gets the deltas it missed; from another process start a snapshot', async () => {
    const { clock, hub, view } = open();
    for (const id of [1, 2, 3]) {
      hub.apply(view, [upsert(id)]);
      await clock.advance(20);
    }
    const [back, old] = [client(), client()];
    hub.receive(back, { type: 'subscribe', view: 'orders', epoch: 'e1', version: 1 });
    hub.receive(old, { type: 'subscribe', view: 'orders', epoch: 'e0', version: 1 });
    expect(back.frames.map(frame => frame.type)).toEqual(['delta', 'delta']);
    expect(old.frames.map(frame => frame.type)).toEqual(['snapshot']);
  });

  test('a slow socket is spared deltas and gets a snapshot when it has caught up', async () => {
    const { clock, hub, view } = open();
    const slow = client();
    hub.receive(slow, { type: 'subscribe', view: 'orders' });
    slow.unsent = 2 << 20;
    hub.apply(view, [upsert(1)]);
    await clock.advance(20);
    hub.tick();
    await clock.advance(20);
    expect(slow.frames).toHaveLength(1);
    slow.unsent = 0;
    hub.tick();
    expect(slow.frames.at(-1)).toMatchObject({ type: 'snapshot', version: 1, rows: [{ id: 1 }] });
  });

  test('answers pings, names unknown views, forgets who left', async () => {
    const { clock, hub, view } = open();
    const a = client();
    hub.receive(a, { type: 'ping' });
    hub.receive(a, { type: 'subscribe', view: 'nope' });
    expect(a.frames).toMatchObject([
      { type: 'pong', nowMs: 1000 },
      { type: 'error', view: 'nope' },
    ]);
    hub.receive(a, { type: 'subscribe', view: 'orders' });
    hub.leave(a);
    hub.apply(view, [upsert(1)]);
    await clock.advance(20);
    expect(a.frames).toHaveLength(3);
    expect(hub.subscribers()).toBe(0);
  });

  test('the bound over all views drops the oldest rows', async () => {
    const clock = manualClock();
    const hub = openLiveHub({ clock, epoch: 'e', bytesMax: 5000 });
    const view = hub.addView({ ...spec, rowsMax: 1000 });
    hub.apply(
      view,
      Array.from({ length: 100 }, (_, i) => upsert(i, 'some text')),
    );
    hub.tick();
    expect(view.stats().bytes).toBeLessThanOrEqual(5000);
    expect(view.stats().evicted).toBeGreaterThan(0);
  });
});
