const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Longest run that is decoded byte by byte; beyond it the platform's decoder wins. */
const SHORT_BYTES = 24;

/** The text of `data[from, from + length)`. */
export function decodeUtf8(data: Uint8Array, from: number, length: number): string {
  if (length > SHORT_BYTES) return decoder.decode(data.subarray(from, from + length));
  let text = '';
  for (let i = from; i < from + length; i++) {
    const byte = data[i]!;
    if (byte > 127) return decoder.decode(data.subarray(from, from + length));
    text += String.fromCharCode(byte);
  }
  return text;
}

/** The UTF-8 bytes of a text. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Writes `text` at `at`, where there is room for 3 bytes a code unit. Returns the bytes written. */
export function encodeUtf8Into(text: string, data: Uint8Array, at: number): number {
  const length = text.length;
  if (length <= SHORT_BYTES) {
    let i = 0;
    for (; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 127) break;
      data[at + i] = unit;
    }
    if (i === length) return length;
  }
  return encoder.encodeInto(text, data.subarray(at)).written;
}

/** True when the two ranges hold the same bytes. */
export function equalBytes(
  a: Uint8Array,
  aFrom: number,
  aLength: number,
  b: Uint8Array,
  bFrom: number,
  bLength: number,
): boolean {
  if (aLength !== bLength) return false;
  for (let i = 0; i < aLength; i++) if (a[aFrom + i] !== b[bFrom + i]) return false;
  return true;
}

/**
 * Order of two UTF-8 texts as Java and JavaScript order strings: by UTF-16 unit. It is the order of the
 * bytes,
 * except that characters beyond the base plane (lead byte F0 and up) come before U+E000 … U+FFFF (EE, EF).
 */
export function compareUtf8(
  a: Uint8Array,
  aFrom: number,
  aLength: number,
  b: Uint8Array,
  bFrom: number,
  bLength: number,
): number {
  const shared = Math.min(aLength, bLength);
  for (let i = 0; i < shared; i++) {
    const x = a[aFrom + i]!;
    const y = b[bFrom + i]!;
    if (x === y) continue;
    const swapped = x >= 0xee && y >= 0xee && x >= 0xf0 !== y >= 0xf0;
    return swapped === x < y ? 1 : -1;
  }
  return aLength - bLength;
}
