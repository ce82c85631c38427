import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import { errorOf, MillraceError, messageOf, Rpc, type RpcHandler } from '../../core/mod.ts';
import type { TaskHandle, TaskOwner, TaskSpec, TaskStatus } from '../job/task-types.ts';
import type { TaskOrder, WorkerStart } from './messages.ts';
import { RemoteTask } from './remote-task.ts';

export interface WorkerPoolOptions {
  /** The module that a worker runs; it calls `serveTasks`. */
  readonly entry: URL;
  readonly workers: number;
  /** What the entry wants to know, asked when a worker starts. */
  readonly data: () => unknown;
  /** What workers may call in this thread, beside what tasks need. */
  readonly serves: Readonly<Record<string, RpcHandler>>;
}

/** A fixed number of worker threads that run the tasks of all jobs. */
export interface WorkerPool {
  readonly workers: number;
  /** The tasks of one attempt, spread over the workers. */
  tasks(specs: readonly TaskSpec[], ownerOf: (task: number) => TaskOwner): readonly TaskHandle[];
  close(): Promise<void>;
}

/** Starts workers when the first tasks come. */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  return new Pool(options);
}

interface Thread {
  readonly worker: Worker;
  readonly rpc: Rpc;
  readonly tasks: Map<string, RemoteTask>;
}

class Pool implements WorkerPool {
  readonly workers: number;
  readonly #options: WorkerPoolOptions;
  #threads: readonly Thread[] | null = null;
  #attempts = 0;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.workers = options.workers;
  }

  tasks(specs: readonly TaskSpec[], ownerOf: (task: number) => TaskOwner): readonly TaskHandle[] {
    const threads = this.#started();
    const group = this.#attempts++;
    // Each attempt begins at another worker, so that jobs of one task don't all meet in the first.
    const placement = specs.map((_, task) => (group + task) % threads.length);
    return specs.map((spec, task) => {
      const key = `${group}/${task}`;
      const order: TaskOrder = { key, group, spec, placement };
      const thread = threads[placement[task]!]!;
      const remote = new RemoteTask(thread.rpc, order, ownerOf(task), () => thread.tasks.delete(key));
      thread.tasks.set(key, remote);
      return remote;
    });
  }

  async close(): Promise<void> {
    const threads = this.#threads ?? [];
    this.#threads = null;
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  #started(): readonly Thread[] {
    if (this.#threads !== null) return this.#threads;
    const threads = Array.from({ length: this.workers }, (_, index) => this.#start(index));
    for (const [a, one] of threads.entries()) {
      for (const [b, other] of threads.entries()) {
        if (a >= b) continue;
        const { port1, port2 } = new MessageChannel();
        tellPeer(one.worker, b, port1);
        tellPeer(other.worker, a, port2);
      }
    }
    this.#threads = threads;
    return threads;
  }

  #start(index: number): Thread {
    const { entry, data, serves } = this.#options;
    const start: WorkerStart = { index, data: data() };
    const worker = entry.pathname.endsWith('.ts')
      ? new Worker(fromSource(entry), { eval: true, workerData: start })
      : new Worker(entry, { workerData: start });
    const tasks = new Map<string, RemoteTask>();
    const told = <T>(act: (task: RemoteTask, payload: T) => void): RpcHandler =>
      ((payload: T & { readonly key: string }) => {
        const task = tasks.get(payload.key);
        if (task !== undefined) act(task, payload);
      }) as RpcHandler;
    const rpc = new Rpc(
      { postMessage: (message, transfer) => worker.postMessage(message, transfer) },
      {
        ...serves,
        changed: told(task => task.owner.changed()),
        full: told(task => task.owner.full()),
        ended: told(task => task.owner.ended()),
        failed: told<{ code: string | null; message: string }>((task, e) =>
          task.owner.failed(errorOf(e.code, e.message)),
        ),
        status: told<{ status: TaskStatus }>((task, { status }) => task.tell(status)),
      },
    );
    worker.on('message', message => rpc.receive(message));
    worker.on('error', error => this.#lost({ worker, rpc, tasks }, messageOf(error)));
    worker.on('exit', code => this.#lost({ worker, rpc, tasks }, `it ended with status ${code}`));
    worker.unref();
    return { worker, rpc, tasks };
  }

  /** A worker that dies takes the others with it: the next attempt starts with fresh ones. */
  #lost({ worker, rpc, tasks }: Thread, why: string): void {
    const error = new MillraceError('JOB_FAILED', `a worker thread died: ${why}`);
    rpc.fail(error);
    for (const task of tasks.values()) task.owner.failed(error);
    tasks.clear();
    if (this.#threads?.some(thread => thread.worker === worker)) void this.close();
  }
}

/** Where sources run unbuilt, as in tests, a worker needs the loader that its parent has. */
function fromSource(entry: URL): string {
  const loader = pathToFileURL(
    createRequire(import.meta.url)
      .resolve('tsx/esm/api')
      .replace(/cjs$/, 'mjs'),
  ).href;
  const [api, module] = [JSON.stringify(loader), JSON.stringify(entry.href)];
  return `import(${api}).then(({ register }) => { register(); return import(${module}); });`;
}

function tellPeer(worker: Worker, index: number, port: MessageChannel['port1']): void {
  worker.postMessage({ kind: 'notice', method: 'peer', payload: { index, port } }, [port]);
}
