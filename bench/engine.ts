import { type Batch, BatchBuilder, encodeUtf8, putText, type Schema } from '../src/core/mod.ts';
import { sessionOf } from '../src/engine/codegen/mod.ts';
import { buildGraph, type ScanPort } from '../src/engine/graph.ts';
import { Catalog, type PhysicalNode, planQuery } from '../src/plan/mod.ts';

const ROWS = 4096;
const BATCHES = 64;
const ROUNDS = 12;
const CHANNELS = ['Google', 'Facebook', 'Baidu', 'Apple'];

const DECLARATION = `CREATE TABLE bid (
  auction BIGINT, price BIGINT, channel STRING, ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'bid', 'format' = 'json', 'properties.bootstrap.servers' = 'x');
`;
const QUERIES = {
  filter: "SELECT auction, price * 2 AS doubled FROM bid WHERE price > 5000 AND channel = 'Google'",
  'tumbling count': `SELECT auction, COUNT(*) AS n, SUM(price) AS total, window_start
    FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(ts), INTERVAL '10' SECOND))
    GROUP BY auction, window_start, window_end`,
  'group aggregate':
    'SELECT auction, COUNT(*) AS n, SUM(price) AS total, MAX(price) AS top FROM bid GROUP BY auction',
} as const;

/** The columns as the baselines read them, beside the batch as the engine does. */
interface Input {
  readonly batch: Batch;
  readonly auction: BigInt64Array;
  readonly price: BigInt64Array;
  readonly ts: Float64Array;
  readonly channel: { data: Uint8Array; offsets: Int32Array; lengths: Int32Array };
}

function makeInput(schema: Schema, round: number): Input {
  const builder = new BatchBuilder(schema, ROWS);
  const [auction, price, channel, ts] = schema.fields.map(f => builder.columns[schema.fields.indexOf(f)]!);
  for (let i = 0; i < ROWS; i++) {
    const n = round * ROWS + i;
    if (auction!.physical === 'i64') auction!.values[i] = BigInt((n * 7919) % 1000);
    if (price!.physical === 'i64') price!.values[i] = BigInt((n * 104_729) % 10_000);
    if (channel!.physical === 'bytes') putText(channel!, i, CHANNELS[n % 4]!);
    if (ts!.physical === 'timestamp') ts!.millis[i] = n / 10;
    builder.endRow();
  }
  const batch = builder.build();
  return {
    batch,
    auction: (auction as { values: BigInt64Array }).values,
    price: (price as { values: BigInt64Array }).values,
    ts: (ts as { millis: Float64Array }).millis,
    channel: channel as unknown as Input['channel'],
  };
}

let sink = 0n;

/** What a programmer would write by hand for the same columns. */
const BASELINES: Readonly<Record<keyof typeof QUERIES, (inputs: readonly Input[]) => void>> = {
  filter: inputs => {
    const google = encodeUtf8('Google');
    const [out, doubled] = [new BigInt64Array(ROWS), new BigInt64Array(ROWS)];
    for (const { auction, price, channel } of inputs) {
      let n = 0;
      for (let i = 0; i < ROWS; i++) {
        if (price[i]! <= 5000n || channel.lengths[i] !== google.length) continue;
        const from = channel.offsets[i]!;
        let same = true;
        for (let b = 0; b < google.length && same; b++) same = channel.data[from + b] === google[b];
        if (!same) continue;
        out[n] = auction[i]!;
        doubled[n++] = BigInt.asIntN(64, price[i]! * 2n);
      }
      sink += out[0]! + doubled[0]!;
    }
  },
  'tumbling count': inputs => {
    let windows = new Map<number, Map<bigint, { n: number; total: bigint }>>();
    for (const { auction, price, ts } of inputs) {
      for (let i = 0; i < ROWS; i++) {
        const start = Math.floor(ts[i]! / 10_000) * 10_000;
        let groups = windows.get(start);
        if (groups === undefined) windows.set(start, (groups = new Map()));
        const group = groups.get(auction[i]!);
        if (group === undefined) groups.set(auction[i]!, { n: 1, total: price[i]! });
        else {
          group.n++;
          group.total += price[i]!;
        }
      }
    }
    sink += BigInt(windows.size);
    windows = new Map();
  },
  'group aggregate': inputs => {
    const groups = new Map<bigint, { n: number; total: bigint; top: bigint }>();
    for (const { auction, price } of inputs) {
      for (let i = 0; i < ROWS; i++) {
        const value = price[i]!;
        const group = groups.get(auction[i]!);
        if (group === undefined) groups.set(auction[i]!, { n: 1, total: value, top: value });
        else {
          group.n++;
          group.total += value;
          if (value > group.top) group.top = value;
        }
      }
    }
    sink += BigInt(groups.size);
  },
};

function open(root: PhysicalNode): ScanPort {
  const into = { onBatch: (batch: Batch) => (sink += BigInt(batch.selectionCount)), onWatermark: () => {} };
  const graph = buildGraph([{ node: root, into: into as never }], {
    session: sessionOf({}, () => 0),
    onLate: () => undefined,
  });
  const port = graph.scans[0]!;
  for (const watermark of port.watermarks) {
    watermark.addSplit('0');
    watermark.setSplit('0');
  }
  return port;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;
const millions = (ms: number): string => `${((ROWS * BATCHES) / ms / 1000).toFixed(1)} M rows/s`;

/** Planned queries over decoded batches, beside loops written by hand; no input, no output. */
export async function bench(): Promise<void> {
  for (const [name, sql] of Object.entries(QUERIES) as [keyof typeof QUERIES, string][]) {
    const { root } = planQuery(DECLARATION + sql, new Catalog());
    const schema = open(root).node.schema;
    const full: Schema = { fields: ['auction', 'price', 'channel', 'ts'].map(f => fieldOf(schema, f)) };
    const inputs = Array.from({ length: BATCHES }, (_, b) => makeInput(full, b));
    const projected = inputs.map(({ batch }) => project(batch, schema));
    const [ours, plain]: [number[], number[]] = [[], []];
    const port = open(root);
    for (let round = 0; round < ROUNDS; round++) {
      // Time goes on, so that windows close and rows are not late.
      for (const { ts } of inputs) for (let i = 0; i < ROWS; i++) ts[i]! += (ROWS * BATCHES) / 10;
      const from = performance.now();
      for (const batch of projected) port.output.emit(batch);
      const between = performance.now();
      BASELINES[name](inputs);
      ours.push(between - from);
      plain.push(performance.now() - between);
    }
    const [a, b] = [median(ours), median(plain)];
    console.log(
      `${name.padEnd(16)} engine ${millions(a)}, by hand ${millions(b)}, ratio ${(b / a).toFixed(2)}`,
    );
  }
  if (sink < 0n) console.log(sink);
}

const TYPES = {
  auction: { kind: 'BIGINT', nullable: true },
  price: { kind: 'BIGINT', nullable: true },
  channel: { kind: 'VARCHAR', length: 2147483647, nullable: true },
  ts: { kind: 'TIMESTAMP', precision: 3, nullable: true },
} as const;
function fieldOf(schema: Schema, name: string): Schema['fields'][number] {
  return schema.fields.find(f => f.name === name) ?? { name, type: TYPES[name as keyof typeof TYPES] };
}

function project(batch: Batch, schema: Schema): Batch {
  const columns = schema.fields.map(
    f => batch.columns[batch.schema.fields.findIndex(x => x.name === f.name)]!,
  );
  return { ...batch, schema, columns: columns.map(c => ({ ...c, nulls: null })) as Batch['columns'] };
}
