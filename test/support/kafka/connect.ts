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

interface Offsets {
  readonly offsets: readonly { readonly offset: Readonly<Record<string, unknown>> }[];
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
      // A worker that was gone gets its tasks back at once: by itself Connect waits five minutes for another.
      CONNECT_PROPS: [
        'offset.flush.interval.ms=1000',
        'session.timeout.ms=6000',
        'scheduled.rebalance.max.delay.ms=0',
      ].join('\n'),
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

  /**
   * Waits until the connector has noted a position behind its snapshot. A worker that dies before takes the
   * snapshot anew, from a slot that is older than it: then Debezium itself tells some changes twice.
   */
  async streaming(name: string): Promise<void> {
    await eventually(
      `${name} streams`,
      async () => {
        const { offsets } = await this.#ask<Offsets>(`/connectors/${name}/offsets`);
        const noted = offsets[0]?.offset;
        if (noted && !('snapshot' in noted) && !('last_snapshot_record' in noted)) return true;
        throw new Error(JSON.stringify(offsets));
      },
      90_000,
    );
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
  readonly after: object | null;
}

interface Told {
  readonly record: Incoming;
  readonly change: Change;
}

/**
 * The rows of the last snapshot and the changes after it, each once: a worker that died sends again what
 * it had not yet noted. Positions of changes rise, and all rows of one snapshot carry one position.
 */
export function changesOnce(records: readonly Incoming[]): readonly LogRecord[] {
  const all = records.flatMap(record =>
    record.value === null ? [] : [{ record, change: JSON.parse(record.value) as Change }],
  );
  const snapshot = Math.max(...all.map(({ change }) => (change.op === 'r' ? change.source.lsn : -1)));
  const isRow = ({ change }: Told): boolean => change.op === 'r' && change.source.lsn === snapshot;
  const since = all.slice(Math.max(all.findIndex(isRow), 0));
  let last = -1;
  const changes = since.filter(({ change: { op, source } }) => {
    if (op === 'r' || source.lsn <= last) return false;
    last = source.lsn;
    return true;
  });
  const kept = new Set(changes.slice(alreadyRead(since.filter(isRow), changes)));
  return since
    .filter(one => isRow(one) || kept.has(one))
    .map(({ record }) => ({
      offset: record.offset,
      timestampMs: record.timestamp,
      key: record.key === null ? null : Buffer.from(record.key),
      value: Buffer.from(record.value!),
      headers: [],
    }));
}

/**
 * How many of the changes the snapshot already has. One that is taken anew after a kill is younger than
 * the slot, so Debezium tells the changes between both again. Where they end it does not tell, and each
 * table has its own end: to a slot that it finds there Debezium sets no isolation level, so it reads each
 * table as it is when its turn comes. But what the changes made of their rows by then, the snapshot shows.
 */
function alreadyRead(snapshot: readonly Told[], changes: readonly Told[]): number {
  const rows = new Map(snapshot.map(({ record, change }) => [record.key, JSON.stringify(change.after)]));
  const differing = new Set<string | null>();
  let read = 0;
  for (const [index, { record, change }] of changes.entries()) {
    if (JSON.stringify(change.after) === (rows.get(record.key) ?? 'null')) differing.delete(record.key);
    else differing.add(record.key);
    if (differing.size === 0) read = index + 1;
  }
  return read;
}
