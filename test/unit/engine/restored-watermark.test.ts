import { afterEach, expect, test } from 'vitest';
import type { RowValue } from '../../../src/core/mod.ts';
import { sessionOf } from '../../../src/engine/codegen/mod.ts';
import { buildGraph, type Graph } from '../../../src/engine/graph.ts';
import { restoreGraph } from '../../../src/engine/job/restore-graph.ts';
import type { JobHandle } from '../../../src/engine/mod.ts';
import { Catalog, planScript } from '../../../src/plan/mod.ts';
import { MemorySink, memoryCheckpoints, type Splits, startParallelJob } from '../../support/parallel-job.ts';
import { saveGraph } from '../../support/slt-tasks.ts';
import { batchOf, insert, type Row } from './harness.ts';

const SQL = `SET 'table.exec.source.idle-timeout' = '50 ms';
CREATE TABLE orders (id INT, k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)
WITH ('connector' = 'kafka', 'topic' = 'orders', 'format' = 'json', 'properties.bootstrap.servers' = 'x');
CREATE TABLE rates (k INT, rate INT, ts TIMESTAMP(3), PRIMARY KEY (k) NOT ENFORCED, WATERMARK FOR ts AS ts)
WITH ('connector' = 'upsert-kafka', 'topic' = 'rates', 'key.format' = 'json', 'value.format' = 'json',
  'properties.bootstrap.servers' = 'x');
CREATE TABLE rated (id INT, rate INT) WITH ('connector' = 'print');
INSERT INTO rated SELECT o.id, r.rate FROM orders o
LEFT JOIN rates FOR SYSTEM_TIME AS OF o.ts AS r ON o.k = r.k;`;

const at = (seconds: number): RowValue => ({ millis: seconds * 1000, nanos: 0 });
const order = (id: number, seconds: number): Row => insert(id, id % 5, at(seconds));
const rates = (rate: number, seconds: number): Row[] =>
  [0, 1, 2, 3, 4].map(k => insert(k, rate, at(seconds)));
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

let job: JobHandle | null = null;
afterEach(() => job?.cancel());

test.each([
  [1, 1],
  [2, 2],
  [2, 1],
  [1, 3],
])(
  'event time that has passed an idle input stays there over a restore, %d tasks, then %d',
  async (before, after) => {
    const sink = new MemorySink();
    const checkpoints = memoryCheckpoints();
    const start = (parallelism: number, tables: Readonly<Record<string, Splits>>): JobHandle =>
      startParallelJob({
        sql: SQL,
        parallelism,
        tables,
        sink,
        checkpoints,
        isEndless: true,
        rowsPerBatch: 1,
        incarnation: 'one',
      });
    const first = { orders: { a: [1, 2, 100, 200].map(id => order(id, id)) }, rates: { b: rates(7, 0) } };
    job = start(before, first);
    while (job.status().watermarkMs !== 200_000) await turn();
    await job.settle(AbortSignal.timeout(10_000));
    await job.stop();
    const early = ['[1,7]', '[100,7]', '[2,7]', '[200,7]'];
    expect(sink.table()).toEqual(early);

    // Both inputs come again from behind. What is late waits for event time to go on, and sees these rates.
    job = start(after, {
      orders: { a: [...first.orders.a, order(300, 60), order(301, 210), order(302, 240)] },
      rates: { b: [...first.rates.b, ...rates(8, 50), ...rates(9, 205), ...rates(10, 220)] },
    });
    const marks = new Set<number>();
    while (!marks.has(220_000)) {
      const { watermarkMs } = job.status();
      if (watermarkMs !== null) marks.add(watermarkMs);
      await turn();
    }
    await job.settle(AbortSignal.timeout(10_000));
    expect(Math.min(...marks)).toBe(200_000);
    expect(sink.table()).toEqual([...early, '[300,8]', '[301,9]'].sort());
  },
);

test('over a restore a sink hears each watermark once, in its order', () => {
  const { plan } = planScript(SQL, new Catalog());
  const heard: number[] = [];
  let nowMs = 0;
  const build = (): Graph => {
    const into = { onBatch: () => undefined, onWatermark: (ms: number) => void heard.push(ms) };
    const session = sessionOf({}, () => nowMs);
    const graph = buildGraph([{ node: plan.sinks[0]!.input, into }], { session, onLate: () => undefined });
    for (const { watermarks } of graph.scans) for (const w of watermarks) w.addSplit('0');
    return graph;
  };
  const send = ({ scans }: Graph, table: string, seconds: number): void => {
    const port = scans.find(scan => scan.node.table.name === table)!;
    for (const w of port.watermarks) w.setSplit('0');
    const row: Row = insert(1, 1, at(seconds));
    port.output.emit(batchOf(port.node.schema, [row]));
  };
  let graph = build();
  graph.resume();
  send(graph, 'orders', 10);
  send(graph, 'rates', 5);
  nowMs = 40;
  send(graph, 'orders', 20);
  nowMs = 60;
  for (const { watermarks } of graph.scans) for (const w of watermarks) w.onTime();
  expect(heard.splice(0)).toEqual([5000, 20_000]);

  const images = [saveGraph(graph)];
  graph = build();
  restoreGraph(graph, { restore: { own: true, images }, task: 0, parallelism: 1 });
  graph.resume();
  expect(heard.splice(0)).toEqual([20_000]);
  send(graph, 'rates', 8);
  send(graph, 'orders', 30);
  expect(heard).toEqual([]);
  send(graph, 'rates', 25);
  expect(heard).toEqual([25_000]);
});

test('an input whose reader has not said yet that it has no rows is not idle, however long it takes', () => {
  const { plan } = planScript(SQL, new Catalog());
  const heard: number[] = [];
  let nowMs = 0;
  const into = { onBatch: () => undefined, onWatermark: (ms: number) => void heard.push(ms) };
  const session = sessionOf({}, () => nowMs);
  const graph = buildGraph([{ node: plan.sinks[0]!.input, into }], { session, onLate: () => undefined });
  const watermarks = graph.scans.flatMap(scan => scan.watermarks);
  const rates = graph.scans.find(scan => scan.node.table.name === 'rates')!.watermarks;
  const orders = graph.scans.find(scan => scan.node.table.name === 'orders')!;
  for (const w of watermarks) w.addSplit('0');
  graph.resume();
  for (const w of rates) w.splitReads('0', true);
  for (const w of orders.watermarks) w.setSplit('0');
  orders.output.emit(batchOf(orders.node.schema, [insert(1, 1, at(10))]));
  nowMs = 10_000;
  for (const w of watermarks) w.onTime();
  expect(heard).toEqual([]);
  for (const w of rates) w.splitReads('0', false);
  for (const w of watermarks) w.onTime();
  expect(heard).toEqual([10_000]);
});
