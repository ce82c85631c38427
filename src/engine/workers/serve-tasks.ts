import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { stagedPieces } from '../../contract/mod.ts';
import { assert, plainError, Rpc, type RpcHandler, Transferred } from '../../core/mod.ts';
import type { TaskImage } from '../job/checkpoint-image.ts';
import type { JobOptions, Tables } from '../job/job-types.ts';
import { Task } from '../job/task.ts';
import type { LastBarrier, TaskHost } from '../job/task-types.ts';
import type { TaskOrder, WorkerStart } from './messages.ts';
import { receiveWire, type WireEnvelope, WirePort } from './wire-port.ts';

type Keyed = { readonly key: string };

/** How often the main thread hears what tasks have done. */
const STATUS_MS = 250;

/**
 * Runs tasks in a worker thread for the main one. Called once by the worker's entry, which says how tables are
 * read and written there; `rpc` reaches the main thread.
 */
export function serveTasks(clock: JobOptions['clock'], tablesFor: (rpc: Rpc, data: unknown) => Tables): void {
  const port = parentPort;
  assert(port !== null, 'tasks are served in a worker');
  const { index, data } = workerData as WorkerStart;
  const worker = new TaskWorker(index, clock);
  const rpc = new Rpc({ postMessage: (m, transfer) => port.postMessage(m, transfer) }, worker.handlers);
  worker.connect(rpc, tablesFor(rpc, data));
  port.on('message', message => rpc.receive(message));
}

class TaskWorker {
  readonly #index: number;
  readonly #clock: JobOptions['clock'];
  readonly #tasks = new Map<string, Task>();
  /** By group and task number, for what other tasks send. */
  readonly #places = new Map<string, Task>();
  readonly #peers = new Map<number, WirePort>();
  /** Tasks whose change since the last barrier the main thread has heard of: once is enough for it. */
  readonly #toldChanged = new Set<string>();
  #rpc: Rpc | null = null;
  #tables: Tables | null = null;

  constructor(index: number, clock: JobOptions['clock']) {
    this.#index = index;
    this.#clock = clock;
  }

  connect(rpc: Rpc, tables: Tables): void {
    this.#rpc = rpc;
    this.#tables = tables;
    void this.#tellForEver();
  }

  readonly handlers: Readonly<Record<string, RpcHandler>> = {
    peer: ({ index, port }: { index: number; port: MessagePort }) => this.#addPeer(index, port),
    open: (order: TaskOrder) => this.#open(order),
    run: ({ key }: Keyed) => this.#task(key).run(),
    checkpoint: async ({ key, epoch, last }: Keyed & { epoch: number; last: LastBarrier }) => {
      // What changes from here on may be behind the barrier.
      this.#toldChanged.delete(key);
      const image = await this.#task(key).checkpoint(epoch, last);
      this.#tellStatus();
      return new Transferred(image, imageBuffers(image));
    },
    stored: ({ key, operators }: Keyed & { operators: TaskImage['operators'] }) =>
      this.#tasks.get(key)?.recycle(operators),
    caughtUp: ({ key }: Keyed) => this.#task(key).caughtUp(),
    end: ({ key }: Keyed) => this.#tasks.get(key)?.end(),
    close: ({ key, group, task }: Keyed & { group: number; task: number }) => this.#close(key, group, task),
  };

  #task(key: string): Task {
    const task = this.#tasks.get(key);
    assert(task !== undefined, 'a task is used between its opening and its closing');
    return task;
  }

  #addPeer(index: number, port: MessagePort): void {
    this.#peers.set(index, new WirePort(port));
    port.on('message', sent => receiveWire(sent, envelope => this.#deliver(envelope)));
  }

  /** A task that is closed needs it no more. */
  #deliver({ group, target, message }: WireEnvelope): void {
    this.#places.get(`${group}/${target}`)?.take(message);
  }

  #open({ key, group, spec, placement }: TaskOrder): Promise<void> {
    const rpc = this.#rpc!;
    const host: TaskHost = {
      tables: this.#tables!,
      clock: this.#clock,
      commits: false,
      post: (target, message) => {
        const worker = placement[target]!;
        if (worker === this.#index) this.#deliver({ group, target, message });
        else this.#peers.get(worker)!.post({ group, target, message });
      },
      changed: () => this.#changed(key),
      full: () => rpc.notify('full', { key }),
      failed: error => rpc.notify('failed', { key, ...plainError(error) }),
      ended: () => rpc.notify('ended', { key }),
    };
    const task = new Task(spec, host);
    this.#tasks.set(key, task);
    this.#places.set(`${group}/${spec.task}`, task);
    return task.open();
  }

  #changed(key: string): void {
    if (this.#toldChanged.has(key)) return;
    this.#toldChanged.add(key);
    this.#rpc!.notify('changed', { key });
  }

  async #close(key: string, group: number, task: number): Promise<void> {
    await this.#tasks.get(key)?.close();
    this.#tasks.delete(key);
    this.#toldChanged.delete(key);
    this.#places.delete(`${group}/${task}`);
  }

  /** As long as the thread lives. */
  async #tellForEver(): Promise<void> {
    const never = new AbortController().signal;
    for (;;) {
      await this.#clock.sleep(STATUS_MS, never);
      this.#tellStatus();
    }
  }

  #tellStatus(): void {
    for (const [key, task] of this.#tasks) this.#rpc!.notify('status', { key, status: task.status() });
  }
}

/** The memory of what a task saved; the main thread writes it, and gives the operators' back. */
function imageBuffers(image: TaskImage): ArrayBuffer[] {
  const states = [...image.operators.values()].flatMap(({ pieces }) => pieces);
  const views = [...states, ...[...image.staged.values()].flatMap(stagedPieces)];
  return [...new Set(views.map(view => view.buffer))].filter(buffer => buffer instanceof ArrayBuffer);
}
