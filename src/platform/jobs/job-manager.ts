import type { FunctionLibrary } from '../../plan/mod.ts';
import type { ScriptAnswer } from '../http/jobs.ts';
import type { TableFactories } from '../tables.ts';
import type { JobStatus } from './job-status.ts';

/** All jobs: those of the application and those that users gave. */
export interface JobManager {
  /** What jobs and live views read and write. */
  readonly tables: TableFactories;
  /** The application's SQL functions. */
  readonly library: FunctionLibrary;
  list(): readonly JobStatus[];
  /** What the states of all jobs take, and may take. */
  state(): { readonly bytes: number; readonly maxBytes: number };
  /** Checks, stores and starts a job of a user's. */
  create(name: string, sql: string): Promise<JobStatus>;
  remove(name: string): Promise<void>;
  /** Keeps the state of a job as a file; answers its path. With `stop` the job ends behind it. */
  savepoint(name: string, stop: boolean): Promise<string>;
  /** Runs a script: SELECTs over what the topics hold now, SHOW, DESCRIBE, EXPLAIN. */
  query(sql: string, signal: AbortSignal): Promise<ScriptAnswer>;
  /**
   * Resolves when every job of the application has read to the end of the log and its output is committed.
   */
  settle(signal: AbortSignal): Promise<void>;
}
