import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { expect } from 'vitest';
import type { Rng } from '../../src/core/mod.ts';
import type { LogRecord } from '../../src/log/mod.ts';
import type { CaptureBench } from './capture.ts';

/** What the capturing process last said. */
export interface ChildStatus {
  readonly phase: string;
  readonly records: number;
  readonly rowsRead: number;
  readonly lsnDurable: number;
  readonly lastError: string | null;
}

/** A capturing process. */
export class CaptureChild {
  status: ChildStatus = { phase: 'starting', records: 0, rowsRead: 0, lsnDurable: 0, lastError: null };
  errors = '';
  readonly exited: Promise<void>;
  readonly #process: ChildProcess;

  constructor(directory: string, config: Readonly<Record<string, string>>, failpoint = '') {
    const script = fileURLToPath(new URL('./capture-child.ts', import.meta.url));
    this.#process = spawn(process.execPath, ['--import', 'tsx', script, directory, JSON.stringify(config)], {
      env: { ...process.env, MILLRACE_FAILPOINT: failpoint },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    createInterface({ input: this.#process.stdout! }).on('line', line => {
      this.status = JSON.parse(line) as ChildStatus;
    });
    this.#process.stderr!.on('data', (chunk: Buffer) => {
      this.errors += chunk.toString();
    });
    this.exited = new Promise(resolve => this.#process.once('close', () => resolve()));
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  async until(what: string, holds: (status: ChildStatus) => boolean): Promise<void> {
    const deadline = performance.now() + 60_000;
    while (!holds(this.status)) {
      const said = `${JSON.stringify(this.status)}\n${this.errors}`;
      if (!this.running) throw new Error(`the capture ended while waiting until ${what}: ${said}`);
      if (performance.now() > deadline) throw new Error(`waited in vain until ${what}: ${said}`);
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.exited;
  }
}

/** Tables and first rows. `journal` numbers the transactions, `ledger` holds rows that change. */
export async function createLedger(client: pg.Client, rows: number): Promise<void> {
  await client.query(`
    create table ledger (id bigint primary key, version int not null, note text);
    create table journal (n bigint primary key);
    alter table ledger replica identity full;
    insert into ledger select i, 0, repeat('row ' || i || ' ', 20) from generate_series(1, ${rows}) i`);
}

/**
 * Random transactions from one connection until stopped: each numbers itself in `journal` and inserts,
 * changes and
 * deletes some rows of `ledger`. Survives a server that goes away.
 */
export class Load {
  transactions = 0;
  #stopped = false;
  readonly #done: Promise<void>;

  /** `pauseMs` passes between two transactions. */
  constructor(bench: CaptureBench, rng: Rng, pauseMs = 0) {
    this.#done = this.#run(bench, rng, pauseMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  async #run(bench: CaptureBench, rng: Rng, pauseMs: number): Promise<void> {
    let client: pg.Client | null = null;
    while (!this.#stopped) {
      try {
        client ??= await bench.connect();
        await client.query(transaction(rng));
        this.transactions++;
        if (pauseMs > 0) await new Promise(resolve => setTimeout(resolve, pauseMs));
      } catch {
        await client?.end().catch(() => undefined);
        client = null;
        await new Promise(resolve => setTimeout(resolve, 20));
      }
    }
    await client?.end();
  }
}

function transaction(rng: Rng): string {
  const changes = Array.from({ length: rng.int(1, 5) }, () => {
    const id = rng.int(1, 400);
    const row = `insert into ledger values (${id}, 1, 'new')`;
    const insert = `${row} on conflict (id) do update set version = ledger.version + 1`;
    const some = `id between ${id} and ${id + rng.int(0, 30)}`;
    const update = `update ledger set version = version + 1, note = 'x' where ${some}`;
    return rng.pick([insert, update, `delete from ledger where id = ${id}`]);
  });
  return `begin; insert into journal select coalesce(max(n), 0) + 1 from journal; ${changes.join('; ')}; commit`;
}

interface Row {
  readonly id: number;
}
interface Envelope {
  readonly op: string;
  readonly before: Row | null;
  readonly after: Row | null;
}

/**
 * Replays the topic: each row once in the initial read, each before image equal to what the changes so far
 * made, and
 * in the end what the table holds. A change lost or doubled breaks the chain. Returns the number of changes.
 */
export function checkLedger(records: readonly LogRecord[], table: readonly Row[]): number {
  const rows = new Map<number, Row>();
  let changes = 0;
  for (const record of records) {
    const { op, before, after } = JSON.parse(Buffer.from(record.value!).toString()) as Envelope;
    if (op === 'r') expect(changes, 'initial rows come before all changes').toBe(0);
    else changes++;
    const id = (before ?? after)!.id;
    expect(before, `before image of ${op} ${id} at ${record.offset}`).toEqual(rows.get(id) ?? null);
    if (after === null) rows.delete(id);
    else rows.set(id, after);
  }
  const sorted = [...rows.values()].sort((a, b) => a.id - b.id);
  expect(sorted).toEqual(table);
  return changes;
}

/** Every transaction number once, in order, without a gap. */
export function checkJournal(records: readonly LogRecord[], last: number): void {
  const numbers = records.map(
    record => (JSON.parse(Buffer.from(record.value!).toString()) as { after: { n: number } }).after.n,
  );
  expect(numbers).toEqual(Array.from({ length: last }, (_, i) => i + 1));
}
