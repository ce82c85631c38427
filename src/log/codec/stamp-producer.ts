import { sealBatch } from './batch-header.ts';
import type { BatchProducer } from './encode-batch.ts';
import { readInt16, writeInt16, writeInt32, writeInt64 } from './integers.ts';
import * as at from './layout.ts';

/**
 * Say in a finished batch, compressed or not, who writes it: for a client, which learns its sequence late.
 */
export function stampProducer(batch: Uint8Array, producer: BatchProducer): void {
  const attributes = readInt16(batch, at.ATTRIBUTES_AT) & ~at.TRANSACTIONAL_BIT;
  writeInt16(batch, at.ATTRIBUTES_AT, attributes | (producer.transactional ? at.TRANSACTIONAL_BIT : 0));
  writeInt64(batch, at.PRODUCER_ID_AT, producer.producerId);
  writeInt16(batch, at.PRODUCER_EPOCH_AT, producer.producerEpoch);
  writeInt32(batch, at.BASE_SEQUENCE_AT, producer.baseSequence);
  sealBatch(batch, 0, batch.length);
}
