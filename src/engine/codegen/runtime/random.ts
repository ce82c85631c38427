import { createHash } from 'node:crypto';

/** The state of a java.util.Random: 48 bits. */
export interface JavaRandom {
  state: bigint;
}

const MULTIPLIER = 0x5deece66dn;
const MASK = (1n << 48n) - 1n;

/** `new Random(seed)`. */
export const javaRandom = (seed: number | bigint): JavaRandom => ({
  state: (BigInt(seed) ^ MULTIPLIER) & MASK,
});

function nextBits(random: JavaRandom, bits: number): number {
  random.state = (random.state * MULTIPLIER + 0xbn) & MASK;
  return Number(BigInt.asIntN(32, random.state >> BigInt(48 - bits)));
}

/** `nextDouble()`. */
export function nextDouble(random: JavaRandom): number {
  const high = nextBits(random, 26);
  return (high * 2 ** 27 + nextBits(random, 27)) * 2 ** -53;
}

/** `nextInt(bound)`, for a bound above 0. */
export function nextInt(random: JavaRandom, bound: number): number {
  if ((bound & -bound) === bound) return Math.floor((bound * nextBits(random, 31)) / 2 ** 31);
  for (;;) {
    const bits = nextBits(random, 31);
    const value = bits % bound;
    if (bits - value + (bound - 1) <= 0x7fffffff) return value;
  }
}

/** A version 4 UUID of four random numbers in [0, 1). */
export function uuidOf(random: () => number): string {
  const word = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  const digits = word() + word() + word() + word();
  const variant = ((Number.parseInt(digits[16]!, 16) & 3) | 8).toString(16);
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`];
  return [...parts, variant + digits.slice(17, 20), digits.slice(20)].join('-');
}

/**
 * Random numbers in [0, 1) for RAND and UUID: SHA-256 of the seed and a counter, so that two seeds never
 * share a sequence.
 */
export function randomOf(seed: string): () => number {
  let block = Buffer.alloc(0);
  let used = 0;
  let counter = 0;
  return () => {
    if (used + 8 > block.length) {
      block = createHash('sha256').update(`${seed}/${counter++}`).digest();
      used = 0;
    }
    const value = (block.readUInt32LE(used) * 2 ** 21 + (block.readUInt32LE(used + 4) >>> 11)) * 2 ** -53;
    used += 8;
    return value;
  };
}
