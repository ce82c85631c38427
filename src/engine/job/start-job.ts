import { MillraceError, messageOf } from '../../core/mod.ts';
import { nextRestart, type RestartState } from '../../state/mod.ts';
import { MIN_WATERMARK } from '../operators/mod.ts';
import { Attempt } from './attempt.ts';
import { type CheckpointImage, decodeImage } from './checkpoint-image.ts';
import type { JobHandle, JobOptions, JobState, JobStatus } from './job-types.ts';
import { planFingerprint } from './plan-fingerprint.ts';
import { restartStrategyOf } from './restart-strategy.ts';
import { readSavepoint, savepointFile } from './savepoint.ts';

/** Start a job from its last checkpoint, or from nothing. It goes on by itself until it ends. */
export function startJob(options: JobOptions): JobHandle {
  const job = new Job(options);
  return {
    status: () => job.status(),
    checkpoint: () => job.attempt().checkpointing.request(),
    settle: signal => job.settle(signal),
    savepoint: (path, stop) => job.savepoint(path, stop),
    stop: () => job.stop(),
    cancel: () => job.cancel(),
    whenEnded: job.run(),
  };
}

class Job {
  readonly #options: JobOptions;
  readonly #abort = new AbortController();
  #attempt: Attempt | null = null;
  #incarnation: string | null = null;
  #state: JobState = 'CREATED';
  #restarts = 0;
  #exception: string | null = null;
  #ended: Promise<JobState> | null = null;

  constructor(options: JobOptions) {
    this.#options = options;
  }

  run(): Promise<JobState> {
    this.#ended = this.#loop();
    return this.#ended;
  }

  async #loop(): Promise<JobState> {
    const { clock, logger, name } = this.#options;
    let restart: RestartState | null = null;
    while (!this.#abort.signal.aborted) {
      const began = clock.monotonicMs();
      try {
        if (await this.#attemptOnce()) return this.#enter('FINISHED');
      } catch (error) {
        this.#exception = messageOf(error);
        if (isFinal(error)) {
          logger.warn(`job ${name} failed: ${this.#exception}`);
          return this.#enter('FAILED');
        }
        const atMs = clock.monotonicMs();
        const strategy = this.#options.restart ?? restartStrategyOf(this.#options.plan.options);
        restart = nextRestart(strategy, restart, { atMs, ranMs: atMs - began });
        if (restart === null) {
          logger.warn(`job ${name} failed, and its restart strategy allows no more: ${this.#exception}`);
          return this.#enter('FAILED');
        }
        this.#restarts += 1;
        this.#enter('RESTARTING');
        logger.warn(`job ${name} restarts in ${restart.delayMs} ms: ${this.#exception}`);
        await clock.sleep(restart.delayMs, this.#abort.signal).catch(() => undefined);
      }
    }
    return this.#enter('CANCELED');
  }

  /** True when bounded input has been read to its end. */
  async #attemptOnce(): Promise<boolean> {
    const attempt = await this.#nextAttempt();
    this.#attempt = attempt;
    if (this.#abort.signal.aborted) return false;
    this.#enter('RUNNING');
    await attempt.run();
    return !this.#abort.signal.aborted;
  }

  /** On its own, so that nothing holds the stored checkpoint while the attempt runs. */
  async #nextAttempt(): Promise<Attempt> {
    const { checkpoints, newIncarnation, plan } = this.#options;
    const stored = await checkpoints.latest();
    const fingerprint = planFingerprint(plan);
    const own = stored === null ? null : decodeImage(stored);
    const image = own ?? (await this.#fromSavepoint());
    refuseOtherPlan(this.#options.name, image, fingerprint);
    this.#incarnation = own?.incarnation ?? this.#incarnation ?? newIncarnation();
    return new Attempt(this.#options, this.#incarnation, fingerprint, image);
  }

  /** What a job without a checkpoint of its own begins from: the savepoint that its options name, if any. */
  async #fromSavepoint(): Promise<CheckpointImage | null> {
    const { options } = this.#options.plan;
    const path = options['execution.state-recovery.path'] ?? options['execution.savepoint.path'];
    return path === undefined ? null : readSavepoint(path);
  }

  #enter(state: JobState): JobState {
    this.#state = state;
    return state;
  }

  attempt(): Attempt {
    if (this.#attempt !== null && this.#state === 'RUNNING') return this.#attempt;
    throw new MillraceError('JOB_FAILED', `job ${this.#options.name} is ${this.#state}`);
  }

  async settle(signal: AbortSignal): Promise<void> {
    while (this.#state !== 'FINISHED') {
      try {
        return await this.attempt().settle(signal);
      } catch (error) {
        if (signal.aborted || this.#state === 'FAILED' || this.#state === 'CANCELED') throw error;
        await this.#options.clock.sleep(50, signal);
      }
    }
  }

  async savepoint(path: string, stop: boolean): Promise<void> {
    await this.attempt().savepoint(savepointFile(path), stop);
    if (stop) await this.cancel();
  }

  async stop(): Promise<void> {
    if (this.#state === 'RUNNING') {
      await this.attempt()
        .checkpointing.request()
        .catch(error => this.#options.logger.warn(`job ${this.#options.name}: ${messageOf(error)}`));
    }
    await this.cancel();
  }

  async cancel(): Promise<void> {
    this.#abort.abort();
    this.#attempt?.end();
    await this.#ended;
  }

  status(): JobStatus {
    const attempt = this.#attempt;
    const nodes = attempt?.nodes ?? [];
    const totals = attempt?.totals ?? null;
    const waiting = nodes.filter(node => BY_EVENT_TIME.includes(node.kind));
    const timed = waiting.length > 0 ? waiting : nodes.filter(node => node.kind === 'watermark');
    const marks = timed.map(node => watermarkOf(node.watermarkMs));
    return {
      name: this.#options.name,
      state: this.#state,
      incarnation: this.#incarnation,
      restarts: this.#restarts,
      exception: this.#exception,
      rowsIn: totals?.rowsIn ?? 0,
      rowsOut: attempt?.rowsOut ?? 0,
      lateRows: totals?.lateRows ?? 0,
      rejectedRecords: totals?.rejectedRecords ?? 0,
      watermarkMs: minimumOf(marks),
      lag: attempt?.lag ?? null,
      checkpoint: attempt?.checkpointing.status ?? null,
      nodes,
      splits: attempt?.splits ?? [],
    };
  }
}

/** Operators whose results wait for event time: an input that is idle does not hold them back. */
const BY_EVENT_TIME: readonly string[] = [
  'intervalJoin',
  'overAggregate',
  'temporalJoin',
  'temporalSort',
  'windowAggregate',
  'windowJoin',
  'windowRank',
];

const watermarkOf = (ms: number): number | null => (ms === MIN_WATERMARK ? null : ms);

function minimumOf(marks: readonly (number | null)[]): number | null {
  if (marks.length === 0 || marks.includes(null)) return null;
  return Math.min(...(marks as number[]));
}

/** A wrong statement or row does not get better by trying again; a dead peer does. */
function isFinal(error: unknown): boolean {
  return error instanceof MillraceError && error.domain === 'user';
}

function refuseOtherPlan(name: string, image: CheckpointImage | null, fingerprint: string): void {
  if (image === null || image.plan === fingerprint) return;
  throw new MillraceError(
    'SQL_UNSUPPORTED',
    `The statement of job ${name} has changed since its last checkpoint, and a changed query can't go on from old ` +
      'state yet. Put the old statement back, or give the job a new name.',
  );
}
