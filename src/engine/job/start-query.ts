import type { Sink } from '../../contract/mod.ts';
import type { Batch, Clock } from '../../core/mod.ts';
import type { PhysicalNode } from '../../plan/mod.ts';
import type { CheckpointStorage } from './checkpoint-image.ts';
import type { JobHandle, JobStatus, Tables } from './job-types.ts';
import { startJob } from './start-job.ts';

/**
 * A query kept running for its changes alone; it keeps nothing on disk and starts from its sources each
 * time.
 */
export interface QueryOptions {
  readonly name: string;
  readonly root: PhysicalNode;
  readonly options: Readonly<Record<string, string>>;
  readonly source: Tables['source'];
  readonly lookup?: Tables['lookup'];
  readonly function?: Tables['function'];
  readonly clock: Clock;
  readonly logger: { info(message: string): void; warn(message: string): void };
  /** It starts, or starts again after a failure: what was given before is void. */
  onStart(): void;
  /** Changes in order; the batch is borrowed. */
  onChanges(batch: Batch): void;
}

export interface QueryHandle {
  status(): JobStatus;
  settle(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
  readonly whenEnded: JobHandle['whenEnded'];
}

const RESULT = 'query-result';

/** Start a query; it restarts by itself until it is stopped or its bounded input ends. */
export function startQuery(query: QueryOptions): QueryHandle {
  const { root, name } = query;
  const table = { name: RESULT, physicalSchema: root.schema, primaryKey: [], options: { connector: RESULT } };
  const job = startJob({
    name,
    clock: query.clock,
    logger: query.logger,
    plan: {
      sinks: [{ kind: 'sink', id: -1, table, input: root, upsertKey: null }],
      options: query.options,
    },
    tables: {
      source: query.source,
      ...(query.lookup === undefined ? {} : { lookup: query.lookup }),
      ...(query.function === undefined ? {} : { function: query.function }),
      sink: async target => (target.options.connector === RESULT ? resultSink(query) : DISCARD),
    },
    checkpoints: NO_CHECKPOINTS,
    parallelism: 1,
    newIncarnation: () => name,
  });
  return { status: job.status, settle: job.settle, stop: job.cancel, whenEnded: job.whenEnded };
}

function resultSink(query: QueryOptions): Sink {
  return writeOnly(
    () => query.onStart(),
    batch => query.onChanges(batch),
  );
}

/**
 * Late rows and unreadable records of a query are counted, and kept by the jobs that read the same topics.
 */
const DISCARD: Sink = writeOnly(
  () => undefined,
  () => undefined,
);

function writeOnly(open: () => void, write: (batch: Batch) => void): Sink {
  return {
    delivery: 'at-least-once',
    openCommitter: async () => null,
    openWriter: async () => {
      open();
      return { write, prepare: async () => null, flush: async () => undefined, close: async () => undefined };
    },
  };
}

const NO_CHECKPOINTS: CheckpointStorage = {
  store: async () => undefined,
  latest: async () => null,
  discardBelow: async () => undefined,
};
