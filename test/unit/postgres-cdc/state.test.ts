import { expect, test } from 'vitest';
import {
  type CaptureEvent,
  INITIAL_STATE,
  type Phase,
  planStart,
  retryDelayMs,
  step,
} from '../../../src/connectors/postgres-cdc/state.ts';

const EVENTS: Readonly<Record<string, CaptureEvent>> = {
  fresh: { kind: 'planned', plan: 'freshRead' },
  resume: { kind: 'planned', plan: 'resume' },
  committed: { kind: 'readCommitted' },
  streaming: { kind: 'streaming' },
  progressed: { kind: 'progressed' },
  brokeRetry: { kind: 'broke', retry: true },
  brokeFinal: { kind: 'broke', retry: false },
  waited: { kind: 'waited' },
  stop: { kind: 'stop' },
};

/** Phase × event → phase and action. A dash: the event leaves the phase as it is and asks for nothing. */
const TABLE: Readonly<Record<Phase, Readonly<Record<keyof typeof EVENTS, string>>>> = {
  connecting: {
    fresh: 'snapshotRead read',
    resume: 'handoff stream',
    committed: '-',
    streaming: '-',
    progressed: '-',
    brokeRetry: 'retrying wait',
    brokeFinal: 'failed end',
    waited: '-',
    stop: 'stopped end',
  },
  snapshotRead: {
    fresh: '-',
    resume: '-',
    committed: 'handoff stream',
    streaming: '-',
    progressed: '-',
    brokeRetry: 'retrying wait',
    brokeFinal: 'failed end',
    waited: '-',
    stop: 'stopped end',
  },
  handoff: {
    fresh: '-',
    resume: '-',
    committed: '-',
    streaming: 'streamRead none',
    progressed: '-',
    brokeRetry: 'retrying wait',
    brokeFinal: 'failed end',
    waited: '-',
    stop: 'stopped end',
  },
  streamRead: {
    fresh: '-',
    resume: '-',
    committed: '-',
    streaming: '-',
    progressed: '-',
    brokeRetry: 'retrying wait',
    brokeFinal: 'failed end',
    waited: '-',
    stop: 'stopped end',
  },
  retrying: {
    fresh: '-',
    resume: '-',
    committed: '-',
    streaming: '-',
    progressed: '-',
    brokeRetry: 'retrying wait',
    brokeFinal: 'failed end',
    waited: 'connecting connect',
    stop: 'stopped end',
  },
  failed: {
    fresh: 'failed end',
    resume: 'failed end',
    committed: 'failed end',
    streaming: 'failed end',
    progressed: 'failed end',
    brokeRetry: 'failed end',
    brokeFinal: 'failed end',
    waited: 'failed end',
    stop: 'stopped end',
  },
  stopped: {
    fresh: 'stopped end',
    resume: 'stopped end',
    committed: 'stopped end',
    streaming: 'stopped end',
    progressed: 'stopped end',
    brokeRetry: 'stopped end',
    brokeFinal: 'stopped end',
    waited: 'stopped end',
    stop: 'stopped end',
  },
};

const cells = Object.entries(TABLE).flatMap(([phase, row]) =>
  Object.entries(row).map(([event, outcome]) => [phase as Phase, event, outcome] as const),
);

test.each(cells)('%s × %s → %s', (phase, event, outcome) => {
  const { state, action } = step({ phase, failures: 0 }, EVENTS[event]!);
  expect(`${state.phase} ${action.kind}`).toBe(outcome === '-' ? `${phase} none` : outcome);
});

test('waits grow with failures, are bounded, and begin anew after progress', () => {
  let state = INITIAL_STATE;
  const waits: number[] = [];
  for (let i = 0; i < 12; i++) {
    const broken = step(state, { kind: 'broke', retry: true });
    if (broken.action.kind === 'wait') waits.push(broken.action.ms);
    state = step(broken.state, { kind: 'waited' }).state;
  }
  expect(waits).toHaveLength(12);
  expect(waits).toEqual([...waits].sort((a, b) => a - b));
  expect(waits.at(-1)).toBe(retryDelayMs(1_000));
  state = step(state, { kind: 'planned', plan: 'resume' }).state;
  state = step(state, { kind: 'streaming' }).state;
  expect(step(state, { kind: 'progressed' }).state.failures).toBe(0);
});

test.each([
  // mode, dropSlotOnStop, hasPosition, slotExists, startedBefore → plan
  ['initial', false, false, false, false, 'freshRead'],
  ['initial', false, false, true, false, 'freshRead'],
  ['initial', false, true, true, false, 'resume'],
  ['initial', false, true, false, false, 'slotLost'],
  ['initial', true, true, false, false, 'freshRead'],
  ['always', false, false, false, false, 'freshRead'],
  ['always', false, true, true, false, 'readAgain'],
  ['always', false, true, true, true, 'resume'],
  ['always', false, true, false, false, 'freshRead'],
  ['never', false, false, false, false, 'freshStream'],
  ['never', false, true, true, false, 'resume'],
  ['never', false, true, false, false, 'slotLost'],
  ['never', true, true, false, false, 'freshStream'],
] as const)(
  'mode %s, drop slot %s, position %s, slot %s, started %s: %s',
  (mode, dropSlotOnStop, hasPosition, slotExists, startedBefore, plan) => {
    expect(planStart({ mode, dropSlotOnStop, hasPosition, slotExists, startedBefore })).toBe(plan);
  },
);
