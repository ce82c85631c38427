/** Two's complement, big-endian, shortest: the bytes of Java's BigInteger. */
export function bigIntegerBytes(value: bigint): Uint8Array {
  let length = 1;
  while (value < -(1n << BigInt(8 * length - 1)) || value >= 1n << BigInt(8 * length - 1)) length++;
  const bytes = new Uint8Array(length);
  let rest = BigInt.asUintN(8 * length, value);
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 255n);
    rest >>= 8n;
  }
  return bytes;
}

/** A plain decimal text as unscaled number and scale; undefined for NaN and the infinities. */
export function unscaled(text: string): { readonly value: bigint; readonly scale: number } | undefined {
  if (!/^-?\d*\.?\d*$/.test(text)) return undefined;
  const point = text.indexOf('.');
  if (point < 0) return { value: BigInt(text), scale: 0 };
  return { value: BigInt(text.slice(0, point) + text.slice(point + 1)), scale: text.length - point - 1 };
}

/** Unscaled value and scale as base64 of the unscaled bytes, as Connect prints a Decimal. */
export function decimalBase64(text: string): string | undefined {
  const number = unscaled(text);
  return number === undefined ? undefined : Buffer.from(bigIntegerBytes(number.value)).toString('base64');
}

const SPECIAL: Readonly<Record<string, string>> = {
  NaN: 'NAN',
  Infinity: 'POSITIVE_INFINITY',
  '-Infinity': 'NEGATIVE_INFINITY',
};

/** A numeric as Debezium's `string` mode prints it. */
export function decimalString(text: string): string {
  return SPECIAL[text] ?? text;
}

/** `-$1,234.56` (lc_monetary C) as `-1234.56`. */
export function moneyText(text: string): string {
  return text.replace(/[$,]/g, '');
}
