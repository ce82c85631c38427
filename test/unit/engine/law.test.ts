import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Batch, isAccumulate, type RowValue, type Schema } from '../../../src/core/mod.ts';
import { sessionOf } from '../../../src/engine/codegen/mod.ts';
import { buildGraph, type Graph, type Observer } from '../../../src/engine/graph.ts';
import type { JoinType, PhysicalNode } from '../../../src/plan/mod.ts';
import { watchChangelog } from '../../support/changelog-invariants.ts';
import {
  accumulate,
  agg,
  at,
  BIGINT,
  batchOf,
  call,
  col,
  decimal,
  INT,
  insert,
  lit,
  print,
  type Row,
  remove,
  rowsOf,
  STRING,
  scan,
  schemaOf,
  TIME3,
} from './harness.ts';

const SEED = 7;
const RUNS = 100;

const UNWATCHED: Observer = { rows: () => undefined, watermark: () => undefined };

/** The graph of a plan, fed by hand; `crash` goes on in a new graph from a snapshot. */
class Bench {
  readonly changes: Row[] = [];
  late = 0;
  readonly #root: PhysicalNode;
  readonly #watchers = new Map<number, Observer>();
  #graph: Graph;

  constructor(root: PhysicalNode) {
    this.#root = root;
    this.#graph = this.#build();
  }

