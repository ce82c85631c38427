import type { Committer, RejectedRow, Sink, SinkWriter, Staged } from '../../contract/mod.ts';
import { type Batch, copyBatch, failpoint } from '../../core/mod.ts';
import { commitSink } from './commit-sink.ts';
import type { Tables } from './job-types.ts';
import { sinkContext } from './sink-names.ts';
import type { TaskHost, TaskSpec } from './task-types.ts';

/** A sink of one task: its writer, its committer, and the writes that are still under way. */
interface OpenSink {
  readonly stage: number;
  readonly writer: SinkWriter;
  readonly committer: Committer | null;
  /** The write under way; the next one waits for it, because a writer's calls never overlap. */
  busy: Promise<void> | null;
}

/** Whose sinks they are. */
type Owner = Pick<TaskSpec, 'job' | 'incarnation' | 'task' | 'staging' | 'stagedBytesMax'>;

/**
 * All sinks of a task. Writes are called without waiting; `drained` resolves when they are through, which is
 * the back-pressure of the sources.
 */
export class SinkSet {
  readonly #owner: Owner;
  readonly #host: Pick<TaskHost, 'commits' | 'full'>;
  readonly #open = new Map<string, OpenSink>();
  readonly #touched = new Set<OpenSink>();
  /** Staged output that waits for its epoch to be stored. */
  readonly #staged = new Map<string, Staged>();
  #pending: Promise<void>[] = [];
  rowsOut = 0;
  /** Staged output takes all it may, until the next barrier. */
  isFull = false;

  constructor(owner: Owner, host: Pick<TaskHost, 'commits' | 'full'>) {
    this.#owner = owner;
    this.#host = host;
  }

  async open(name: string, stage: number, sink: Sink): Promise<void> {
    const { job, incarnation, task, staging } = this.#owner;
    const context = sinkContext({ job, name, task }, incarnation, staging);
    const committer = this.#host.commits ? await sink.openCommitter(context) : null;
    this.#open.set(name, { stage, committer, writer: await sink.openWriter(context), busy: null });
  }

  has(name: string): boolean {
    return this.#open.has(name);
  }

  write(name: string, batch: Batch): void {
    const sink = this.#open.get(name)!;
    this.rowsOut += batch.selectionCount;
    this.#touched.add(sink);
    if (sink.busy === null) {
      const written = sink.writer.write(batch);
      if (written instanceof Promise) this.#wait(sink, written);
      return;
    }
    const kept = copyBatch(batch);
    this.#wait(
      sink,
      sink.busy.then(() => sink.writer.write(kept)),
    );
  }

  #wait(sink: OpenSink, writing: Promise<void>): void {
    const done = writing.finally(() => {
      if (sink.busy === done) sink.busy = null;
    });
    sink.busy = done;
    this.#pending.push(done);
  }

  /** True when a sink has output that waited for time alone. */
  wantCheckpoint(): boolean {
    return [...this.#open.values()].some(({ writer }) => writer.wantsCheckpoint?.() === true);
  }

  /** Tells the sinks that their input has ended. */
  finish(): void {
    for (const { writer } of this.#open.values()) writer.finish?.();
  }

  /** Everything written so far is taken, and visible where the delivery is at-least-once. */
  async drained(): Promise<void> {
    if (this.#touched.size === 0) return;
    const pending = this.#pending;
    this.#pending = [];
    const touched = [...this.#touched];
    this.#touched.clear();
    await Promise.all(pending);
    await Promise.all(touched.map(sink => sink.writer.flush()));
    if (this.isFull) return;
    this.isFull = this.#exceeds();
    if (this.isFull) this.#host.full();
  }

  #exceeds(): boolean {
    const { stagedBytesMax } = this.#owner;
    if (stagedBytesMax === null) return false;
    let sum = 0;
    for (const { writer } of this.#open.values()) sum += writer.stagedBytes?.() ?? 0;
    return sum > stagedBytesMax;
  }

  /** The rows that sinks could not take, with the stage each belongs to. */
  takeRejected(): { readonly stage: number; readonly rows: readonly RejectedRow[] }[] {
    return [...this.#open.values()].flatMap(({ stage, writer }) => {
      const rows = writer.takeRejected?.() ?? [];
      return rows.length === 0 ? [] : [{ stage, rows }];
    });
  }

  /**
   * The staged output of a stage's sinks for the epoch, by name; at-least-once output is durable when it
   * resolves.
   */
  async prepare(epoch: number, stage: number): Promise<Map<string, Staged>> {
    await this.drained();
    const staged = new Map<string, Staged>();
    for (const [name, sink] of this.#open) {
      if (sink.stage !== stage) continue;
      failpoint('sink.prepare.before');
      const bytes = await sink.writer.prepare(epoch);
      failpoint('sink.prepare.after');
      if (bytes === null) continue;
      staged.set(name, bytes);
      if (this.#host.commits) this.#staged.set(name, bytes);
    }
    this.isFull = this.#exceeds();
    return staged;
  }

  /** Make what the epoch has staged visible; `refused` is told how many rows of a stage's sinks their tables refuse. */
  async commit(
    epoch: number,
    tables: Tables,
    refused: (stage: number, count: number) => void,
  ): Promise<void> {
    const output = [...this.#staged];
    this.#staged.clear();
    const { job, task, incarnation } = this.#owner;
    for (const [name, staged] of output) {
      const sink = this.#open.get(name);
      const count = await commitSink(
        { job, task, incarnation, name, epoch, staged },
        sink?.committer,
        tables,
      );
      if (sink !== undefined && count > 0) refused(sink.stage, count);
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#pending);
    const closing = [...this.#open.values()].flatMap(({ writer, committer }) => [
      writer.close(),
      committer?.close(),
    ]);
    await Promise.allSettled(closing);
  }
}
