import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAccumulate, type RowValue } from '../../../src/core/mod.ts';
import type { ChangelogMode, PhysicalNode, WindowSpec } from '../../../src/plan/mod.ts';
import { aggregates, groupBy, naiveAggregates, results, row } from '../../support/law-aggregates.ts';
import { Bench, history } from '../../support/law-bench.ts';
import {
  accumulate,
  at,
  BIGINT,
  call,
  col,
  decimal,
  insert,
  lit,
  print,
  type Row,
  remove,
  STRING,
  scan,
  schemaOf,
  TIME3,
} from './harness.ts';

const SEED = 7;
const RUNS = 100;
const MINUTE = 60_000;
/** How far the watermark stays behind. */
const DELAY = 90_000;

const timed = schemaOf({ k: STRING, v: BIGINT, t: STRING, d: decimal(12, 2), ts: TIME3 });

const rootOf = (window: WindowSpec, mode: ChangelogMode): PhysicalNode => ({
  kind: 'windowAggregate',
  id: 1,
  schema: schemaOf({ k: STRING, ...results, start: TIME3, end: TIME3 }),
  changelogMode: 'append',
  input: {
    kind: 'watermark',
    id: 2,
    schema: timed,
    changelogMode: mode,
    input: scan(3, 't', timed, mode),
    rowtime: 4,
    watermark: call(
      '-',
      TIME3,
      col(4, TIME3),
      lit(BigInt(DELAY), { kind: 'INTERVAL_DAY_TIME', nullable: false }),
    ),
    idleTimeoutMs: null,
  },
  window,
  time: { attribute: 'rowtime', column: 4, isInstant: false },
  keys: [0],
  aggregates,
  windowProperties: ['window_start', 'window_end'],
});
const timedRow = fc
  .tuple(row, fc.integer({ min: -4 * MINUTE, max: 4 * MINUTE }))
  .map(([values, ms]) => [...values, at(ms)]);
const timeOf = (values: readonly RowValue[]): number => (values[4] as { millis: number }).millis;

/** Plays a history row by row, as the model sees it, and batch by batch, or row by row, to the bench. */
function play(
  bench: Bench,
  steps: readonly { rows: readonly RowValue[][]; takeBack: readonly number[]; crash: boolean }[],
  options: { readonly retracts: boolean; readonly cut: boolean },
  model: (kind: number, values: readonly RowValue[], watermark: number) => void,
): void {
  const alive: RowValue[][] = [];
  let watermark = Number.NEGATIVE_INFINITY;
  for (const step of steps) {
    const sent: Row[] = step.rows.map(r => insert(...r));
    alive.push(...step.rows.map(r => [...r]));
    for (const pick of options.retracts ? step.takeBack : []) {
      if (alive.length > 0) sent.push(remove(...alive.splice(pick % alive.length, 1)[0]!));
    }
    for (const [kind, ...values] of sent) {
      model(kind, values, watermark);
      watermark = Math.max(watermark, timeOf(values) - DELAY);
    }
    for (const part of options.cut ? sent.map(r => [r]) : [sent]) if (part.length > 0) bench.send('t', part);
    if (step.crash) bench.crash();
  }
  bench.end();
}

/** A window and the rows that came in time for it. */
interface Held {
  readonly bounds: { readonly start: number; readonly end: number };
  readonly rows: RowValue[][];
}

/** Starts and ends of the windows of a time. */
type Windows = (ms: number) => readonly { readonly start: number; readonly end: number }[];

const cut = (ms: number, length: number) => Math.floor(ms / length) * length;
const KINDS: readonly (readonly [WindowSpec, Windows])[] = [
  [
    { kind: 'TUMBLE', sizeMs: MINUTE, offsetMs: 0 },
    ms => [{ start: cut(ms, MINUTE), end: cut(ms, MINUTE) + MINUTE }],
  ],
  [
    { kind: 'HOP', sizeMs: 2 * MINUTE, slideMs: 30_000, offsetMs: 0 },
    ms =>
      [0, 1, 2, 3].map(n => ({
        start: cut(ms, 30_000) - n * 30_000,
        end: cut(ms, 30_000) - n * 30_000 + 2 * MINUTE,
      })),
  ],
  [
    { kind: 'CUMULATE', sizeMs: 2 * MINUTE, stepMs: 30_000, offsetMs: 0 },
    ms => {
      const start = cut(ms, 2 * MINUTE);
      const ends = [1, 2, 3, 4].map(n => start + n * 30_000).filter(end => end > ms);
      return ends.map(end => ({ start, end }));
    },
  ],
];

for (const [window, windowsOf] of KINDS) {
  for (const mode of ['append', 'retract'] as const) {
    test(`${window.kind}, ${mode}: each window is the query over its rows in time; late rows are counted`, () => {
      fc.assert(
        fc.property(history(timedRow, ['t']), fc.boolean(), (steps, isCut) => {
          const bench = new Bench(rootOf(window, mode));
          const held = new Map<string, Held>();
          let late = 0;
          play(bench, steps, { retracts: mode === 'retract', cut: isCut }, (kind, values, watermark) => {
            const open = windowsOf(timeOf(values)).filter(({ end }) => end - 1 > watermark);
            if (open.length === 0) late++;
            for (const bounds of open) {
              const name = `${bounds.start} ${bounds.end}`;
              const kept: Held = held.get(name) ?? { bounds, rows: [] };
              held.set(name, kept);
              if (isAccumulate(kind)) kept.rows.push([...values]);
              else {
                const index = kept.rows.findIndex(r => print(r) === print(values));
                kept.rows.splice(index, 1);
              }
            }
          });
          const expected = [...held.values()].flatMap(({ bounds, rows }) =>
            groupBy(rows, r => [r[0]!]).map(text => print([...JSON.parse(text), bounds.start, bounds.end])),
          );
          expect(accumulate(bench.changes)).toEqual(expected.sort());
          expect(bench.late).toBe(late);
        }),
        { seed: SEED, numRuns: RUNS },
      );
    });
  }
}

test('SESSION: sessions merge while they are open; what joins none that is open may be late', () => {
  const gapMs = 40_000;
  interface Session {
    start: number;
    end: number;
    rows: RowValue[][];
  }
  fc.assert(
    fc.property(history(timedRow, ['t']), fc.boolean(), (steps, isCut) => {
      const bench = new Bench(rootOf({ kind: 'SESSION', gapMs }, 'append'));
      const all = new Map<RowValue, Session[]>();
      let late = 0;
      play(bench, steps, { retracts: false, cut: isCut }, (_kind, values, watermark) => {
        const ms = timeOf(values);
        const sessions = all.get(values[0]!) ?? [];
        const joins = sessions.filter(s => s.end - 1 > watermark && ms <= s.end && ms + gapMs >= s.start);
        if (joins.length === 0 && ms + gapMs - 1 <= watermark) {
          late++;
          return;
        }
        const merged = {
          start: Math.min(ms, ...joins.map(s => s.start)),
          end: Math.max(ms + gapMs, ...joins.map(s => s.end)),
          rows: [...joins.flatMap(s => s.rows), [...values]],
        };
        all.set(values[0]!, [...sessions.filter(s => !joins.includes(s)), merged]);
      });
      const expected = [...all].flatMap(([key, sessions]) =>
        sessions.map(({ start, end, rows }) => print([key, ...naiveAggregates(rows), start, end])),
      );
      expect(accumulate(bench.changes)).toEqual(expected.sort());
      expect(bench.late).toBe(late);
    }),
    { seed: SEED, numRuns: RUNS },
  );
});
