import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openLiveView, type ViewChange, type ViewSpec } from '../../../src/live/mod.ts';
import type { DeltaFrame, ViewRow } from '../../../src/live/protocol.ts';

const spec: ViewSpec = { name: 'v', key: ['id'], rowsMax: 100, retention: { column: 'at', ms: 1000 } };
const upsert = (id: number, at: number, note = ''): ViewChange => ({ kind: 'upsert', row: { id, at, note } });
const remove = (id: number): ViewChange => ({ kind: 'delete', row: { id } });
const byId = (rows: readonly ViewRow[]): ViewRow[] =>
  [...rows].sort((a, b) => Number(a['id']) - Number(b['id']));

/** What a client holds after a snapshot and deltas. */
function follow(rows: readonly ViewRow[], deltas: readonly DeltaFrame[]): ViewRow[] {
  const held = new Map(rows.map(row => [row['id'], row]));
  for (const delta of deltas) {
    for (const [id] of delta.deletes) held.delete(id as number);
    for (const row of delta.upserts) held.set(row['id'], row);
  }
  return byId([...held.values()]);
}

describe('a live view', () => {
  test('tells changes of one flush once, and nothing that came to nothing', () => {
    const view = openLiveView(spec, 'e', () => ({ 't/0': 3 }));
    view.apply([upsert(1, 5, 'a'), upsert(1, 5, 'b'), upsert(2, 5), remove(2)]);
    const frame = view.flush(9);
    expect(frame?.upserts).toEqual([{ id: 1, at: 5, note: 'b' }]);
    expect(frame?.deletes).toEqual([]);
    expect(frame).toMatchObject({ version: 1, asOfMs: 9, position: { 't/0': 3 } });
    view.apply([remove(1), upsert(1, 5, 'b')]);
    expect(view.flush(10)).toBeNull();
  });

  test('a snapshot is of its version: changes no frame has told yet are not in it', () => {
    const view = openLiveView(spec, 'e');
    view.apply([upsert(1, 5, 'old')]);
    view.flush(1);
    view.apply([upsert(1, 5, 'new'), upsert(2, 5)]);
    expect(view.snapshot().rows).toEqual([{ id: 1, at: 5, note: 'old' }]);
    expect(view.snapshot().version).toBe(1);
  });

  test('drops what is behind the retention, and the oldest beyond the bound', () => {
    const view = openLiveView({ ...spec, rowsMax: 10 }, 'e');
    view.apply(Array.from({ length: 11 }, (_, i) => upsert(i, i)));
    expect(view.stats()).toMatchObject({ rows: 9, evicted: 2 });
    view.flush(1);
    expect(byId(view.snapshot().rows)[0]).toMatchObject({ id: 2 });
    view.expire(1008);
    expect(view.flush(2)?.deletes).toHaveLength(6);
    view.evictTo(0);
    expect(view.stats()).toMatchObject({ rows: 0, bytes: 0 });
  });

  test('a rebuild drops what its source does not tell again, and tells clients no more than that', () => {
    const view = openLiveView(spec, 'e');
    view.apply([upsert(1, 5), upsert(2, 5)]);
    view.flush(1);
    view.beginRebuild();
    view.apply([upsert(1, 5)]);
    view.endRebuild();
    const frame = view.flush(2);
    expect(frame?.upserts).toEqual([]);
    expect(frame?.deletes).toEqual([[2]]);
  });

  test('replays the deltas since a version, and says when it can not', () => {
    const view = openLiveView(spec, 'e');
    for (let i = 1; i <= 600; i++) {
      view.apply([upsert(i % 7, i)]);
      view.flush(i);
    }
    expect(view.since('e', 598)?.map(frame => frame.version)).toEqual([599, 600]);
    expect(view.since('e', 600)).toEqual([]);
    expect(view.since('e', 1)).toBeNull();
    expect(view.since('e', 601)).toBeNull();
    expect(view.since('other', 598)).toBeNull();
  });

  test('whoever follows from any moment holds what the view holds', () => {
    const change = fc.oneof(
      fc
        .tuple(fc.nat(9), fc.nat(50), fc.constantFrom('a', 'b'))
        .map(([id, at, note]) => upsert(id, at, note)),
      fc.nat(9).map(remove),
    );
    const steps = fc.array(fc.oneof(fc.array(change, { maxLength: 5 }), fc.constant('flush' as const)), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(steps, fc.nat(20), (script, joinAt) => {
        const view = openLiveView({ ...spec, rowsMax: 6 }, 'e');
        let joined: readonly ViewRow[] = [];
        const deltas: DeltaFrame[] = [];
        script.forEach((step, i) => {
          if (i === joinAt) joined = view.snapshot().rows;
          const frame = step === 'flush' ? view.flush(i) : null;
          if (step !== 'flush') view.apply(step);
          if (frame && i >= joinAt) deltas.push(frame);
        });
        const last = view.flush(99);
        if (last) deltas.push(last);
        if (script.length <= joinAt) return;
        expect(follow(joined, deltas)).toEqual(byId(view.rows().rows));
      }),
      { seed: 20261121, numRuns: 300 },
    );
  });
});
