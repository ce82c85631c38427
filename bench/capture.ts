import {
  type CaptureOptions,
  parseLsn,
  readConfig,
  startCapture,
} from '../src/connectors/postgres-cdc/mod.ts';
import { connectTo, RawSession } from '../src/connectors/postgres-cdc/wire.ts';
import { decodeRecords, type Log } from '../src/log/mod.ts';
import { systemClock } from '../src/platform/system-clock.ts';
import { type CaptureBench, openCaptureBench } from '../test/support/capture.ts';
import { Debezium, debeziumInstalled } from '../test/support/debezium.ts';
import { eventually } from '../test/support/millrace.ts';
import { percentile, printFigures } from './print.ts';

/** Rows of the initial read, and of the stream: 20 transactions of 10,000. */
const ROWS = 200_000;
const TRANSACTIONS = 20;
const ROWS_PER_TRANSACTION = 10_000;
const COMMITS_PER_SECOND = 500;
const LATENCY_SECONDS = 8;
const LATENCY_WARM_UP_SECONDS = 3;
const WRITERS = 4;

/** Nine columns, about 215 bytes. */
const TABLE = `create table orders (
  id bigint primary key, customer_id int not null, status text not null, amount numeric(12,2) not null,
  created_at timestamptz not null default clock_timestamp(), updated_at timestamp, city varchar(40),
  paid boolean not null, note text)`;
const rowsSql = (from: number, count: number): string => `insert into orders
  select i, i % 10000, 'created', (i % 100000) / 100.0, clock_timestamp(), localtimestamp, 'Genève ' || i % 24, i % 2 = 0,
         repeat('note ' || i % 97 || ' ', 14)
  from generate_series(${from}, ${from + count - 1}) i`;

/** What the three phases took. */
interface Figures {
  readonly snapshotRowsPerSecond: number;
  readonly streamRowsPerSecond: number;
  readonly latencies: readonly number[];
}

/**
 * Capture of one table, beside reading it raw, and beside a real Debezium when the engines folder has one
 * installed.
 */
export async function bench(): Promise<void> {
  const bench = await openCaptureBench();
  try {
    await bench.client.query(TABLE);
    await bench.client.query(rowsSql(1, ROWS));
    await bench.client.query('vacuum analyze orders');
    const raw = await rawRead(bench);
    const ours = await measureOurs(bench);
    printFigures('COPY out, raw bytes', { 'rows/s': raw });
    print('capture', ours);
    if (debeziumInstalled()) await besideDebezium(bench, ours);
    else console.log('  Debezium: not installed (connect and kafka of MILLRACE_ENGINES); not compared');
  } finally {
    await bench.dispose();
  }
}

function print(name: string, { snapshotRowsPerSecond, streamRowsPerSecond, latencies }: Figures): void {
  printFigures(name, {
    'snapshot rows/s': snapshotRowsPerSecond,
    'stream rows/s': streamRowsPerSecond,
    'commit to log p50 ms': percentile(latencies, 0.5),
    'p99 ms': percentile(latencies, 0.99),
  });
}

async function besideDebezium(bench: CaptureBench, ours: Figures): Promise<void> {
  const debezium = await Debezium.start();
  try {
    await bench.client.query(`delete from orders where id > ${ROWS}`);
    await bench.client.query('vacuum analyze orders');
    const theirs = await measureDebezium(bench, debezium);
    print('Debezium, poll.interval.ms=10', theirs);
    printFigures('capture / Debezium', {
      snapshot: ours.snapshotRowsPerSecond / theirs.snapshotRowsPerSecond,
      stream: ours.streamRowsPerSecond / theirs.streamRowsPerSecond,
      p99: percentile(ours.latencies, 0.99) / percentile(theirs.latencies, 0.99),
    });
    await sideBySide(bench, debezium);
  } finally {
    await debezium.stop();
  }
}

/** Both follow the same commits at the same time, so that whatever else the machine does hits both. */
async function sideBySide(bench: CaptureBench, debezium: Debezium): Promise<void> {
  const capture = startCapture(oursOf(bench));
  await capture.whenStreaming();
  const { rows } = await bench.client.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn');
  const end = BigInt(parseLsn(rows[0]!.lsn));
  await eventually('capture has caught up', async () => capture.status().lsnDurable >= end, 60_000);
  const tail = new LogTail(bench.log, 'ours.public.orders');
  const theirs: number[] = [];
  const stop = debezium.follow('theirs.public.orders', collectInto(theirs));
  const ours = await measureLatency(bench, onRow => tail.follow(onRow), 100_000_000);
  await stop();
  await capture.stop();
  theirs.sort((a, b) => a - b);
  printFigures('the same commits, both at once', {
    'capture p50 ms': percentile(ours, 0.5),
    'p99 ms': percentile(ours, 0.99),
    'Debezium p50 ms': percentile(theirs, 0.5),
    'its p99 ms': percentile(theirs, 0.99),
  });
}

/** The floor: the same COPY, its messages taken apart and thrown away. */
async function rawRead(bench: CaptureBench): Promise<number> {
  const config = readConfig('raw', bench.config('raw'));
  const session = new RawSession(await connectTo(config, false), config);
  const start = performance.now();
  session.query('copy orders to stdout');
  let rows = 0;
  for await (const framer of session.frames()) {
    for (let frame = framer.next(); frame !== null; frame = framer.next()) if (frame.type === 0x64) rows++;
    if (rows === ROWS) break;
  }
  session.close();
  return (ROWS * 1000) / (performance.now() - start);
}

