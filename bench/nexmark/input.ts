import type { Log } from '../../src/log/mod.ts';
import { ByteWriter } from './byte-writer.ts';
import { NexmarkGenerator, type NexmarkOptions } from './generator.ts';
import type { Product } from './product.ts';

export const INPUT_TOPIC = 'nexmark';

const APPEND_BYTES = 1 << 16;
const READ_BYTES = 1 << 20;

/** Make the input topic with the events of a generator, by turns in its partitions. */
export async function appendEvents(
  log: Log,
  events: number,
  options: NexmarkOptions,
  partitions = 1,
): Promise<void> {
  await log.createTopic(INPUT_TOPIC, partitions);
  const generator = new NexmarkGenerator(options);
  const out = new ByteWriter(APPEND_BYTES * 2);
  for (let [made, turn] = [0, 0]; made < events; turn++) {
    out.used = 0;
    const ends: number[] = [];
    while (out.used < APPEND_BYTES && made < events) {
      generator.write(out);
      ends.push(out.used);
      made++;
    }
    const records = ends.map((end, i) => ({ key: null, value: out.bytes.subarray(ends[i - 1] ?? 0, end) }));
    await log.append({ topic: INPUT_TOPIC, partition: turn % partitions }, records);
  }
}

/** The values of all records of a topic with one partition. */
export async function readOutput(product: Product, log: Log, topic: string): Promise<string[]> {
  const values: string[] = [];
  for (let offset = 0; ; ) {
    const { bytes, nextOffset, aborted } = await log.read(
      { topic, partition: 0 },
      offset,
      READ_BYTES,
      'read_committed',
    );
    if (nextOffset === offset) return values;
    for (const { value } of product.decodeRecords(bytes, { fromOffset: offset, aborted })) {
      if (value !== null) values.push(Buffer.from(value).toString());
    }
    offset = nextOffset;
  }
}
