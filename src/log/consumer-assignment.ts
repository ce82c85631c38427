import type { TopicPartition } from './log.ts';

/**
 * The partitions that a consumer was given: `version int16, [topic string, [partition int32]], user data`, the
 * bytes of the consumer protocol's assignment in any of its versions. Members of other protocols (Connect's
 * workers) have bytes of their own: these have no partitions.
 */
export function consumerAssignment(bytes: Uint8Array): readonly TopicPartition[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const utf8 = new TextDecoder();
  let at = 2;
  const found: TopicPartition[] = [];
  try {
    const topics = view.getInt32(at);
    at += 4;
    for (let i = 0; i < topics; i++) {
      const length = view.getInt16(at);
      if (length < 0 || at + 2 + length > bytes.length) return [];
      const topic = utf8.decode(bytes.subarray(at + 2, at + 2 + length));
      at += 2 + length;
      const partitions = view.getInt32(at);
      at += 4;
      for (let j = 0; j < partitions; j++, at += 4) found.push({ topic, partition: view.getInt32(at) });
    }
    return found;
  } catch (error) {
    if (error instanceof RangeError) return []; // shorter than it says: bytes of another protocol
    throw error;
  }
}
