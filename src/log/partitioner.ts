/**
 * Kafka's murmur2 (seed 0x9747b28c), so that keys lie in the partitions where Kafka's own producer puts
 * them.
 */
export function murmur2(data: Uint8Array): number {
  const m = 0x5bd1e995;
  const { length } = data;
  let h = 0x9747b28c ^ length;
  const words = length & ~3;
  for (let i = 0; i < words; i += 4) {
    let k = data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    h = Math.imul(h, m) ^ Math.imul(k, m);
  }
  const rest = length - words;
  if (rest === 3) h ^= data[words + 2]! << 16;
  if (rest >= 2) h ^= data[words + 1]! << 8;
  if (rest >= 1) h = Math.imul(h ^ data[words]!, m);
  h ^= h >>> 13;
  h = Math.imul(h, m);
  return h ^ (h >>> 15);
}

/** The partition of a record with a key. */
export function partitionOfKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}
