import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONFIG, QUERIES } from './nexmark/config.ts';
import { appendEvents } from './nexmark/input.ts';
import { built, loadProduct } from './nexmark/product.ts';
import { runQuery } from './nexmark/run-query.ts';
import { printFigures } from './print.ts';

type Workers = typeof import('../src/platform/engine-workers.ts');

const EVENTS = Number(process.env['WORKERS_EVENTS'] ?? 10_000_000);
const RUNS = 4;
const ASKED = ['q0', 'q2', 'q5', 'q17'];

/** Nexmark with two partitions and two tasks, in one worker thread and in two. */
export async function bench(): Promise<void> {
  const product = await loadProduct();
  const { engineWorkers } = await built<Workers>('platform/engine-workers');
  const directory = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'millrace-workers-'));
  const { seed, eventsPerSecond } = CONFIG;
  const log = await product.openEmbeddedLog({
    ...{ storage: product.nodeStorage(), clock: product.systemClock, directory, flush: 'interval' as const },
  });
  const open = (workers: number) =>
    engineWorkers({ log, postgresUrl: () => '', print: () => undefined, workers });
  const pools = [open(1), open(2)];
  let made = 0;
  try {
    await appendEvents(log, EVENTS, { seed, eventsPerSecond }, 2);
    console.log(`  ${EVENTS} events, ${availableParallelism()} cores; events a second, best of ${RUNS}`);
    for (const name of ASKED) {
      const query = QUERIES.find(known => known.name === name)!;
      const best = [0, 0];
      const processor = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      for (let run = 0; run <= RUNS; run++) {
        for (const [k, workers] of pools.entries()) {
          const outputTopic = `out-${made++}`;
          const checkpoints = join(directory, `checkpoints-${made}`);
          const parallel = { tasks: 2, workers };
          const { seconds, processorSeconds } = await runQuery({
            product,
            log,
            query,
            checkpoints,
            outputTopic,
            parallel,
          });
          await log.deleteTopic(outputTopic);
          await rm(checkpoints, { recursive: true, force: true });
          if (run === 0) continue;
          best[k] = Math.max(best[k]!, EVENTS / seconds);
          processor[k] = Math.min(processor[k]!, processorSeconds);
        }
      }
      printFigures(name, { 'one worker': best[0]!, 'two workers': best[1]!, times: best[1]! / best[0]! });
      const [one, two] = processor.map(seconds => seconds.toFixed(2));
      printFigures('  processor seconds', { 'one worker': one!, 'two workers': two! });
    }
  } finally {
    await Promise.all(pools.map(pool => pool.close()));
    await log.close();
    await rm(directory, { recursive: true, force: true });
  }
}
