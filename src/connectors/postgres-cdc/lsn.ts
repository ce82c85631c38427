import { assert } from '../../core/mod.ts';

/** `16/B374D848` as a number. Exact: a position below 2^53 is 8 PiB of WAL. */
export function parseLsn(text: string): number {
  const [high, low] = text.split('/') as [string, string];
  const lsn = Number.parseInt(high, 16) * 2 ** 32 + Number.parseInt(low, 16);
  assert(Number.isSafeInteger(lsn), 'the WAL position is beyond 2^53');
  return lsn;
}

/** A WAL position as PostgreSQL writes it. */
export function printLsn(lsn: number): string {
  const high = Math.floor(lsn / 2 ** 32);
  return `${high.toString(16).toUpperCase()}/${(lsn - high * 2 ** 32).toString(16).toUpperCase()}`;
}

/** Eight bytes, big-endian, as a WAL position. */
export function readLsn(bytes: Uint8Array, at: number): number {
  return readUint32(bytes, at) * 2 ** 32 + readUint32(bytes, at + 4);
}

/** Four bytes, big-endian, unsigned. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** Two bytes, big-endian, unsigned. */
export function readUint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}
