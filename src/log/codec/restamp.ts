import { sealBatch } from './batch-header.ts';
import { readInt16, readInt64, writeInt16, writeInt32, writeInt64 } from './integers.ts';
import * as at from './layout.ts';

/**
 * Set whose time the records of a batch have and the largest of it; sealed anew only where that changes
 * it.
 */
export function restampBatch(batch: Uint8Array, hasAppendTime: boolean, maxTimestamp: number): void {
  // Neither it nor the base offset is part of what is sealed.
  writeInt32(batch, at.LEADER_EPOCH_AT, 0);
  const attributes = readInt16(batch, at.ATTRIBUTES_AT);
  const wanted = hasAppendTime ? attributes | at.APPEND_TIME_BIT : attributes & ~at.APPEND_TIME_BIT;
  if (wanted === attributes && readInt64(batch, at.MAX_TIMESTAMP_AT) === maxTimestamp) return;
  writeInt16(batch, at.ATTRIBUTES_AT, wanted);
  writeInt64(batch, at.MAX_TIMESTAMP_AT, maxTimestamp);
  sealBatch(batch, 0, batch.length);
}