  /** A crash loses nothing that was emitted before, so the watchers go on. */
  #watch(node: PhysicalNode): Observer {
    // Histories of windows take back rows that never came.
    if (node.kind === 'scan' || node.kind === 'watermark') return UNWATCHED;
    const watcher = this.#watchers.get(node.id) ?? watchChangelog(node);
    this.#watchers.set(node.id, watcher);
    return watcher;
  }

  #build(): Graph {
    const into = {
      onBatch: (batch: Batch) => {
        this.changes.push(...rowsOf(batch));
      },
      onWatermark: () => undefined,
    };
    const graph = buildGraph([{ node: this.#root, into }], {
      observe: node => this.#watch(node),
      session: sessionOf({}, () => 0),
      onLate: (_node, rows) => {
        this.late += rows.selectionCount;
      },
    });
    for (const port of graph.scans) for (const w of port.watermarks) w.addSplit('0');
    return graph;
  }

  send(table: string, rows: readonly Row[]): void {
    const port = this.#graph.scans.find(s => s.node.table.name === table)!;
    for (const w of port.watermarks) w.setSplit('0');
    port.output.emit(batchOf(port.node.schema, rows));
  }

  end(): void {
    for (const port of this.#graph.scans) for (const w of port.watermarks) w.splitEnded('0');
  }

  crash(): void {
    const states = [...this.#graph.nodes].map(([id, node]) => [id, node.state.snapshot()] as const);
    this.#graph = this.#build();
    for (const [id, bytes] of states) this.#graph.nodes.get(id)!.state.restore(bytes);
  }
}

/** Steps that insert rows, take rows back that are there, or crash. */
const history = (row: fc.Arbitrary<RowValue[]>, tables: readonly string[]) =>
  fc.array(
    fc.record({
      table: fc.constantFrom(...tables),
      rows: fc.array(row, { maxLength: 12 }),
      takeBack: fc.array(fc.nat(), { maxLength: 8 }),
      crash: fc.boolean(),
    }),
    { maxLength: 10 },
  );

interface Step {
  readonly table: string;
  readonly rows: readonly RowValue[][];
  readonly takeBack: readonly number[];
  readonly crash: boolean;
}

/** Plays a history; returns what each table holds at its end. */
function play(bench: Bench, steps: readonly Step[]): Map<string, RowValue[][]> {
  const held = new Map<string, RowValue[][]>();
  for (const { table, rows, takeBack, crash } of steps) {
    const now = held.get(table) ?? [];
    const batch: Row[] = rows.map(row => insert(...row));
    now.push(...rows.map(row => [...row]));
    for (const pick of takeBack) {
      if (now.length === 0) continue;
      const [row] = now.splice(pick % now.length, 1);
      batch.push(remove(...row!));
    }
    held.set(table, now);
    if (batch.length > 0) bench.send(table, batch);
    if (crash) bench.crash();
  }
  return held;
}

const input = schemaOf({ k: STRING, v: BIGINT, t: STRING, d: decimal(12, 2) });
const row = fc
  .tuple(
    fc.option(fc.constantFrom('a', 'b', 'a longer key, to be hashed by words')),
    fc.option(fc.bigInt({ min: -5n, max: 5n })),
    fc.option(fc.constantFrom('', 'x', 'yy', 'ü', '\u{1F600}', '\uFFFD')),
    fc.option(fc.bigInt({ min: -(10n ** 12n) + 1n, max: 10n ** 12n - 1n })),
  )
  .map(values => values as RowValue[]);

const present = <T>(values: readonly (T | null)[]): T[] => values.filter(v => v !== null);
const sum = (values: readonly bigint[]): bigint | null =>
  values.length === 0 ? null : values.reduce((s, v) => s + v, 0n);
const extreme = <T>(values: readonly T[], sign: 1 | -1): T | null =>
  values.length === 0 ? null : values.reduce((best, v) => ((v < best ? -1 : 1) === sign ? v : best));

function naiveAggregates(rows: readonly RowValue[][]): RowValue[] {
  const v = present(rows.map(r => r[1] as bigint | null));
  const t = present(rows.map(r => r[2] as string | null));
  const total = sum(v);
  return [
    BigInt(rows.length),
    BigInt(v.length),
    total,
    total === null ? null : total / BigInt(v.length),
    extreme(v, -1),
    extreme(v, 1),
    extreme(t, -1),
    extreme(t, 1),
    BigInt(new Set(v).size),
    sum([...new Set(v)]),
    sum(present(rows.map(r => r[3] as bigint | null))),
  ];
}
const aggregates = [
  agg('COUNT', null, BIGINT),
  agg('COUNT', 1, BIGINT),
  agg('SUM', 1, BIGINT),
  agg('AVG', 1, BIGINT),
  agg('MIN', 1, BIGINT),
  agg('MAX', 1, BIGINT),
  agg('MIN', 2, STRING),
  agg('MAX', 2, STRING),
  agg('COUNT', 1, BIGINT, { distinct: true }),
  agg('SUM', 1, BIGINT, { distinct: true }),
  agg('SUM', 3, decimal(38, 2)),
];
const results = {
  n: BIGINT,
  nv: BIGINT,
  sum: BIGINT,
  avg: BIGINT,
  min: BIGINT,
  max: BIGINT,
  minT: STRING,
  maxT: STRING,
  distinct: BIGINT,
  sumDistinct: BIGINT,
  total: decimal(38, 2),
};

function groupBy(rows: readonly RowValue[][], key: (row: RowValue[]) => RowValue[]): string[] {
  const groups = new Map<string, { key: RowValue[]; rows: RowValue[][] }>();
  for (const r of rows) {
    const name = print(key(r));
    const group = groups.get(name) ?? { key: key(r), rows: [] };
    group.rows.push(r);
    groups.set(name, group);
  }
  return [...groups.values()].map(g => print([...g.key, ...naiveAggregates(g.rows)])).sort();
}

for (const keys of [[0], []]) {
  test(`GROUP BY over ${keys.length} keys: the changelog adds up to the query over what is there`, () => {
    const root: PhysicalNode = {
      kind: 'groupAggregate',
      id: 1,
      schema: schemaOf({ ...(keys.length > 0 ? { k: STRING } : {}), ...results }),
      changelogMode: 'retract',
      input: scan(2, 't', input),
      keys,
      aggregates,
    };
    fc.assert(
      fc.property(history(row, ['t']), steps => {
        const bench = new Bench(root);
        const held = play(bench, steps).get('t') ?? [];
        expect(accumulate(bench.changes)).toEqual(groupBy(held, r => keys.map(c => r[c]!)));
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });
}

test('GROUP BY over rows that are never taken back', () => {
  const root: PhysicalNode = {
    kind: 'groupAggregate',
    id: 1,
    schema: schemaOf({ k: STRING, ...results }),
    changelogMode: 'retract',
    input: scan(2, 't', input, 'append'),
    keys: [0],
    aggregates,
  };
  fc.assert(
    fc.property(history(row, ['t']), steps => {
      const bench = new Bench(root);
      const held = play(
        bench,
        steps.map(s => ({ ...s, takeBack: [] })),
      ).get('t');
      expect(accumulate(bench.changes)).toEqual(groupBy(held ?? [], r => [r[0]!]));
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

const timed = schemaOf({ k: STRING, v: BIGINT, t: STRING, d: decimal(12, 2), ts: TIME3 });
const MINUTE = 60_000;
const windowRoot: PhysicalNode = {
  kind: 'windowAggregate',
  id: 1,
  schema: schemaOf({ k: STRING, ...results, start: TIME3, end: TIME3 }),
  changelogMode: 'append',
  input: {
    kind: 'watermark',
    id: 2,
    schema: timed,
    changelogMode: 'retract',
    input: scan(3, 't', timed),
    rowtime: 4,
    watermark: call('-', TIME3, col(4, TIME3), lit(90_000n, { kind: 'INTERVAL_DAY_TIME', nullable: false })),
    idleTimeoutMs: null,
  },
  window: { kind: 'TUMBLE', sizeMs: MINUTE, offsetMs: 0 },
  time: { attribute: 'rowtime', column: 4, isInstant: false },
  keys: [0],
  aggregates,
  windowProperties: ['window_start', 'window_end'],
};
const timedRow = fc
  .tuple(row, fc.integer({ min: -4 * MINUTE, max: 4 * MINUTE }))
  .map(([values, ms]) => [...values, at(ms)]);

test('TUMBLE: each window is the query over its rows in time; late rows are counted, whatever the batches', () => {
  fc.assert(
    fc.property(history(timedRow, ['t']), fc.boolean(), (steps, cut) => {
      const bench = new Bench(windowRoot);
      const held: RowValue[][] = [];
      let [watermark, late] = [Number.NEGATIVE_INFINITY, 0];
      for (const step of steps) {
        const kept: Row[] = step.rows.map(r => insert(...r));
        for (const pick of step.takeBack)
          if (held.length > 0) kept.push(remove(...held[pick % held.length]!));
        const sent: Row[] = [];
        // The model takes rows one by one, and takes back only what is there.
        for (const change of kept) {
          const [kind, ...values] = change;
          const ms = (values[4] as { millis: number }).millis;
          const end = (Math.floor(ms / MINUTE) + 1) * MINUTE;
          const index = held.findIndex(r => print(r) === print(values));
          if (!isAccumulate(kind) && index < 0) continue;
          sent.push(change);
          if (end - 1 <= watermark) late++;
          else if (isAccumulate(kind)) held.push(values);
          else held.splice(index, 1);
          watermark = Math.max(watermark, ms - 90_000);
        }
        for (const part of cut ? sent.map(r => [r]) : [sent]) if (part.length > 0) bench.send('t', part);
        if (step.crash) bench.crash();
      }
      bench.end();
      const start = (r: RowValue[]): number =>
        Math.floor((r[4] as { millis: number }).millis / MINUTE) * MINUTE;
      const expected = groupBy(held, r => [start(r), r[0]!]).map(text => {
        const [from, ...rest] = JSON.parse(text) as [number, ...unknown[]];
        return print([...rest, from, from + MINUTE]);
      });
      expect(accumulate(bench.changes)).toEqual(expected.sort());
      expect(bench.late).toBe(late);
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

const leftSchema = schemaOf({ k: STRING, a: INT });
const rightSchema = schemaOf({ k: STRING, b: INT });
const joinRow = fc
  .tuple(fc.option(fc.constantFrom('a', 'b', 'c')), fc.option(fc.integer({ min: 0, max: 3 })))
  .map(values => values as RowValue[]);

interface JoinCase {
  readonly joinType: JoinType;
  readonly conditional: boolean;
  readonly nullsJoin: boolean;
  /** Rows are never taken back. */
  readonly append: boolean;
}

function naiveJoin(of: JoinCase, left: RowValue[][], right: RowValue[][]): string[] {
  const out: RowValue[][] = [];
  const { joinType: type } = of;
  const joins = (l: RowValue[], r: RowValue[]): boolean =>
    (of.nullsJoin || l[0] !== null) &&
    l[0] === r[0] &&
    (!of.conditional || (l[1] !== null && r[1] !== null && l[1]! <= r[1]!));
  for (const l of left) {
    const partners = right.filter(r => joins(l, r));
    if (type === 'SEMI' || type === 'ANTI') {
      if (partners.length > 0 === (type === 'SEMI')) out.push(l);
      continue;
    }
    out.push(...partners.map(r => [...l, ...r]));
    if (partners.length === 0 && (type === 'LEFT' || type === 'FULL')) out.push([...l, null, null]);
  }
  if (type === 'RIGHT' || type === 'FULL') {
    for (const r of right) if (!left.some(l => joins(l, r))) out.push([null, null, ...r]);
  }
  return out.map(print).sort();
}

const TYPES: readonly JoinType[] = ['INNER', 'LEFT', 'RIGHT', 'FULL', 'SEMI', 'ANTI'];
const FLAGS = [false, true];
const CASES: readonly JoinCase[] = TYPES.flatMap(joinType =>
  FLAGS.flatMap(conditional =>
    FLAGS.flatMap(nullsJoin => FLAGS.map(append => ({ joinType, conditional, nullsJoin, append }))),
  ),
);

test.each(CASES)('$joinType JOIN: the law over two inputs, $conditional $nullsJoin $append', of => {
  const half = of.joinType === 'SEMI' || of.joinType === 'ANTI';
  const mode = of.append ? 'append' : 'retract';
  const root: PhysicalNode = {
    kind: 'join',
    id: 1,
    schema: schemaOf(half ? { lk: STRING, a: INT } : { lk: STRING, a: INT, rk: STRING, b: INT }),
    changelogMode: 'retract',
    joinType: of.joinType,
    left: scan(2, 'l', leftSchema, mode),
    right: scan(3, 'r', rightSchema, mode),
    leftKeys: [0],
    rightKeys: [0],
    nullsJoin: [of.nullsJoin],
    condition: of.conditional
      ? call('<=', { kind: 'BOOLEAN', nullable: true }, col(1, INT), col(3, INT))
      : null,
  };
  fc.assert(
    fc.property(history(joinRow, ['l', 'r']), steps => {
      const bench = new Bench(root);
      const held = play(bench, of.append ? steps.map(step => ({ ...step, takeBack: [] })) : steps);
      const expected = naiveJoin(of, held.get('l') ?? [], held.get('r') ?? []);
      expect(accumulate(bench.changes)).toEqual(expected);
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

const timedLeft = schemaOf({ k: STRING, a: INT, t: TIME3 });
const timedRight = schemaOf({ k: STRING, b: INT, t: TIME3 });
const nearRow = fc
  .tuple(joinRow, fc.integer({ min: 0, max: 30_000 }))
  .map(([values, ms]) => [...values, at(ms)] as RowValue[]);

test.each(['INNER', 'LEFT', 'RIGHT', 'FULL'] as const)(
  '%s interval join: the law, nothing being late',
  type => {
    const [lowerMs, upperMs] = [-4000, 2500];
    const watermark = (id: number, name: string, schema: Schema): PhysicalNode => ({
      kind: 'watermark',
      id,
      schema,
      changelogMode: 'append',
      input: scan(id + 10, name, schema, 'append'),
      rowtime: 2,
      watermark: col(2, TIME3),
      idleTimeoutMs: null,
    });
    const root: PhysicalNode = {
      kind: 'intervalJoin',
      id: 1,
      schema: schemaOf({ lk: STRING, a: INT, lt: TIME3, rk: STRING, b: INT, rt: TIME3 }),
      changelogMode: 'append',
      joinType: type,
      left: watermark(2, 'l', timedLeft),
      right: watermark(3, 'r', timedRight),
      leftKeys: [0],
      rightKeys: [0],
      nullsJoin: [false],
      condition: null,
      time: 'rowtime',
      leftTime: 2,
      rightTime: 2,
      lowerMs,
      upperMs,
      timeConditions: [],
    };
    const ms = (row: RowValue[]): number => (row[2] as { millis: number }).millis;
    const property = fc.property(
      fc.array(nearRow),
      fc.array(nearRow),
      fc.array(fc.boolean()),
      (l, r, crashes) => {
        const bench = new Bench(root);
        const inputs = { l: [...l].sort((x, y) => ms(x) - ms(y)), r: [...r].sort((x, y) => ms(x) - ms(y)) };
        const sent = { l: 0, r: 0 };
        // Each step sends one row of the side that lags behind, so that no row is late.
        for (let step = 0; sent.l < l.length || sent.r < r.length; step++) {
          const isLeft =
            sent.r === r.length || (sent.l < l.length && ms(inputs.l[sent.l]!) <= ms(inputs.r[sent.r]!));
          const side = isLeft ? 'l' : 'r';
          bench.send(side, [insert(...inputs[side][sent[side]++]!)]);
          if (crashes[step]) bench.crash();
        }
        bench.end();
        const joins = (x: RowValue[], y: RowValue[]): boolean =>
          x[0] !== null && x[0] === y[0] && ms(x) - ms(y) >= lowerMs && ms(x) - ms(y) <= upperMs;
        const none = [null, null, null];
        const expected = l.flatMap(x => r.filter(y => joins(x, y)).map(y => [...x, ...y]));
        if (type === 'LEFT' || type === 'FULL')
          expected.push(...l.filter(x => !r.some(y => joins(x, y))).map(x => [...x, ...none]));
        if (type === 'RIGHT' || type === 'FULL')
          expected.push(...r.filter(y => !l.some(x => joins(x, y))).map(y => [...none, ...y]));
        expect(accumulate(bench.changes)).toEqual(expected.map(print).sort());
      },
    );
    fc.assert(property, { seed: SEED, numRuns: RUNS });
  },
);

test('changelogNormalize turns upserts and tombstones into a changelog', () => {
  const schema = schemaOf({ k: STRING, v: BIGINT });
  const root: PhysicalNode = {
    kind: 'changelogNormalize',
    id: 1,
    schema,
    changelogMode: 'retract',
    input: scan(2, 't', schema, 'upsert'),
    keys: [0],
  };
  const change = fc.record({
    k: fc.constantFrom('a', 'b', 'c'),
    v: fc.option(fc.bigInt({ min: 0n, max: 3n })),
    kind: fc.constantFrom(0, 2, 3),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.array(change), fc.boolean())), parts => {
      const bench = new Bench(root);
      const model = new Map<string, RowValue[]>();
      for (const [changes, crash] of parts) {
        for (const { k, v, kind } of changes) {
          if (kind === 3) model.delete(k);
          else model.set(k, [k, v]);
        }
        bench.send(
          't',
          changes.map(({ k, v, kind }): Row => [kind, k, kind === 3 ? null : v]),
        );
        if (crash) bench.crash();
      }
      expect(accumulate(bench.changes)).toEqual([...model.values()].map(print).sort());
    }),
    { seed: SEED, numRuns: RUNS },
  );
});
