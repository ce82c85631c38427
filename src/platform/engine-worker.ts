/** What a worker thread of the engine runs: tasks of jobs, which reach the log by the main thread. */
import { workerData } from 'node:worker_threads';
import { loadFunctions } from '../app/mod.ts';
import { serveTasks } from '../engine/mod.ts';
import { remoteLog } from '../log/mod.ts';
import type { EngineWorkerData } from './engine-workers.ts';
import { armKillFromEnvironment } from './failpoint-kill.ts';
import { systemClock } from './system-clock.ts';
import { tableFactories } from './tables.ts';

armKillFromEnvironment(process.env);
const { postgresUrl, functionFiles } = (workerData as { readonly data: EngineWorkerData }).data;
// Before tasks are served: what is sent to the port meanwhile waits there.
const functions = functionFiles === null ? new Map() : (await loadFunctions(functionFiles)).byId;
serveTasks(systemClock, rpc =>
  tableFactories({
    log: remoteLog(rpc),
    postgresUrl: () => postgresUrl,
    print: (line, isError) => rpc.notify('print', { line, isError }),
    functions,
  }),
);
