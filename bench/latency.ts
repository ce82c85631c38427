import type pg from 'pg';
import { WebSocket } from 'ws';
import type { DeltaFrame, ServerFrame } from '../src/live/protocol.ts';
import { type Millrace, startMillrace } from '../test/support/millrace.ts';
import { benchEvents } from './latency/events.ts';
import { percentile, printFigures } from './print.ts';

const ROUNDS = 400;
const GAP_MS = 10;
/** Each waits for an epoch's commit, half a second apart. */
const EPOCH_ROUNDS = 100;

/** Resolvers by order id, called when the order shows up in a frame. */
type Waiting = Map<number, () => void>;

async function subscribe(url: string, view: string, waiting: Waiting): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { origin: url });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const ready = new Promise<void>(resolve => {
    socket.on('message', data => {
      const frame = JSON.parse(String(data)) as ServerFrame;
      if (frame.type === 'snapshot') resolve();
      if (frame.type === 'delta') settle(frame, waiting);
    });
  });
  socket.send(JSON.stringify({ type: 'subscribe', view }));
  await ready;
  return socket;
}

function settle(frame: DeltaFrame, waiting: Waiting): void {
  for (const row of frame.upserts) waiting.get(Number(row.order_id))?.();
}

const INSERT = `INSERT INTO orders (order_id, user_id, restaurant_id, delivery_person_id, order_timestamp, pickup_time,
    delivery_latitude, delivery_longitude, status, total_price, time_taken_minutes, city_id)
  SELECT $1, u.user_id, r.restaurant_id, d.delivery_person_id, now(), now(), 0, 0, $2, 42.5, $3, r.city_id
  FROM restaurants r JOIN delivery_personnel d USING (city_id) JOIN users u USING (city_id) LIMIT 1`;

/** Milliseconds from sending the INSERT to the frame at a socket client, one order at a time. */
async function measure(
  database: pg.Client,
  waiting: Waiting,
  firstId: number,
  row: readonly [string, number | null],
  rounds = ROUNDS,
): Promise<number[]> {
  const took: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const id = firstId + i;
    const seen = new Promise<void>(resolve => waiting.set(id, resolve));
    const began = performance.now();
    await database.query({ name: 'insert', text: INSERT, values: [id, ...row] });
    await seen;
    took.push(performance.now() - began);
    waiting.delete(id);
    await new Promise(resolve => setTimeout(resolve, GAP_MS));
  }
  return took.sort((a, b) => a - b);
}

/** The same round trip without Millrace: NOTIFY in the transaction, LISTEN on another connection. */
async function baseline(millrace: Millrace): Promise<number[]> {
  const [listener, notifier] = [await millrace.database(), await millrace.database()];
  await listener.query('LISTEN bench');
  const took: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const seen = new Promise(resolve => listener.once('notification', resolve));
    const began = performance.now();
    await notifier.query(`SELECT pg_notify('bench', $1)`, [String(i)]);
    await seen;
    took.push(performance.now() - began);
  }
  await Promise.all([listener.end(), notifier.end()]);
  return took.sort((a, b) => a - b);
}

const NOTIFY_TABLE = `CREATE FUNCTION bench_notify() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_notify('bench_late', NEW.order_id::text); RETURN NULL; END $$;
  CREATE TRIGGER bench_notify AFTER INSERT ON sla_violations FOR EACH ROW EXECUTE FUNCTION bench_notify()`;

/** From sending the INSERT to the commit of the result in the table that the job writes exactly once. */
async function measureTable(millrace: Millrace, database: pg.Client): Promise<number[]> {
  const waiting: Waiting = new Map();
  const listener = await millrace.database();
  await listener.query(NOTIFY_TABLE);
  listener.on('notification', ({ payload }) => waiting.get(Number(payload))?.());
  await listener.query('LISTEN bench_late');
  const took = await measure(database, waiting, 40_000_000, ['Completed', 60], EPOCH_ROUNDS);
  await listener.end();
  return took;
}

const figures = (sorted: readonly number[]): Record<string, string> => ({
  'p50 ms': percentile(sorted, 0.5).toFixed(2),
  'p99 ms': percentile(sorted, 0.99).toFixed(2),
  max: (sorted.at(-1) ?? Number.NaN).toFixed(1),
  n: String(sorted.length),
});

/** INSERT → socket, for a plain live view, and through a job by each delivery. */
export async function bench(): Promise<void> {
  const millrace = await startMillrace({ args: ['--no-generator'] });
  const waiting: Waiting = new Map();
  try {
    const database = await millrace.database();
    const sockets = [
      await subscribe(millrace.url, 'live_orders', waiting),
      await subscribe(millrace.url, 'sla_violations', new Map()),
    ];
    printFigures('baseline: NOTIFY → LISTEN', figures(await baseline(millrace)));
    await measure(database, waiting, 10_000_000, ['Processing', null]); // warm-up
    printFigures(
      'INSERT → join → socket',
      figures(await measure(database, waiting, 20_000_000, ['Processing', null])),
    );
    sockets[1]?.close();
    const late: Waiting = new Map();
    sockets.push(await subscribe(millrace.url, 'sla_violations', late));
    printFigures(
      'INSERT → job (upsert) → socket',
      figures(await measure(database, late, 30_000_000, ['Completed', 60])),
    );
    printFigures('INSERT → job (exactly-once) → table', figures(await measureTable(millrace, database)));
    for (const socket of sockets) socket.close();
    await database.end();
  } finally {
    await millrace.dispose();
  }
  await benchEvents();
}
