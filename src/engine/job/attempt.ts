import { MillraceError } from '../../core/mod.ts';
import { durationMs, inputsOf, type PhysicalNode, type PhysicalPlan, type ScanNode } from '../../plan/mod.ts';
import { assignSplits } from '../../state/mod.ts';
import { type CheckpointImage, type JobTotals, sumTotals } from './checkpoint-image.ts';
import { Checkpointing } from './checkpointing.ts';
import { commitStaged, finishTasks } from './commit-staged.ts';
import type { JobOptions, NodeStatus, SplitPosition } from './job-types.ts';
import { PositionReports } from './position-reports.ts';
import type { SavepointTarget } from './savepoint.ts';
import { Task } from './task.ts';
import type { TaskHandle, TaskHost, TaskOwner, TaskSpec, TaskStatus } from './task-types.ts';

const INTERVAL_DEFAULT = '500 ms';
/** How often the size of the state is looked at. */
const WATCH_MS = 250;
const NOTHING: JobTotals = { rowsIn: 0, lateRows: 0, rejectedRecords: 0 };

/**
 * One run of a job, from nothing or from a checkpoint, until it fails, is stopped, or its bounded input
 * ends. It starts the tasks, decides when they save and commit, and puts what they saved together.
 */
export class Attempt {
  readonly #job: JobOptions;
  readonly #incarnation: string;
  readonly #fingerprint: string;
  readonly #abort = new AbortController();
  /** What it goes on from; null again once the tasks have taken it over, as it holds all their state. */
  #restored: CheckpointImage | null;
  readonly #before: JobTotals;
  readonly #parallelism: number;
  readonly checkpointing: Checkpointing;
  readonly #reports: PositionReports;
  #tasks: readonly TaskHandle[] = [];
  /** What the tasks had done at the end: they are dropped with all they held, the job is still shown. */
  #last: readonly TaskStatus[] | null = null;
  readonly #ended = new Set<number>();
  #failure: unknown = null;
  /** The next checkpoint is the last: nothing is read behind its barrier. */
  #isLast = false;

  constructor(job: JobOptions, incarnation: string, fingerprint: string, restored: CheckpointImage | null) {
    this.#job = job;
    this.#incarnation = incarnation;
    this.#fingerprint = fingerprint;
    this.#restored = restored;
    this.#before = restored?.totals ?? NOTHING;
    this.#parallelism = job.parallelism ?? parallelismOf(job.plan.options);
    this.#reports = new PositionReports(message => job.logger.warn(`job ${job.name}: ${message}`));
    this.checkpointing = new Checkpointing(
      {
        clock: job.clock,
        storage: job.checkpoints,
        intervalMs: durationMs(job.plan.options['execution.checkpointing.interval'] ?? INTERVAL_DEFAULT),
        signal: this.#abort.signal,
        capture: epoch => this.#capture(epoch),
        commit: image => this.#commit(image),
        fail: error => this.fail(error),
      },
      restored?.epoch ?? 0,
    );
  }

