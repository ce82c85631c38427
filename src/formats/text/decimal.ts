const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;
/** Digits beyond which text is refused rather than turned into a huge integer. */
const DIGITS_MAX = 2000;

/**
 * The unscaled value of decimal text at `scale`, rounded half up as Flink does; null when it does not fit
 * `precision` (Flink's answer to overflow), undefined when the text is no number.
 */
export function parseDecimal(text: string, precision: number, scale: number): bigint | null | undefined {
  const m = NUMBER.exec(text);
  if (m === null || text.length > DIGITS_MAX) return undefined;
  const whole = m[2] ?? '';
  const fraction = m[3] ?? '';
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(whole + fraction);
  const shift = scale - fraction.length + Number(m[4] ?? 0);
  if (digits === 0n) return 0n;
  if (shift > 60) return null;
  const unscaled = shift >= 0 ? digits * 10n ** BigInt(shift) : roundedQuotient(digits, -shift);
  if (unscaled >= 10n ** BigInt(precision)) return null;
  return m[1] === '-' ? -unscaled : unscaled;
}

function roundedQuotient(digits: bigint, places: number): bigint {
  if (places > DIGITS_MAX) return 0n;
  const divisor = 10n ** BigInt(places);
  return (digits * 2n + divisor) / (divisor * 2n);
}

/** Plain text of an unscaled value, with all `scale` digits of the fraction. */
export function printDecimal(unscaled: bigint, scale: number): string {
  if (scale === 0) return unscaled.toString();
  const negative = unscaled < 0n;
  const digits = (negative ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const at = digits.length - scale;
  return `${negative ? '-' : ''}${digits.slice(0, at)}.${digits.slice(at)}`;
}

/**
 * As `printDecimal`, trailing zeros of the fraction cut: how Flink's JSON formats write decimals (plain
 * notation).
 */
export function printDecimalStripped(unscaled: bigint, scale: number): string {
  const text = printDecimal(unscaled, scale);
  return scale === 0 ? text : text.replace(/\.?0+$/, '');
}
