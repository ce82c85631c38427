import {
  BATCH_HEADER_BYTES,
  type CompressionName,
  type EncodedBatch,
  encodeBatches,
  type NewRecords,
  PLAIN_PRODUCER,
  withCompression,
} from '../../log/mod.ts';
import type { Cluster } from './cluster.ts';
import type { ClusterTopics } from './topics.ts';

/** Makes batches of records, as large as their topic allows, compressed as the settings say. */
export class BatchMaker {
  readonly #cluster: Cluster;
  readonly #topics: ClusterTopics;

  constructor(cluster: Cluster, topics: ClusterTopics) {
    this.#cluster = cluster;
    this.#topics = topics;
  }

  /** How many bytes the records of one batch of the topic may take. UNKNOWN_TOPIC. */
  recordBytesMax(topic: string): Promise<number> {
    const doing = `asking for the settings of ${topic}`;
    return this.#cluster.retrying(doing, async () => {
      return Math.max(0, (await this.#topics.maxMessageBytes(topic)) - BATCH_HEADER_BYTES);
    });
  }

  /** The batches of records, in their order. RECORD_TOO_LARGE. */
  async batches(topic: string, records: NewRecords): Promise<EncodedBatch[]> {
    const maxMessageBytes = await this.recordBytesMax(topic);
    const nowMs = Math.floor(this.#cluster.clock.nowMs());
    const limits = { name: topic, maxMessageBytes, split: true };
    const made = encodeBatches(records, PLAIN_PRODUCER, nowMs, limits);
    const { compression } = this.#cluster.options;
    return compression === 'none'
      ? made
      : made.map(batch => ({ ...batch, bytes: smaller(batch.bytes, compression) }));
  }
}

/** Compressed where that makes it smaller: a batch within the limits stays there. */
function smaller(batch: Uint8Array, compression: CompressionName): Uint8Array {
  const made = withCompression(batch, compression);
  return made.length < batch.length ? made : batch;
}
