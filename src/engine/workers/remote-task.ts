import type { Committer } from '../../contract/mod.ts';
import { assert, type Rpc } from '../../core/mod.ts';
import type { TaskImage } from '../job/checkpoint-image.ts';
import { commitSink } from '../job/commit-sink.ts';
import { plannedSinks, sinkContext, targetOf } from '../job/sink-names.ts';
import type { LastBarrier, TaskHandle, TaskOwner, TaskStatus } from '../job/task-types.ts';
import type { TaskOrder } from './messages.ts';

const NOTHING: TaskStatus = {
  counts: { rowsIn: 0, lateRows: 0, rejectedRecords: 0 },
  ...{ rowsOut: 0, lag: null, nodes: [], splits: [] },
};

/** A task in a worker, as the main thread handles it. Its output is committed here, where it is stored. */
export class RemoteTask implements TaskHandle {
  readonly owner: TaskOwner;
  readonly #rpc: Rpc;
  readonly #order: TaskOrder;
  readonly #closed: () => void;
  readonly #committers = new Map<string, Committer>();
  #status: TaskStatus = NOTHING;
  #image: TaskImage | null = null;
  /** Rows that tables refused when they were committed, which the worker does not hear of. */
  #refused = 0;

  constructor(rpc: Rpc, order: TaskOrder, owner: TaskOwner, closed: () => void) {
    this.#rpc = rpc;
    this.#order = order;
    this.owner = owner;
    this.#closed = closed;
  }

  async open(): Promise<void> {
    const { job, plan } = this.#order.spec;
    for (const { name } of plannedSinks(job, plan)) await this.#committer(name);
    await this.#rpc.call('open', this.#order);
  }

  /** Opened with the first task's writers, as sinks that commit are in one thread. */
  async #committer(name: string): Promise<Committer | null> {
    const known = this.#committers.get(name);
    if (known !== undefined) return known;
    const { job, plan, incarnation, task, staging } = this.#order.spec;
    const target = targetOf(job, plan, name);
    assert(target !== null, 'a sink of the job is in its plan');
    const sink = await this.owner.tables.sink(target.table, target.mode);
    const committer = await sink.openCommitter(sinkContext({ job, name, task }, incarnation, staging));
    if (committer !== null) this.#committers.set(name, committer);
    return committer;
  }

  async run(): Promise<void> {
    // A worker that is lost has been reported as failed already.
    await this.#rpc.call('run', { key: this.#order.key }).catch(error => this.owner.failed(error));
  }

  async checkpoint(epoch: number, last: LastBarrier): Promise<TaskImage> {
    const { key } = this.#order;
    const image = (await this.#rpc.call('checkpoint', { key, epoch, last })) as TaskImage;
    this.#image = image;
    return image;
  }

  async commit(epoch: number): Promise<void> {
    const image = this.#image;
    assert(image !== null, 'what is committed was saved');
    this.#image = null;
    for (const [name, staged] of image.staged) {
      const committer = await this.#committer(name);
      const { job, incarnation, task } = this.#order.spec;
      const output = { job, task, incarnation, name, epoch, staged };
      this.#refused += await commitSink(output, committer, this.owner.tables);
    }
    const { operators } = image;
    const buffers = [...operators.values()].map(({ pieces }) => pieces[0]!.buffer as ArrayBuffer);
    this.#rpc.notify('stored', { key: this.#order.key, operators }, buffers);
  }

  async caughtUp(): Promise<boolean> {
    return (await this.#rpc.call('caughtUp', { key: this.#order.key })) as boolean;
  }

  status(): TaskStatus {
    const { counts } = this.#status;
    const rejectedRecords = counts.rejectedRecords + this.#refused;
    return { ...this.#status, counts: { ...counts, rejectedRecords } };
  }

  /** What the task has told of itself. */
  tell(status: TaskStatus): void {
    this.#status = status;
  }

  end(): void {
    this.#rpc.notify('end', { key: this.#order.key });
  }

  async close(): Promise<void> {
    const { key, group, spec } = this.#order;
    // A lost worker has nothing left to close.
    await this.#rpc.call('close', { key, group, task: spec.task }).catch(() => undefined);
    this.#closed();
    await Promise.allSettled([...this.#committers.values()].map(committer => committer.close()));
  }
}
