import { availableParallelism } from 'node:os';
import type { FunctionFiles } from '../app/mod.ts';
import { createWorkerPool, type WorkerPool } from '../engine/mod.ts';
import { type Log, serveLog } from '../log/mod.ts';

/** What a worker is told at its start. */
export interface EngineWorkerData {
  readonly postgresUrl: string;
  /** Null where there is no application. */
  readonly functionFiles: FunctionFiles | null;
}

export interface EngineWorkersOptions {
  readonly log: Log;
  readonly postgresUrl: () => string;
  readonly print: (line: string, isError: boolean) => void;
  readonly functionFiles?: FunctionFiles;
  /** 0: as many as there are cores. */
  readonly workers: number;
}

/** The worker threads of the engine; they start with the first job that runs in them. */
export function engineWorkers(options: EngineWorkersOptions): WorkerPool {
  const { log, postgresUrl, print, workers } = options;
  const functionFiles = plainFiles(options.functionFiles);
  const isSource = import.meta.url.endsWith('.ts');
  return createWorkerPool({
    entry: new URL(isSource ? './engine-worker.ts' : './engine-worker.js', import.meta.url),
    workers: workers === 0 ? availableParallelism() : workers,
    data: (): EngineWorkerData => ({ postgresUrl: postgresUrl(), functionFiles }),
    serves: {
      ...serveLog(log),
      print: ({ line, isError }: { line: string; isError: boolean }) => print(line, isError),
    },
  });
}

/** What can be sent to a thread: of the application, only where it lies. */
function plainFiles(files: FunctionFiles | undefined): FunctionFiles | null {
  if (files === undefined) return null;
  const { folder, functions } = files.app;
  return { app: { folder, functions }, cacheFolder: files.cacheFolder };
}
