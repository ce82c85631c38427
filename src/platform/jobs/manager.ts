import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { loadFunctions } from '../../app/mod.ts';
import { MillraceError } from '../../core/mod.ts';
import {
  type JobHandle,
  nodeCheckpointStorage,
  parallelismOf,
  StateBudget,
  startJob,
  type WorkerPool,
} from '../../engine/mod.ts';
import type { PhysicalPlan } from '../../plan/mod.ts';
import { engineWorkers } from '../engine-workers.ts';
import { createRate } from '../rate.ts';
import { need, type Services } from '../services.ts';
import { type TableDependencies, type TableFactories, tableFactories } from '../tables.ts';
import { type JobStore, openJobStore } from './control-database.ts';
import type { JobManager } from './job-manager.ts';
import { type JobStatus, jobPart, jobStatus } from './job-status.ts';
import { jobPlan } from './plans.ts';
import { runScript } from './query.ts';

type Origin = JobStatus['origin'];

interface RunningJob {
  readonly name: string;
  readonly origin: Origin;
  readonly handle: JobHandle;
  status(): JobStatus;
}

/** Starts the application's jobs and the stored ones of users, each from its last checkpoint. */
export async function startJobs(services: Services): Promise<JobManager> {
  const jobs = new Map<string, RunningJob>();
  const functionFiles = { app: services.app!, cacheFolder: join(services.dataDir.path, 'cache') };
  const { library, byId } = await loadFunctions(functionFiles);
  const planning = { settings: services.config.settings, library };
  const tableDeps: TableDependencies = {
    functions: byId,
    log: need(services.log, 'the log'),
    postgresUrl: () => need(services.database, 'the database').url(),
    print: (line, isError) => (isError ? console.error(line) : services.say(line)),
  };
  const tables = tableFactories(tableDeps);
  const workers = engineWorkers({
    ...tableDeps,
    functionFiles,
    workers: services.config.settings['engine.workers'],
  });
  const budget = new StateBudget(stateBytesMax(services));
  const store = await openJobStore(need(services.postgres, 'PostgreSQL'));
  services.stack.push('jobs', async () => {
    await Promise.all([...jobs.values()].map(job => job.handle.stop()));
    await workers.close();
    await tables.close();
  });
  const start = (origin: Origin, name: string, sql: string, path = name): RunningJob => {
    const plan = jobPlan(path, sql, planning);
    const job = startOne(services, { tables, workers, budget }, plan, { origin, name });
    jobs.set(name, job);
    services.parts.add({ name: `job ${name}`, status: () => jobPart(job.status()) });
    return job;
  };
  for (const file of services.app!.jobs) start('app', file.name, file.text, file.path);
  for (const { name, sql } of await store.all()) start('user', name, sql);
  return {
    tables,
    library,
    list: () => [...jobs.values()].map(job => job.status()),
    state: () => ({ bytes: budget.bytes, maxBytes: budget.maxBytes }),
    create: async (name, sql) => {
      if (jobs.has(name)) throw new MillraceError('JOB_EXISTS', `a job ${name} exists; delete it first.`);
      jobPlan(name, sql, planning); // a wrong statement is refused before it is stored
      await store.put({ name, sql });
      return start('user', name, sql).status();
    },
    remove: name => removeJob(services, store, jobs, name),
    savepoint: async (name, stop) => {
      const path = savepointPath(services, found(jobs, name));
      const { origin, handle } = found(jobs, name);
      await handle.savepoint(path, stop);
      // It has ended for good: it would go on at the next start, beside the job that begins from the
      // savepoint.
      if (stop && origin === 'user') await removeJob(services, store, jobs, name);
      return path;
    },
    query: (sql, signal) => runScript(services, { tables, library }, sql, signal),
    settle: async signal => {
      const running = [...jobs.values()].filter(job => job.origin === 'app');
      await Promise.all(running.map(job => job.handle.settle(signal)));
    },
  };
}

function found(jobs: ReadonlyMap<string, RunningJob>, name: string): RunningJob {
  const job = jobs.get(name);
  if (job !== undefined) return job;
  throw new MillraceError('NOT_FOUND', `no job ${name}; there are ${[...jobs.keys()].join(', ') || 'none'}.`);
}

/** Named by its time, so that an older one stays. */
function savepointPath(services: Services, { origin, name }: RunningJob): string {
  const time = new Date(services.clock.nowMs()).toISOString().replaceAll(/[:.]/g, '-');
  return join(services.dataDir.path, 'savepoints', owner(services, origin), name, `savepoint-${time}`);
}

async function removeJob(
  services: Services,
  store: JobStore,
  jobs: Map<string, RunningJob>,
  name: string,
): Promise<void> {
  const job = found(jobs, name);
  if (job.origin === 'app') {
    throw new MillraceError(
      'JOB_EXISTS',
      `${name} belongs to the application; take its file out of jobs/ instead.`,
    );
  }
  await store.remove(name);
  await job.handle.cancel();
  jobs.delete(name);
  services.parts.remove(`job ${name}`);
  rmSync(checkpointFolder(services, 'user', name), { recursive: true, force: true });
}

/** What jobs run with. */
interface Engine {
  readonly tables: TableFactories;
  readonly workers: WorkerPool;
  readonly budget: StateBudget;
}

function startOne(
  services: Services,
  { tables, workers, budget }: Engine,
  plan: PhysicalPlan,
  { origin, name }: Pick<RunningJob, 'origin' | 'name'>,
): RunningJob {
  const { config, clock, say } = services;
  const startedMs = clock.nowMs();
  const handle = startJob({
    name: `${owner(services, origin)}/${name}`,
    ...{ plan, tables, clock, budget },
    ...(isInWorkers(config.settings['engine.workers'], plan) ? { workers } : {}),
    checkpoints: nodeCheckpointStorage(checkpointFolder(services, origin, name)),
    newIncarnation: () => randomUUID(),
    logger: { info: say, warn: say },
  });
  const rate = createRate(clock);
  const status = (): JobStatus =>
    jobStatus({ name, origin, startedMs }, handle.status(), rate, clock.nowMs());
  return { name, origin, handle, status };
}

function stateBytesMax({ config }: Services): number {
  const asked = config.settings['engine.memory.max-mb'];
  return asked === 0 ? totalmem() / 2 : asked * 2 ** 20;
}

/**
 * Without threads of its own by the settings, a job of one task runs in this one; and so does one that writes
 * files, whose writers and committers share what they know of the parts.
 */
const isInWorkers = (setting: number, { options, sinks }: PhysicalPlan): boolean =>
  (setting > 0 || parallelismOf(options) > 1) &&
  !sinks.some(sink => sink.table.options['connector'] === 'filesystem');

function owner(services: Services, origin: Origin): string {
  return origin === 'app' ? services.app!.manifest.name : 'user';
}

function checkpointFolder(services: Services, origin: Origin, name: string): string {
  return join(services.dataDir.checkpoints, owner(services, origin), name);
}
