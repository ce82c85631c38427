import type { LogRecord } from '../../../src/log/mod.ts';
import { eventually, freePort } from '../millrace.ts';
import { hasCommand } from './commands.ts';
import type { Incoming } from './driver.ts';
import { enginesFolder, killEngine, runEngine } from './engines.ts';

/** Why no worker can run on this machine, or null. */
export const connectMissing: string | null =
  enginesFolder() === null
    ? 'MILLRACE_ENGINES is not set: it holds the launchers of Connect'
    : ['java', 'mvn', 'kcat'].every(hasCommand)
      ? null
      : 'java, mvn and kcat are needed';

interface ConnectorStatus {
  readonly connector: { readonly state: string };
  readonly tasks: readonly { readonly state: string; readonly trace?: string }[];
}

/** A real Kafka Connect worker with the Debezium connector, whose broker is given. */
export class ConnectWorker {
  readonly #environment: Readonly<Record<string, string>>;
  readonly #url: string;

  private constructor(bootstrap: string, port: number) {
    this.#url = `http://127.0.0.1:${port}`;
    this.#environment = {
      BOOTSTRAP: bootstrap,
      CONNECT_PORT: String(port),
      CONNECT_GROUP: 'millrace-connect',
      CONNECT_PROPS: ['offset.flush.interval.ms=1000', 'session.timeout.ms=6000'].join('\n'),
    };
  }

  static async start(bootstrap: string): Promise<ConnectWorker> {
    const worker = new ConnectWorker(bootstrap, await freePort());
    worker.start();
    return worker;
  }

  /** Starts the worker, again after a kill; resolves when it answers. */
  start(): void {
    runEngine('connect', ['up'], this.#environment);
  }

  /** kill -9. */
  kill(): Promise<void> {
    return killEngine('connect');
  }

  stop(): void {
    runEngine('connect', ['down'], this.#environment);
  }

  async #ask<T>(path: string, init: RequestInit = {}): Promise<T> {
    const signal = AbortSignal.timeout(30_000);
    const answer = await fetch(this.#url + path, { ...init, signal });
    if (!answer.ok) throw new Error(`Connect answers ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** Registers a connector and waits until its task runs. */
  async register(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    await this.#ask('/connectors', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, config }),
    });
    await this.running(name);
  }

  async running(name: string): Promise<void> {
    await eventually(
      `the task of ${name} runs`,
      async () => {
        const status = await this.#ask<ConnectorStatus>(`/connectors/${name}/status`);
        if (status.tasks[0]?.state === 'RUNNING') return true;
        throw new Error(JSON.stringify(status).slice(0, 2000));
      },
      90_000,
    );
  }
}

interface Change {
  readonly op: string;
  readonly source: { readonly lsn: number };
}

/**
 * The changes that a topic tells, each once: a worker that died sends again what it had not yet noted, and begins a
 * snapshot anew. All rows of one snapshot carry one position; positions of later changes rise.
 */
export function changesOnce(records: readonly Incoming[]): readonly LogRecord[] {
  const changes = records.flatMap(record => {
    if (record.value === null) return [];
    return [{ record, change: JSON.parse(record.value) as Change }];
  });
  const lastRead = Math.max(
    ...changes.filter(({ change }) => change.op === 'r').map(one => one.change.source.lsn),
  );
  let last = -1;
  const kept = changes.filter(({ change: { op, source } }) => {
    if (op === 'r') return source.lsn === lastRead;
    if (source.lsn <= last) return false;
    last = source.lsn;
    return true;
  });
  return kept.map(({ record }) => ({
    offset: record.offset,
    timestampMs: record.timestamp,
    key: record.key === null ? null : Buffer.from(record.key),
    value: Buffer.from(record.value!),
    headers: [],
  }));
}
