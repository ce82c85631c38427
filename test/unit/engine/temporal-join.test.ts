import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Batch, RowValue, Schema } from '../../../src/core/mod.ts';
import { sessionOf } from '../../../src/engine/codegen/mod.ts';
import { buildGraph, type Graph } from '../../../src/engine/graph.ts';
import { restoreGraph } from '../../../src/engine/job/restore-graph.ts';
import type { PhysicalNode } from '../../../src/plan/mod.ts';
import { saveGraph } from '../../support/slt-tasks.ts';
import {
  accumulate,
  at,
  batchOf,
  call,
  col,
  INT,
  lit,
  print,
  type Row,
  rowsOf,
  STRING,
  scan,
  schemaOf,
  TIME3,
  type,
} from './harness.ts';

const orders = schemaOf({ k: STRING, id: INT, t: TIME3 });
const rates = schemaOf({ k: STRING, rate: INT, t: TIME3 });

const withWatermark = (
  id: number,
  name: string,
  schema: Schema,
  mode: 'append' | 'upsert',
): PhysicalNode => ({
  kind: 'watermark',
  id,
  schema,
  changelogMode: mode,
  input: scan(id + 10, name, schema, mode),
  rowtime: 2,
  // What comes at one time comes before the watermark says so.
  watermark: call('-', TIME3, col(2, TIME3), lit(1n, type('INTERVAL_DAY_TIME'))),
  idleTimeoutMs: null,
});

const rootOf = (joinType: 'INNER' | 'LEFT'): PhysicalNode => ({
  kind: 'temporalJoin',
  id: 1,
  schema: schemaOf({ k: STRING, id: INT, t: TIME3, rk: STRING, rate: INT, rt: TIME3 }),
  changelogMode: 'append',
  joinType,
  left: withWatermark(2, 'orders', orders, 'append'),
  right: withWatermark(3, 'rates', rates, 'upsert'),
  leftKeys: [0],
  rightKeys: [0],
  nullsJoin: [false],
  condition: null,
  leftTime: 2,
  rightTime: 2,
});

/**
 * Times in steps, so that versions and orders meet; each event one step later than the one before, or
 * together.
 */
const event = fc.record({
  isOrder: fc.boolean(),
  key: fc.option(fc.constantFrom('a', 'b')),
  value: fc.integer({ min: 0, max: 9 }),
  step: fc.constantFrom(0, 1, 5),
  deletes: fc.boolean(),
  crash: fc.boolean(),
});

test.each(['INNER', 'LEFT'] as const)(
  '%s temporal join: each row meets the last version not later',
  joinType => {
    const property = fc.property(fc.array(event, { maxLength: 60 }), events => {
      const root = rootOf(joinType);
      const changes: Row[] = [];
      const build = (): Graph => {
        const into = {
          onBatch: (batch: Batch) => void changes.push(...rowsOf(batch)),
          onWatermark: () => undefined,
        };
        const graph = buildGraph([{ node: root, into }], {
          session: sessionOf({}, () => 0),
          onLate: () => undefined,
        });
        for (const port of graph.scans) for (const w of port.watermarks) w.addSplit('0');
        return graph;
      };
      let graph = build();
      const versions: { key: string; time: number; rate: number | null }[] = [];
      const left: { key: string | null; id: number; time: number }[] = [];
      let time = 0;
      for (const { isOrder, key, value, step, deletes, crash } of events) {
        time += step;
        const row: RowValue[] = [isOrder ? key : (key ?? 'a'), isOrder ? left.length : value, at(time)];
        const port = graph.scans.find(scanned => scanned.node.table.name === (isOrder ? 'orders' : 'rates'))!;
        for (const w of port.watermarks) w.setSplit('0');
        const kind = isOrder ? 0 : deletes ? 3 : 2;
        port.output.emit(batchOf(port.node.schema, [[kind, ...row]]));
        if (isOrder) left.push({ key, id: left.length, time });
        else versions.push({ key: key ?? 'a', time, rate: deletes ? null : value });
        if (!crash) continue;
        const images = [saveGraph(graph)];
        graph = build();
        restoreGraph(graph, { restore: { own: true, images }, task: 0, parallelism: 1 });
        graph.resume();
      }
      for (const { watermarks } of graph.scans) for (const w of watermarks) w.splitEnded('0');
      // Of equal times the later to come counts, even when it comes after the order.
      const expected = left.flatMap((order): RowValue[][] => {
        const valid = versions.filter(v => v.key === order.key && v.time <= order.time);
        const last = Math.max(...valid.map(v => v.time));
        const version = valid.filter(v => v.time === last).at(-1);
        const own = [order.key, order.id, at(order.time)];
        if (version !== undefined && version.rate !== null)
          return [[...own, version.key, version.rate, at(version.time)]];
        return joinType === 'LEFT' ? [[...own, null, null, null]] : [];
      });
      expect(accumulate(changes)).toEqual(expected.map(print).sort());
    });
    fc.assert(property, { seed: 11, numRuns: 200 });
  },
);
