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
}

/** Run a query from the input topic's begin to its end, by a job as users have it. */
export async function runQuery({
  product,
  log,
  query,
  checkpoints,
  outputTopic,
}: QueryRun): Promise<Measure> {
  const script = scriptOf(query, {
    source: {
      connector: 'kafka',
      topic: INPUT_TOPIC,
      format: 'json',
      'scan.startup.mode': 'earliest-offset',
      'scan.bounded.mode': 'latest-offset',
    },
    sink: { connector: 'kafka', topic: outputTopic, format: sinkFormat(query) },
  });
  const { plan } = product.planScript(script, new product.Catalog());
  const tables = product.tableFactories({ log, postgresUrl: () => '', print: () => undefined });
  const cpu = process.cpuUsage();
  const began = performance.now();
  const job = product.startJob({
    name: `bench/${query.name}`,
    plan,
    tables,
    checkpoints: product.nodeCheckpointStorage(checkpoints),
    clock: product.systemClock,
    newIncarnation: () => outputTopic,
    logger: { info: () => undefined, warn: message => process.stderr.write(`${message}\n`) },
  });
  const state = await job.whenEnded;
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const { rowsOut, exception, rejectedRecords, lateRows } = job.status();
  if (state !== 'FINISHED' || rejectedRecords > 0 || lateRows > 0) {
    throw new Error(`${query.name} is ${state}: ${exception}, ${rejectedRecords} rejected, ${lateRows} late`);
  }
  const rssMb = process.memoryUsage().rss / 1e6;
  return { seconds, processorSeconds: (user + system) / 1e6, rowsOut, rssMb };
}
