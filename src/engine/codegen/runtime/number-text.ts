/** DOUBLE as Java prints it: `1.0`, `1.0E10`, `NaN`, `-Infinity`. */
export function printDouble(value: number): string {
  const shortest = String(Math.abs(value));
  // Java writes two digits at least, the nearest ones: 4.9E-324.
  return javaNotation(value, /^\de/.test(shortest) ? Math.abs(value).toPrecision(2) : shortest);
}

/** FLOAT: the shortest digits that give the same float. */
export function printFloat(value: number): string {
  if (!Number.isFinite(value) || value === 0) return printDouble(value);
  for (let digits = 1; digits <= 9; digits++) {
    const text = Math.abs(value).toPrecision(digits);
    if (Math.fround(Number(text)) === Math.abs(value)) return javaNotation(value, String(Number(text)));
  }
  return printDouble(value);
}

function javaNotation(value: number, shortest: string): string {
  if (Number.isNaN(value)) return 'NaN';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (!Number.isFinite(value)) return `${sign}Infinity`;
  const size = Math.abs(value);
  if (size === 0) return `${sign}0.0`;
  const [, whole = '', fraction = '', power = '0'] =
    /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(shortest) ?? [];
  const leading = /^0*/.exec(whole + fraction)![0].length;
  const digits = (whole + fraction).replace(/^0+/, '').replace(/0+$/, '') || '0';
  const exponent = whole.length + Number(power) - 1 - leading;
  if (size >= 1e-3 && size < 1e7) {
    return sign + plain(digits, exponent);
  }
  return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${exponent}`;
}

function plain(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${whole}.${digits.slice(exponent + 1) || '0'}`;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?$/;

/** What Java's Double.parseDouble accepts; null otherwise. */
export function parseDouble(text: string): number | null {
  const trimmed = text.trim();
  if (/^[+-]?(NaN|Infinity)$/.test(trimmed)) {
    return trimmed.endsWith('NaN') ? Number.NaN : Number(trimmed);
  }
  return NUMBER.test(trimmed) ? Number(trimmed.replace(/[dDfF]$/, '')) : null;
}

/** An integer within ±limit; a fraction is cut, as Flink's string casts do; null otherwise. */
export function parseInteger(text: string, min: bigint, max: bigint): bigint | null {
  const match = /^([+-]?\d+)(?:\.\d*)?$/.exec(text.trim());
  if (match === null) return null;
  const value = BigInt(match[1]!.replace(/^\+/, ''));
  return value >= min && value <= max ? value : null;
}

/** BOOLEAN of a text: true, t, yes, y, 1 and their opposites; null otherwise. */
export function parseBoolean(text: string): boolean | null {
  const word = text.toLowerCase();
  if (['true', 't', 'yes', 'y', '1'].includes(word)) return true;
  return ['false', 'f', 'no', 'n', '0'].includes(word) ? false : null;
}

/** (int) of a double, as Java: NaN is 0, too large saturates. */
export function doubleToInt(value: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.trunc(Math.min(2147483647, Math.max(-2147483648, value))) + 0;
}

/** (long) of a double, as Java. */
export function doubleToLong(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value >= 2 ** 63) return 9223372036854775807n;
  if (value <= -(2 ** 63)) return -9223372036854775808n;
  return BigInt(Math.trunc(value));
}

/**
 * ROUND of a double at `digits` places, half away from zero on its decimal notation, as BigDecimal.valueOf
 * does.
 */
export function roundDouble(value: number, digits: number): number {
  if (!Number.isFinite(value)) return value;
  const [mantissa = '0', power = '0'] = String(Math.abs(value)).split('e');
  const shifted = Math.round(Number(`${mantissa}e${Number(power) + digits}`));
  return Math.sign(value) * Number(`${shifted}e${-digits}`);
}

/** COSH with fdlibm's exp, which Java uses here: its exp(1) is one unit in the last place above e. */
export function cosh(value: number): number {
  const size = Math.abs(value);
  if (size < 0.5 * Math.LN2 || size > 22) return Math.cosh(value);
  const t = fdlibmExp(size);
  return 0.5 * t + 0.5 / t;
}

/** exp as in fdlibm's e_exp.c, for arguments from 0.5 ln 2 to 22. */
function fdlibmExp(x: number): number {
  const k = x < 1.5 * Math.LN2 ? 1 : Math.trunc(Math.LOG2E * x + 0.5);
  const high = x - k * 0.6931471803691238;
  const low = k * 1.9082149292705877e-10;
  const r = high - low;
  const t = r * r;
  const c =
    r -
    t *
      (0.16666666666666602 +
        t *
          (-0.0027777777777015593 +
            t * (6.613756321437934e-5 + t * (-1.6533902205465252e-6 + t * 4.1381367970572385e-8))));
  return (1 - (low - (r * c) / (2 - c) - high)) * 2 ** k;
}
