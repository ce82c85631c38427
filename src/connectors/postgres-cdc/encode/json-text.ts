import type { ByteSink } from './byte-sink.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const HEX = Buffer.from('0123456789ABCDEF', 'latin1');
const SHORT: Readonly<Record<number, number>> = { 8: 0x62, 9: 0x74, 10: 0x6e, 12: 0x66, 13: 0x72 };

/** UTF-8 bytes as a JSON string, escaped as Jackson does: the short forms, else upper-case \u00XX. */
export function putJsonText(sink: ByteSink, source: Uint8Array, from: number, end: number): void {
  const { bytes } = sink;
  let { at } = sink;
  bytes[at++] = QUOTE;
  for (let i = from; i < end; i++) {
    const byte = source[i]!;
    if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) bytes[at++] = byte;
    else at = putEscaped(bytes, at, byte);
  }
  bytes[at++] = QUOTE;
  sink.at = at;
}

function putEscaped(bytes: Uint8Array, at: number, byte: number): number {
  bytes[at++] = BACKSLASH;
  const short = byte === QUOTE || byte === BACKSLASH ? byte : SHORT[byte];
  if (short !== undefined) {
    bytes[at++] = short;
    return at;
  }
  bytes[at++] = 0x75;
  bytes[at++] = 48;
  bytes[at++] = 48;
  bytes[at++] = HEX[byte >> 4]!;
  bytes[at++] = HEX[byte & 15]!;
  return at;
}

/** A string as the bytes of its JSON text. */
export function jsonBytes(value: string): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
