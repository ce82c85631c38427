/** A DOUBLE as Java's Double.toString prints it: `1.0`, `1.0E10`, `1.5E-5`, `NaN`, `Infinity`. */
export function printDouble(value: number): string {
  return javaNumber(value, String(value));
}

/**
 * A FLOAT (already rounded to 32 bits) as Java's Float.toString prints it: the shortest digits that read
 * back the same.
 */
export function printFloat(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return javaNumber(value, String(Number(text)));
  }
  return javaNumber(value, String(Number(value.toPrecision(9))));
}

function javaNumber(value: number, shortest: string): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) return shortest.includes('.') ? shortest : `${shortest}.0`;
  const [mantissa, exponent] = Number(shortest).toExponential().split('e') as [string, string];
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
}
