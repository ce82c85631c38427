import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeRecords, type Log } from '../../src/log/mod.ts';
import { loadProduct, type Product } from '../nexmark/product.ts';
import { percentile, printFigures } from '../print.ts';

const KEYS = 100;
const TICK_MS = 10;
const WARM_TICKS = 200;
const TICKS = 1000;
const READ_BYTES = 1 << 20;
const DRAIN_MS = 5000;

type Delivery = 'at-least-once' | 'exactly-once';

const script = (delivery: Delivery): string => `
  CREATE TABLE events (k INT, n BIGINT) WITH ('connector' = 'kafka', 'topic' = 'events', 'format' = 'json',
    'scan.startup.mode' = 'earliest-offset');
  CREATE TABLE results (k INT, n BIGINT, c BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH (
    'connector' = 'upsert-kafka', 'topic' = 'results-${delivery}', 'key.format' = 'json', 'value.format' = 'json',
    'sink.delivery-guarantee' = '${delivery}');
  INSERT INTO results SELECT k, MAX(n), COUNT(*) FROM events GROUP BY k;`;

/** Hears of each event as it is sent. */
interface Sending {
  sent(n: number, atMs: number): void;
}

/** When each event was sent, by its number, and what the results said of it. */
class Journey {
  readonly #sentMs: number[] = [];
  /** Per key, the number of the first event no result has told yet. */
  readonly #told = new Int32Array(KEYS);
  readonly tookMs: number[] = [];

  sent(n: number, atMs: number): void {
    this.#sentMs[n] = atMs;
  }

  /** A result of key `k` holds all its events up to `n`: those of every `KEYS`-th number. */
  seen(k: number, n: number, atMs: number): void {
    for (let event = k + this.#told[k]! * KEYS; event <= n; event += KEYS) {
      this.#told[k]!++;
      if (event >= WARM_TICKS * KEYS) this.tookMs.push(atMs - this.#sentMs[event]!);
    }
  }
}

/** Sends a tick's events, one of each key. */
async function send(log: Log, tick: number, journey: Sending): Promise<void> {
  const from = tick * KEYS;
  const values = Array.from({ length: KEYS }, (_, k) => Buffer.from(`{"k":${k},"n":${from + k}}`));
  const atMs = performance.now();
  for (let k = 0; k < KEYS; k++) journey.sent(from + k, atMs);
  await log.append(
    { topic: 'events', partition: 0 },
    values.map(value => ({ key: null, value })),
  );
}

/** Reads a topic as a consumer does, until the signal. */
async function readAll(
  log: Log,
  topic: string,
  signal: AbortSignal,
  each: (value: Uint8Array, atMs: number) => void,
): Promise<void> {
  const at = { topic, partition: 0 };
  for (let offset = 0; !signal.aborted; ) {
    const read = await log.read(at, offset, READ_BYTES, 'read_committed');
    const atMs = performance.now();
    for (const { value } of decodeRecords(read.bytes, { aborted: read.aborted, fromOffset: offset }))
      if (value !== null) each(value, atMs);
    if (read.nextOffset === offset) await log.waitFor(at, offset, 'read_committed', TICK_MS * 10, signal);
    offset = read.nextOffset;
  }
}

/** Runs the traffic at its pace; `done` says when every event was seen. */
async function drive(log: Log, journey: Sending, seen: () => number): Promise<void> {
  const began = performance.now();
  for (let tick = 0; tick < WARM_TICKS + TICKS; tick++) {
    const wait = began + tick * TICK_MS - performance.now();
    if (wait > 0) await new Promise(resolve => setTimeout(resolve, wait));
    await send(log, tick, journey);
  }
  const deadline = performance.now() + DRAIN_MS;
  while (seen() < TICKS * KEYS) {
    if (performance.now() > deadline) throw new Error(`${seen()} of ${TICKS * KEYS} events were answered`);
    await new Promise(resolve => setTimeout(resolve, TICK_MS));
  }
}

const figures = (took: readonly number[]): Record<string, string> => {
  const sorted = [...took].sort((a, b) => a - b);
  return {
    'p50 ms': percentile(sorted, 0.5).toFixed(2),
    'p99 ms': percentile(sorted, 0.99).toFixed(2),
    max: (sorted.at(-1) ?? Number.NaN).toFixed(1),
    n: String(sorted.length),
  };
};

/** A keyed aggregate between two topics at 10,000 events/s, beside a reader of the input topic itself. */
export async function benchEvents(): Promise<void> {
  const product = await loadProduct();
  for (const delivery of ['at-least-once', 'exactly-once'] as const) {
    const folder = mkdtempSync(join(tmpdir(), 'millrace latency '));
    const log = await product.openEmbeddedLog({
      storage: product.nodeStorage(),
      clock: product.systemClock,
      directory: join(folder, 'log'),
    });
    try {
      await run(product, log, folder, delivery);
    } finally {
      await log.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

async function run(product: Product, log: Log, folder: string, delivery: Delivery) {
  await log.createTopic('events', 1);
  await log.createTopic(`results-${delivery}`, 1);
  const job = product.startJob({
    name: `bench/${delivery}`,
    plan: product.planScript(script(delivery), new product.Catalog()).plan,
    tables: product.tableFactories({ log, postgresUrl: () => '', print: () => undefined }),
    checkpoints: product.nodeCheckpointStorage(join(folder, 'checkpoints')),
    clock: product.systemClock,
    newIncarnation: () => delivery,
    logger: { info: () => undefined, warn: message => process.stderr.write(`${message}\n`) },
  });
  const stop = new AbortController();
  const [results, plain] = [new Journey(), new Journey()];
  const journey = {
    sent: (n: number, atMs: number) => {
      results.sent(n, atMs);
      plain.sent(n, atMs);
    },
  };
  const parsed = (value: Uint8Array) => JSON.parse(Buffer.from(value).toString()) as { k: number; n: number };
  const readers = [
    readAll(log, 'events', stop.signal, (value, atMs) => {
      const { k, n } = parsed(value);
      plain.seen(k, n, atMs);
    }),
    readAll(log, `results-${delivery}`, stop.signal, (value, atMs) => {
      const { k, n } = parsed(value);
      results.seen(k, n, atMs);
    }),
  ];
  await drive(log, journey, () => results.tookMs.length);
  stop.abort();
  await Promise.all(readers);
  await job.cancel();
  if (delivery === 'at-least-once') printFigures('baseline: 10 k events/s → reader', figures(plain.tookMs));
  const label = delivery === 'at-least-once' ? 'upsert' : delivery;
  printFigures(`10 k events/s → GROUP BY (${label})`, figures(results.tookMs));
}
