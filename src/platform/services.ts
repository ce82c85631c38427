import type { App } from '../app/mod.ts';
import { type Clock, MillraceError } from '../core/mod.ts';
import type { KafkaServer } from '../kafka/mod.ts';
import type { LiveHub } from '../live/mod.ts';
import type { Log } from '../log/mod.ts';
import type { Config } from './config/resolve.ts';
import type { DataDir } from './data-dir.ts';
import type { AppDatabase } from './database.ts';
import type { JobManager } from './jobs/job-manager.ts';
import type { CapturePart } from './parts/capture.ts';
import type { Parts } from './parts.ts';
import type { PostgresHandle } from './postgres/mod.ts';
import type { Stack } from './stack.ts';

/** What the steps of the start share. Fields that are null are not started yet, or not part of this start. */
export interface Services {
  readonly config: Config;
  readonly clock: Clock;
  readonly dataDir: DataDir;
  readonly app: App | null;
  readonly parts: Parts;
  readonly hub: LiveHub;
  readonly stack: Stack;
  readonly say: (line: string) => void;
  log: Log | null;
  kafka: KafkaServer | null;
  postgres: PostgresHandle | null;
  database: AppDatabase | null;
  capture: CapturePart | null;
  jobs: JobManager | null;
}

/** The service, or the error that says it is still starting. */
export function need<T>(service: T | null, name: string): T {
  if (service !== null) return service;
  throw new MillraceError('POSTGRES_UNAVAILABLE', `${name} is not started (yet); /readyz tells when it is.`);
}
