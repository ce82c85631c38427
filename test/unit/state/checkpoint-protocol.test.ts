import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type CheckpointEffect,
  type CheckpointEvent,
  decideCheckpoint,
  initialCheckpointState,
} from '../../../src/state/mod.ts';

function run(events: readonly CheckpointEvent[]): CheckpointEffect[] {
  let state = initialCheckpointState(0);
  return events.flatMap(event => {
    const decision = decideCheckpoint(state, event);
    state = decision.state;
    return decision.effects;
  });
}

test('a change schedules one checkpoint whose steps follow each other', () => {
  const kinds = run([
    { kind: 'changed' },
    { kind: 'changed' },
    { kind: 'due' },
    { kind: 'prepared' },
    { kind: 'changed' },
    { kind: 'stored' },
    { kind: 'committed' },
  ]).map(e => e.kind);
  expect(kinds).toEqual(['schedule', 'prepare', 'store', 'commit', 'discardBelow', 'schedule']);
});

test('a checkpoint that is wanted comes before its time, and the timer that runs is enough for the next', () => {
  const kinds = run([
    { kind: 'changed' },
    { kind: 'wanted' },
    { kind: 'prepared' },
    { kind: 'changed' },
    { kind: 'wanted' },
    { kind: 'stored' },
    { kind: 'committed' },
    { kind: 'changed' },
    { kind: 'prepared' },
    { kind: 'stored' },
    { kind: 'committed' },
    { kind: 'due' },
  ]).map(e => e.kind);
  const steps = ['prepare', 'store', 'commit', 'discardBelow'];
  expect(kinds).toEqual(['schedule', ...steps, ...steps, 'prepare']);
});

test('without a change nothing is due', () => {
  expect(run([{ kind: 'due' }, { kind: 'wanted' }])).toEqual([]);
});

test('under any order of events steps never overlap and every request is answered by a later barrier', () => {
  const choice = fc.constantFrom('changed', 'due', 'wanted', 'requested', 'advance');
  fc.assert(
    fc.property(fc.array(choice, { maxLength: 60 }), choices => {
      let state = initialCheckpointState(0);
      let open: CheckpointEffect | null = null;
      let request = 0;
      let committed = 0;
      const askedAt = new Map<number, number>();
      const apply = (event: CheckpointEvent): void => {
        const decision = decideCheckpoint(state, event);
        state = decision.state;
        for (const effect of decision.effects) {
          if (effect.kind === 'answer') {
            expect(effect.epoch).toBeGreaterThan(askedAt.get(effect.request)!);
            askedAt.delete(effect.request);
          } else if (effect.kind === 'prepare' || effect.kind === 'store' || effect.kind === 'commit') {
            expect(open).toBeNull();
            if (effect.kind === 'prepare') expect(effect.epoch).toBe(committed + 1);
            open = effect;
          }
        }
      };
      const advance = (): boolean => {
        const done = open as CheckpointEffect | null;
        if (done === null) return false;
        open = null;
        if (done.kind === 'prepare') apply({ kind: 'prepared' });
        else if (done.kind === 'store') apply({ kind: 'stored' });
        else {
          committed++;
          apply({ kind: 'committed' });
        }
        return true;
      };
      for (const kind of choices) {
        if (kind === 'advance') advance();
        else if (kind === 'requested') {
          askedAt.set(++request, state.epoch);
          apply({ kind: 'requested', request });
        } else apply({ kind } as CheckpointEvent);
      }
      while (advance());
      expect(askedAt.size).toBe(0);
    }),
    { seed: 5, numRuns: 500 },
  );
});
