import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type {
  Admin,
  AdminCall,
  ConsumeOptions,
  CopyJob,
  Incoming,
  JoinOptions,
  Member,
  Outgoing,
  ProduceOptions,
  Session,
  TransactionalProducer,
} from './driver.ts';

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/**
 * A client in another language: a process that reads one JSON call `{id, call, args}` a line and answers
 * `{id, result}` or
 * `{id, error}`. The calls are those of `Session`, by name; members and producers are named by numbers it
 * gives.
 */
export class ProcessSession implements Session {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #next = 0;
  #errors = '';
  readonly admin: Partial<Admin>;

  constructor(command: string, args: readonly string[], adminCalls: readonly AdminCall[]) {
    this.#process = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    createInterface({ input: this.#process.stdout! }).on('line', line => this.#answer(line));
    this.#process.stderr!.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-4000);
    });
    const fail = (why: string): void => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${why}\n${this.#errors}`));
      this.#waiting.clear();
    };
    this.#process.once('error', error => fail(error.message));
    this.#process.once('close', code => fail(`the client ended with ${code}`));
    const calls = adminCalls.map(name => [
      name,
      (...values: readonly unknown[]) => this.#call(`admin.${name}`, ...values),
    ]);
    this.admin = Object.fromEntries(calls) as Partial<Admin>;
  }

  /** Resolves when the client has taken up its work, or fails with why not. */
  ready(): Promise<unknown> {
    return this.#call('ready');
  }

  #answer(line: string): void {
    if (!line.startsWith('{')) return; // a log line of the client
    const { id, result, error } = JSON.parse(line) as Answer;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error));
  }

  #call<T>(call: string, ...args: readonly unknown[]): Promise<T> {
    const id = this.#next++;
    return new Promise<T>((resolve, reject) => {
      if (this.#process.exitCode !== null) return reject(new Error(`the client has ended\n${this.#errors}`));
      this.#waiting.set(id, { resolve: value => resolve(value as T), reject });
      this.#process.stdin!.write(`${JSON.stringify({ id, call, args })}\n`);
    });
  }

  produce(topic: string, records: readonly Outgoing[], options: ProduceOptions = {}): Promise<void> {
    return this.#call('produce', topic, records, options);
  }

  consume(topic: string, options: ConsumeOptions): Promise<readonly Incoming[]> {
    return this.#call('consume', topic, options.count, options.committed ?? false);
  }

  async join(group: string, topic: string, options: JoinOptions): Promise<Member> {
    const member = await this.#call<number>(
      'join',
      group,
      topic,
      options.strategy,
      options.instanceId ?? null,
    );
    let last: readonly string[] | null = null;
    return {
      assigned: () => this.#call('assigned', member),
      revoked: () => this.#call('revoked', member),
      assignments: () => this.#call('assignments', member),
      received: async () => last ?? this.#call('received', member),
      close: async () => {
        const received = await this.#call<readonly string[]>('received', member);
        await this.#call('closeMember', member);
        last = received;
      },
    };
  }

  async transactional(transactionalId: string): Promise<TransactionalProducer> {
    const producer = await this.#call<number>('transactional', transactionalId);
    return {
      begin: async () => {
        await this.#call('begin', producer);
        return {
          send: (topic, records) => this.#call('send', producer, topic, records),
          commit: () => this.#call('commit', producer),
          abort: () => this.#call('abort', producer),
        };
      },
      close: () => this.#call('closeProducer', producer),
    };
  }

  copy(job: CopyJob): Promise<void> {
    return this.#call('copy', job);
  }

  async close(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const closed = new Promise(resolve => this.#process.once('close', resolve));
    this.#process.stdin!.end();
    await closed;
  }
}
