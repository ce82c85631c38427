import type { Clock } from '../../src/core/mod.ts';
import type { JobHandle, WorkerPool } from '../../src/engine/mod.ts';
import type { Log } from '../../src/log/mod.ts';
import type { NexmarkQuery } from './config.ts';
import { INPUT_TOPIC } from './input.ts';
import type { Product } from './product.ts';
import { scriptOf, sinkFormat } from './statements.ts';

/** What one run of a query came to. */
export interface Measure {
  readonly seconds: number;
  /** Of the whole process. */
  readonly processorSeconds: number;
  readonly rowsOut: number;
  readonly rssMb: number;
}

export interface QueryRun {
  readonly product: Product;
  readonly log: Log;
  readonly query: NexmarkQuery;
  /** Where the checkpoints go; one that no run had before. */
  readonly checkpoints: string;
  readonly outputTopic: string;
  /** Tasks, and the threads they run in; one task in this thread without it. */
  readonly parallel?: { readonly tasks: number; readonly workers: WorkerPool };
}

/** How a job reads, and by which time. */
export interface JobMode {
  /** It ends with what the input topic holds now. */
  readonly bounded: boolean;
  readonly clock: Clock;
}

/** Start a query at the input topic's begin, as a job as users have it. */
export function startQuery(
  { product, log, query, checkpoints, outputTopic, parallel }: QueryRun,
  { bounded, clock }: JobMode,
): JobHandle {
  const script = scriptOf(query, {
    source: {
      connector: 'kafka',
      topic: INPUT_TOPIC,
      format: 'json',
      'scan.startup.mode': 'earliest-offset',
      ...(bounded ? { 'scan.bounded.mode': 'latest-offset' } : {}),
    },
    sink: { connector: 'kafka', topic: outputTopic, format: sinkFormat(query) },
  });
  const { plan } = product.planScript(script, new product.Catalog());
  const tasks = parallel === undefined ? {} : { parallelism: parallel.tasks, workers: parallel.workers };
  return product.startJob({
    name: `bench/${query.name}`,
    plan,
    tables: product.tableFactories({ log, postgresUrl: () => '', print: () => undefined }),
    ...tasks,
    checkpoints: product.nodeCheckpointStorage(checkpoints),
    clock,
    newIncarnation: () => outputTopic,
    logger: { info: () => undefined, warn: message => process.stderr.write(`${message}\n`) },
  });
}

/** Run a query from the input topic's begin to its end. */
export async function runQuery(run: QueryRun): Promise<Measure> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const job = startQuery(run, { bounded: true, clock: run.product.systemClock });
  const state = await job.whenEnded;
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const { rowsOut, exception, rejectedRecords, lateRows } = job.status();
  if (state !== 'FINISHED' || rejectedRecords > 0 || lateRows > 0) {
    const counts = `${rejectedRecords} rejected, ${lateRows} late`;
    throw new Error(`${run.query.name} is ${state}: ${exception}, ${counts}`);
  }
  const rssMb = process.memoryUsage().rss / 1e6;
  return { seconds, processorSeconds: (user + system) / 1e6, rowsOut, rssMb };
}
