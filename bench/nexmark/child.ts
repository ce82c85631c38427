import { rm } from 'node:fs/promises';
import { QUERIES } from './config.ts';
import type { NexmarkOptions } from './generator.ts';
import { appendEvents } from './input.ts';
import { loadProduct, type Product } from './product.ts';
import { type Measure, runQuery } from './run-query.ts';

/** What the parent asks of a process of its own: make the input, or run a query some times. */
export type Task =
  | ({ readonly kind: 'prepare'; readonly directory: string; readonly events: number } & NexmarkOptions)
  | { readonly kind: 'query'; readonly directory: string; readonly query: string; readonly runs: number };

const openLog = (product: Product, directory: string) =>
  product.openEmbeddedLog({
    storage: product.nodeStorage(),
    clock: product.systemClock,
    directory: `${directory}/log`,
    flush: 'interval',
  });

async function prepare(task: Task & { kind: 'prepare' }): Promise<void> {
  const log = await openLog(await loadProduct(), task.directory);
  await appendEvents(log, task.events, task);
  await log.close();
}

/** Runs the query once to warm up, then measures; each run writes a topic of its own, which goes at once. */
async function measure(task: Task & { kind: 'query' }): Promise<Measure[]> {
  const product = await loadProduct();
  const log = await openLog(product, task.directory);
  const query = QUERIES.find(({ name }) => name === task.query);
  if (query === undefined) throw new Error(`there is no query ${task.query}`);
  const measures: Measure[] = [];
  for (let run = 0; run <= task.runs; run++) {
    const outputTopic = `out-${task.query}-${process.pid}-${run}`;
    const checkpoints = `${task.directory}/checkpoints-${run}`;
    measures.push(await runQuery({ product, log, query, checkpoints, outputTopic }));
    await log.deleteTopic(outputTopic);
    await rm(checkpoints, { recursive: true, force: true });
  }
  await log.close();
  return measures.slice(1);
}

const task = JSON.parse(process.argv[2] ?? '') as Task;
if (task.kind === 'prepare') await prepare(task);
else process.stdout.write(`${JSON.stringify(await measure(task))}\n`);
