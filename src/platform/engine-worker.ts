/** What a worker thread of the engine runs: tasks of jobs, which reach the log by the main thread. */
import { serveTasks } from '../engine/mod.ts';
import { remoteLog } from '../log/mod.ts';
import type { EngineWorkerData } from './engine-workers.ts';
import { armKillFromEnvironment } from './failpoint-kill.ts';
import { systemClock } from './system-clock.ts';
import { tableFactories } from './tables.ts';

armKillFromEnvironment(process.env);
serveTasks(systemClock, (rpc, data) => {
  const { postgresUrl } = data as EngineWorkerData;
  return tableFactories({
    log: remoteLog(rpc),
    postgresUrl: () => postgresUrl,
    print: (line, isError) => rpc.notify('print', { line, isError }),
  });
});
