import { availableParallelism } from 'node:os';
import { createWorkerPool, type WorkerPool } from '../engine/mod.ts';
import { type Log, serveLog } from '../log/mod.ts';

/** What a worker is told at its start. */
export interface EngineWorkerData {
  readonly postgresUrl: string;
}

export interface EngineWorkersOptions {
  readonly log: Log;
  readonly postgresUrl: () => string;
  readonly print: (line: string, isError: boolean) => void;
  /** 0: as many as there are cores. */
  readonly workers: number;
}

/** The worker threads of the engine; they start with the first job that runs in them. */
export function engineWorkers({ log, postgresUrl, print, workers }: EngineWorkersOptions): WorkerPool {
  const isSource = import.meta.url.endsWith('.ts');
  return createWorkerPool({
    entry: new URL(isSource ? './engine-worker.ts' : './engine-worker.js', import.meta.url),
    workers: workers === 0 ? availableParallelism() : workers,
    data: (): EngineWorkerData => ({ postgresUrl: postgresUrl() }),
    serves: {
      ...serveLog(log),
      print: ({ line, isError }: { line: string; isError: boolean }) => print(line, isError),
    },
  });
}