const oursOf = (bench: CaptureBench): CaptureOptions => ({
  name: 'ours',
  config: bench.config('ours', { 'table.include.list': 'public.orders' }),
  log: bench.log,
  clock: systemClock,
});

async function measureOurs(bench: CaptureBench): Promise<Figures> {
  const start = performance.now();
  const capture = startCapture(oursOf(bench));
  await capture.whenStreaming();
  const snapshotRowsPerSecond = (ROWS * 1000) / (performance.now() - start);
  const counter = new LogTail(bench.log, 'ours.public.orders');
  const streamRowsPerSecond = await measureStream(bench, count => counter.until(ROWS + count));
  const latencies = await measureLatency(bench, onRow => counter.follow(onRow));
  await capture.stop();
  return { snapshotRowsPerSecond, streamRowsPerSecond, latencies };
}

async function measureDebezium(bench: CaptureBench, debezium: Debezium): Promise<Figures> {
  const start = performance.now();
  const topic = await debezium.connect(bench.config('theirs', { 'table.include.list': 'public.orders' }));
  await debezium.until(topic, ROWS);
  const snapshotRowsPerSecond = (ROWS * 1000) / (performance.now() - start);
  const streamRowsPerSecond = await measureStream(bench, count => debezium.until(topic, ROWS + count));
  const latencies = await measureLatency(bench, onRow => debezium.follow(topic, onRow));
  return { snapshotRowsPerSecond, streamRowsPerSecond, latencies };
}

/** From the first insert until the last row has arrived. */
async function measureStream(bench: CaptureBench, until: (rows: number) => Promise<void>): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < TRANSACTIONS; i++) {
    await bench.client.query(rowsSql(ROWS + 1 + i * ROWS_PER_TRANSACTION, ROWS_PER_TRANSACTION));
  }
  const rows = TRANSACTIONS * ROWS_PER_TRANSACTION;
  await until(rows);
  return (rows * 1000) / (performance.now() - start);
}

/** Calls back with the text of each new record until the returned function is called. */
type Follow = (onRow: (value: string, atMs: number) => void) => () => Promise<void>;

/** `created_at` is clock_timestamp() in the insert, so the commit's flush counts. Sorted milliseconds. */
async function measureLatency(bench: CaptureBench, follow: Follow, firstId = 10_000_000): Promise<number[]> {
  const latencies: number[] = [];
  const stop = follow(collectInto(latencies));
  await Promise.all(Array.from({ length: WRITERS }, (_, i) => write(bench, firstId + i * 1_000_000)));
  await systemClock.sleep(500);
  await stop();
  return latencies.sort((a, b) => a - b);
}

/** Adds each row's age on arrival, in ms, once the warm-up is over. */
function collectInto(latencies: number[]): (value: string, atMs: number) => void {
  const warmAtMs = Date.now() + LATENCY_WARM_UP_SECONDS * 1000;
  return (value, atMs) => {
    const created = /"created_at":"([^"]+)"/.exec(value)?.[1];
    if (created !== undefined && atMs > warmAtMs)
      latencies.push(atMs - Date.parse(created) - microsOf(created));
  };
}

/** The part of a millisecond that Date.parse drops. */
const microsOf = (iso: string): number => Number(iso.slice(23, 26)) / 1000;

async function write(bench: CaptureBench, firstId: number): Promise<void> {
  const client = await bench.connect();
  const insert = {
    name: 'insert',
    text: `insert into orders values ($1, 1, 'created', 1, default, null, 'x', true, 'y')`,
  };
  const perWriter = COMMITS_PER_SECOND / WRITERS;
  const start = performance.now();
  for (let i = 0; i < perWriter * LATENCY_SECONDS; i++) {
    const waitMs = start + (i * 1000) / perWriter - performance.now();
    if (waitMs > 1) await systemClock.sleep(waitMs);
    await client.query({ ...insert, values: [firstId + i] });
  }
  await client.end();
}

/** Reads the end of our topic. */
class LogTail {
  readonly #log: Log;
  readonly #at: { readonly topic: string; readonly partition: number };

  constructor(log: Log, topic: string) {
    this.#log = log;
    this.#at = { topic, partition: 0 };
  }

  /** Until so many records are readable (the marks of transactions take offsets too, so they are counted). */
  async until(rows: number): Promise<void> {
    let seen = 0;
    let offset = 0;
    while (seen < rows) {
      const result = await this.#log.read(this.#at, offset, 4 << 20, 'read_committed');
      seen += decodeRecords(result.bytes, { aborted: result.aborted, fromOffset: offset }).length;
      if (result.nextOffset === offset) await this.#log.waitFor(this.#at, offset, 'read_committed', 1000);
      offset = result.nextOffset;
    }
  }

  follow(onRow: (value: string, atMs: number) => void): () => Promise<void> {
    const stopping = new AbortController();
    const done = this.#follow(onRow, stopping.signal);
    return () => {
      stopping.abort();
      return done;
    };
  }

  async #follow(onRow: (value: string, atMs: number) => void, signal: AbortSignal): Promise<void> {
    let offset = (await this.#log.offsets(this.#at)).lastStableOffset;
    while (!signal.aborted) {
      await this.#log.waitFor(this.#at, offset, 'read_committed', 1000, signal);
      const result = await this.#log.read(this.#at, offset, 4 << 20, 'read_committed');
      const atMs = performance.timeOrigin + performance.now();
      for (const { value } of decodeRecords(result.bytes, { aborted: result.aborted, fromOffset: offset })) {
        onRow(Buffer.from(value!).toString(), atMs);
      }
      offset = result.nextOffset;
    }
  }
}