  /** What the job has counted since its incarnation began. */
  get totals(): JobTotals {
    return sumTotals([this.#before, ...this.#status().map(status => status.counts)]);
  }
  get rowsOut(): number {
    return this.#status().reduce((sum, status) => sum + status.rowsOut, 0);
  }
  get lag(): number | null {
    const lags = this.#status().map(status => status.lag);
    return lags.every(lag => lag === null) ? null : lags.reduce((sum: number, lag) => sum + (lag ?? 0), 0);
  }
  /** Each operator, all tasks together; the watermark is the least. */
  get nodes(): readonly NodeStatus[] {
    const [first, ...others] = this.#status().map(status => status.nodes);
    return (first ?? []).map(node => others.reduce((sum, nodes) => joined(sum, nodes), node));
  }
  get splits(): readonly SplitPosition[] {
    return this.#status().flatMap(status => status.splits);
  }
  #status(): readonly TaskStatus[] {
    return this.#last ?? this.#tasks.map(task => task.status());
  }

  /**
   * Resolves when bounded input has ended and is committed, or after `end`; rejects with the first failure.
   */
  async run(): Promise<void> {
    const { budget, name } = this.#job;
    try {
      budget?.admit(name);
      await this.#open();
      const watch = this.#watchState().catch(error => this.fail(error));
      await Promise.all([...this.#tasks.map(task => task.run()), watch]);
      if (this.#failure !== null) throw this.#failure;
    } finally {
      budget?.release(name);
      this.end();
      await Promise.all(this.#tasks.map(task => task.close()));
      await this.#reports.settled();
      this.#last = this.#status();
      this.#tasks = [];
    }
  }

  /** Tells the budget what the state takes; above its limit the attempt fails. */
  async #watchState(): Promise<void> {
    const { budget, clock, name } = this.#job;
    const { signal } = this.#abort;
    while (budget !== undefined && !signal.aborted && this.#tasks.length > 0) {
      budget.report(
        name,
        this.nodes.reduce((sum, node) => sum + node.stateBytes, 0),
      );
      await clock.sleep(WATCH_MS, signal).catch(() => undefined);
    }
  }

  /** Ends the attempt; `run` rejects with the first error given. */
  fail(error: unknown): void {
    if (!this.#abort.signal.aborted) this.#failure = error;
    this.#stop(error);
  }

  /** Ends the attempt without an error. */
  end(): void {
    this.#stop(this.#failure ?? new MillraceError('JOB_FAILED', 'the job was stopped'));
  }

  #stop(reason: unknown): void {
    this.#abort.abort();
    for (const task of this.#tasks) task.end();
    // Who waits for a checkpoint is told now: the loops that `run` waits for may be among them.
    this.checkpointing.stop(reason);
  }

  /** Reads everything readable, then commits it. */
  async settle(signal: AbortSignal): Promise<void> {
    for (;;) {
      const caughtUp = await Promise.all(this.#tasks.map(task => task.caughtUp()));
      if (caughtUp.length > 0 && caughtUp.every(yes => yes)) break;
      await this.#job.clock.sleep(10, AbortSignal.any([signal, this.#abort.signal]));
    }
    await this.checkpointing.request();
  }

  /** Keeps a savepoint; with `stop`, sources read no more behind its barrier. */
  async savepoint(target: SavepointTarget, stop: boolean): Promise<void> {
    this.#isLast ||= stop;
    await this.checkpointing.request(target);
  }

  async #open(): Promise<void> {
    const restored = this.#restored;
    if (restored) await commitStaged(this.#job, restored);
    if (restored) await finishTasks(this.#job, restored, this.#parallelism);
    if (restored?.finished) return; // all that was left was to commit what the end had staged
    const specs = await this.#specs();
    this.#tasks =
      this.#job.workers?.tasks(specs, task => this.#owner(task)) ??
      localTasks(specs, task => this.#owner(task));
    if (this.#abort.signal.aborted) return;
    await Promise.all(this.#tasks.map(task => task.open()));
    this.#restored = null;
  }

  async #specs(): Promise<readonly TaskSpec[]> {
    const { name: job, plan, tables, clock } = this.#job;
    const scans = scansOf(plan);
    const sources = await Promise.all(scans.map(scan => tables.source(scan.table, scan.projection)));
    this.#reports.start(new Map(scans.map(({ id }, k) => [id, sources[k]!])));
    const splits = await Promise.all(sources.map(source => source.splits()));
    const assigned = assignSplits(
      splits.map(all => all.map(split => split.id)),
      this.#parallelism,
    );
    const images = this.#restored?.tasks ?? [];
    const positionOf = (scan: number, split: string): unknown =>
      images.map(image => image.positions[scan]?.[split]).find(position => position !== undefined) ?? null;
    return assigned.map((bySource, task): TaskSpec => {
      const own = images.length === this.#parallelism;
      return {
        ...{ job, incarnation: this.#incarnation, plan, task, parallelism: this.#parallelism },
        staging: this.#job.checkpoints.stagingFolder ?? null,
        stagedBytesMax: this.#job.budget?.stagedBytesMax(this.#parallelism) ?? null,
        seed: `${this.#incarnation} ${clock.nowMs()}${task === 0 ? '' : ` ${task}`}`,
        splits: Object.fromEntries(
          scans.map(({ id: scan }, k) => [
            scan,
            bySource[k]!.map(id => ({ id, position: positionOf(scan, id) })),
          ]),
        ),
        restore: this.#restored === null ? null : { own, images: own ? [images[task]!] : images },
      };
    });
  }

  #owner(task: number): TaskOwner {
    return {
      tables: this.#job.tables,
      clock: this.#job.clock,
      changed: () => this.checkpointing.changed(),
      full: () => this.checkpointing.now(),
      failed: error => this.fail(error),
      ended: () => this.#taskEnded(task),
    };
  }

  /** At the end of all input, one last checkpoint. */
  #taskEnded(task: number): void {
    this.#ended.add(task);
    if (this.#ended.size < this.#parallelism) return;
    this.checkpointing.request().then(
      () => this.end(),
      () => undefined, // the attempt has ended otherwise
    );
  }

  async #capture(epoch: number): Promise<CheckpointImage> {
    const finished = this.#ended.size === this.#parallelism;
    const last = finished ? 'ended' : this.#isLast ? 'stopped' : 'no';
    const tasks = await Promise.all(this.#tasks.map(task => task.checkpoint(epoch, last)));
    return {
      ...{ epoch, incarnation: this.#incarnation, plan: this.#fingerprint, finished, tasks },
      totals: sumTotals([this.#before, ...tasks.map(task => task.counts)]),
    };
  }

  async #commit(image: CheckpointImage): Promise<void> {
    await Promise.all(this.#tasks.map(task => task.commit(image.epoch)));
    this.#reports.completed(image);
  }
}

/** All tasks in this thread: what they send arrives at once. */
function localTasks(specs: readonly TaskSpec[], ownerOf: (task: number) => TaskOwner): readonly Task[] {
  const post: TaskHost['post'] = (target, message) => tasks[target]!.take(message);
  const tasks: readonly Task[] = specs.map(
    spec => new Task(spec, { ...ownerOf(spec.task), commits: true, post }),
  );
  return tasks;
}

/** Flink's options for the number of tasks; the table layer's own wins. */
export function parallelismOf(options: Readonly<Record<string, string>>): number {
  return Number(options['table.exec.resource.default-parallelism'] ?? options['parallelism.default'] ?? 1);
}

function scansOf(plan: PhysicalPlan): readonly ScanNode[] {
  const found = new Map<number, ScanNode>();
  const visit = (node: PhysicalNode): void => {
    if (node.kind === 'scan') found.set(node.id, node);
    for (const input of inputsOf(node)) visit(input);
  };
  for (const sink of plan.sinks) visit(sink.input);
  return [...found.values()];
}

/** A node's figures with those of the same node in another task. */
function joined(sum: NodeStatus, nodes: readonly NodeStatus[]): NodeStatus {
  const other = nodes.find(node => node.id === sum.id);
  if (other === undefined) return sum;
  return {
    ...sum,
    rowsOut: sum.rowsOut + other.rowsOut,
    watermarkMs: Math.min(sum.watermarkMs, other.watermarkMs),
    stateRows: sum.stateRows + other.stateRows,
    stateBytes: sum.stateBytes + other.stateBytes,
  };
}
