import { malformed } from './malformed.ts';

/** Kafka's "no id": 16 zero bytes. */
export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA';
/** Base64 characters of 16 bytes, without padding. */
const TEXT_LENGTH = 22;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VALUES = new Int8Array(128).fill(-1);
for (let i = 0; i < DIGITS.length; i++) VALUES[DIGITS.charCodeAt(i)] = i;

/** The 16 bytes at `at` as Kafka prints an id: base64 for addresses, without padding. */
export function uuidText(data: Uint8Array, at: number): string {
  let text = '';
  for (let i = 0; i < 15; i += 3) {
    const bits = (data[at + i]! << 16) | (data[at + i + 1]! << 8) | data[at + i + 2]!;
    text += DIGITS[bits >> 18]! + DIGITS[(bits >> 12) & 63]! + DIGITS[(bits >> 6) & 63]! + DIGITS[bits & 63]!;
  }
  const last = data[at + 15]!;
  return text + DIGITS[last >> 2]! + DIGITS[(last & 3) << 4]!;
}

/** Writes the 16 bytes of an id's text at `at`. */
export function putUuid(text: string, data: Uint8Array, at: number): void {
  if (text.length !== TEXT_LENGTH)
    throw malformed(`'${text}' is not an id: it has not ${TEXT_LENGTH} letters`);
  let bits = 0;
  let count = 0;
  let p = at;
  for (let i = 0; i < TEXT_LENGTH; i++) {
    const value = VALUES[text.charCodeAt(i)] ?? -1;
    if (value < 0) throw malformed(`'${text}' is not an id: base64 for addresses has no '${text[i]}'`);
    bits = ((bits << 6) | value) & 0xfff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      data[p++] = bits >> count;
    }
  }
}
