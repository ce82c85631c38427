import type { DataType, Schema } from '../src/core/mod.ts';
import { createDecoder, createEncoder } from '../src/formats/mod.ts';

const text: DataType = { kind: 'VARCHAR', length: 2147483647, nullable: true };
const bigint: DataType = { kind: 'BIGINT', nullable: true };
const BID: Schema = {
  fields: [
    { name: 'auction', type: bigint },
    { name: 'bidder', type: bigint },
    { name: 'price', type: bigint },
    { name: 'channel', type: text },
    { name: 'url', type: text },
    { name: 'dateTime', type: { kind: 'TIMESTAMP', precision: 3, nullable: true } },
    { name: 'extra', type: text },
  ],
};

const RECORDS = 3000;
const ROUNDS = 60;

/** Records like Nexmark's bids, about 255 bytes each. */
function bids(spaced: boolean): { bytes: Uint8Array; starts: Int32Array; ends: Int32Array } {
  const starts = new Int32Array(RECORDS);
  const ends = new Int32Array(RECORDS);
  let all = '';
  for (let i = 0; i < RECORDS; i++) {
    const record = {
      auction: 1000 + ((i * 7919) % 100000),
      bidder: 1000 + ((i * 104729) % 50000),
      price: (i * 6700417) % 100000000,
      channel: ['Google', 'Facebook', 'Baidu', 'Apple', `channel-${i % 10000}`][i % 5],
      url: `https://www.nexmark.com/abcd/efgh/${i}/item.htm?query=1&channel_id=${i * 31}`,
      dateTime: new Date(Date.UTC(2026, 0, 1) + i * 12_345).toISOString().replace('T', ' ').slice(0, -1),
      extra: 'x'.repeat(60) + i,
    };
    const line = JSON.stringify(record);
    starts[i] = all.length;
    all += spaced ? line.replaceAll('":', '": ').replaceAll(',"', ', "') : line;
    ends[i] = all.length;
  }
  return { bytes: new TextEncoder().encode(all), starts, ends };
}

function best(run: () => number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const from = performance.now();
    run();
    least = Math.min(least, performance.now() - from);
  }
  return (RECORDS / least) * 1000;
}

const rate = (perSecond: number): string => `${(perSecond / 1e6).toFixed(2)} M/s`;

/** JSON decoding beside JSON.parse in the same run, on one core. */
export async function bench(): Promise<void> {
  for (const [name, spaced, projection] of [
    ['7 of 7 columns', false, null],
    ['3 of 7 columns', false, [0, 2, 5]],
    ['7 of 7 columns, spaces', true, null],
  ] as const) {
    const { bytes, starts, ends } = bids(spaced);
    const decoder = createDecoder('json', BID, projection);
    const ours = best(() => {
      decoder.load(bytes);
      decoder.decode(starts, ends, 0, RECORDS);
      return decoder.takeBatch().rowCount;
    });
    const buffer = Buffer.from(bytes.buffer);
    const plain = best(() => {
      let sum = 0;
      for (let i = 0; i < RECORDS; i++)
        sum += JSON.parse(buffer.toString('utf8', starts[i]!, ends[i]!)).price;
      return sum;
    });
    console.log(
      `json decode, ${(bytes.length / RECORDS) | 0} B, ${name}: ${rate(ours)}, JSON.parse ${rate(plain)}, ` +
        `ratio ${(ours / plain).toFixed(1)}`,
    );
  }
  benchDebezium();
  benchEncode();
}

/** Envelopes as Debezium prints them, half inserts, half updates, beside JSON.parse. */
function benchDebezium(): void {
  const image = (i: number): string =>
    `{"id":${i},"status":"Processing","amount":"7.50","at":"2026-11-21T10:00:00.000001Z","note":null,"city":"Tunis"}`;
  const source =
    '{"version":"3.7.0.Final","connector":"postgresql","name":"shop","ts_ms":1795226235551,"snapshot":"false","db":"shop",' +
    '"sequence":"[null,\\"26775128\\"]","schema":"public","table":"orders","txId":753,"lsn":26775128,"xmin":null}';
  const starts = new Int32Array(RECORDS);
  const ends = new Int32Array(RECORDS);
  let all = '';
  for (let i = 0; i < RECORDS; i++) {
    starts[i] = all.length;
    all += `{"before":${i % 2 === 0 ? 'null' : image(i)},"after":${image(i)},"source":${source},"transaction":null,`;
    all += `"op":"${i % 2 === 0 ? 'c' : 'u'}","ts_ms":1795226236062}`;
    ends[i] = all.length;
  }
  const bytes = Buffer.from(all);
  const schema: Schema = {
    fields: [
      { name: 'id', type: bigint },
      { name: 'status', type: text },
      { name: 'amount', type: { kind: 'DECIMAL', precision: 10, scale: 2, nullable: true } },
      { name: 'at', type: { kind: 'TIMESTAMP_LTZ', precision: 3, nullable: true } },
      { name: 'note', type: text },
      { name: 'city', type: text },
    ],
  };
  const decoder = createDecoder('debezium-json', schema, null, { 'timestamp-format.standard': 'ISO-8601' });
  const ours = best(() => {
    decoder.load(bytes);
    decoder.decode(starts, ends, 0, RECORDS);
    return decoder.takeBatch().rowCount;
  });
  const plain = best(() => {
    let sum = 0;
    for (let i = 0; i < RECORDS; i++) sum += JSON.parse(bytes.toString('utf8', starts[i]!, ends[i]!)).ts_ms;
    return sum;
  });
  console.log(
    `debezium-json decode, ${(bytes.length / RECORDS) | 0} B: ${rate(ours)}, JSON.parse ${rate(plain)}, ` +
      `ratio ${(ours / plain).toFixed(1)}`,
  );
}

/** The same rows written as JSON, beside JSON.stringify of plain objects. */
function benchEncode(): void {
  const { bytes, starts, ends } = bids(false);
  const decoder = createDecoder('json', BID, null);
  decoder.load(bytes);
  decoder.decode(starts, ends, 0, RECORDS);
  const batch = decoder.takeBatch();
  const encoder = createEncoder('json', BID, null);
  const ours = best(() => encoder.encode(batch).count);
  const text = Buffer.from(bytes.buffer);
  const objects = Array.from(starts, (start, i) => JSON.parse(text.toString('utf8', start, ends[i])));
  const target = Buffer.alloc(bytes.length + 1024);
  const plain = best(() => objects.reduce((at, object) => at + target.write(JSON.stringify(object), at), 0));
  console.log(
    `json encode, 7 columns: ${rate(ours)}, JSON.stringify ${rate(plain)}, ratio ${(ours / plain).toFixed(1)}`,
  );
}
