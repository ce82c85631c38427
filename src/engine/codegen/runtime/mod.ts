import type { ScalarFunction } from '../../../contract/mod.ts';
import {
  compareUtf8,
  copyCell,
  decimalFromLimbs,
  decimalToNumber,
  decodeUtf8,
  divideDecimal,
  divideHalfUp,
  encodeUtf8,
  equalBytes,
  fitDecimal,
  MillraceError,
  parseDecimal,
  powerOfTen,
  printDecimal,
  putBytes,
  putNull,
  putText,
  putValue,
  rescale,
  rowValue,
} from '../../../core/mod.ts';
import { durationMs } from '../../../plan/mod.ts';
import * as json from '../json/functions.ts';
import { jsonPath } from '../json/path.ts';
import { jsonText, objectText } from '../json/write.ts';
import { likeOf } from '../regexp/like.ts';
import { regexpOf } from '../regexp/mod.ts';
import { similarOf } from '../regexp/similar.ts';
import { fits, regexpTest, replaceMatches } from '../regexp/use.ts';
import { Scratch } from '../scratch.ts';
import * as bytes from './bytes.ts';
import * as calendar from './calendar.ts';
import * as collections from './collections.ts';
import { formatDate, parseByPattern } from './date-format.ts';
import * as encoding from './encoding.ts';
import * as exact from './exact.ts';
import * as nested from './nested.ts';
import * as numbers from './number-text.ts';
import { datePattern, simplePattern } from './pattern-check.ts';
import { javaRandom, nextDouble, nextInt, randomOf, uuidOf } from './random.ts';
import { bigOf } from './small-integers.ts';
import * as text from './text.ts';
import {
  convertTz,
  millisOfPrecision,
  parseDate,
  parseTime,
  parseTimestamp,
  printDate,
  printTime,
  printTimestamp,
  timeOfDay,
} from './time-text.ts';
import { parseUrl, parseUrlKey } from './url.ts';
import { type UserCall, userFunctionOf } from './user-function.ts';
import { toInstant, UTC, type Zone, zoneOf } from './zone.ts';

/** What expressions need of the session. */
export interface SessionContext {
  /** `table.local-time-zone`. */
  readonly zone: Zone;
  readonly nowMs: () => number;
  /** Random numbers in [0, 1): RAND and UUID. */
  readonly random: () => number;
  /** The watermark of the rows that an operator computes, null before the first: CURRENT_WATERMARK. */
  readonly watermarkMs?: () => number | null;
  /** Rows whose changes leave as one where a key's rows meet; 1 without mini-batch: each row's own. */
  readonly miniBatchRows: number;
  /** How long such changes may wait while more rows are at hand. */
  readonly miniBatchMs: number;
  /** Keys not written for this long are forgotten; null for never. */
  readonly stateTtlMs: number | null;
  /** Functions of the user's, by id. */
  readonly functions: UserFunctions;
}

/** Finds a function of the user's by its id. */
export type UserFunctions = (id: string) => ScalarFunction | undefined;

/** More than any batch holds. */
const MINI_BATCH_ROWS = 50_000;

/** The session of a plan's options. `seed` tells the random numbers of one session from another's. */
export function sessionOf(
  options: Readonly<Record<string, string>>,
  nowMs: () => number,
  seed = `${nowMs()}`,
  functions: UserFunctions = () => undefined,
): SessionContext {
  const isMiniBatch = options['table.exec.mini-batch.enabled']?.toLowerCase() === 'true';
  const ttlMs = durationMs(options['table.exec.state.ttl'] ?? '0');
  const base = {
    nowMs,
    random: randomOf(seed),
    miniBatchRows: isMiniBatch ? Number(options['table.exec.mini-batch.size'] ?? MINI_BATCH_ROWS) : 1,
    miniBatchMs: durationMs(options['table.exec.mini-batch.allow-latency'] ?? '0'),
    stateTtlMs: ttlMs === 0 ? null : ttlMs,
    functions,
  };
  const name = options['table.local-time-zone'];
  if (name === undefined || name === 'default') return { ...base, zone: UTC };
  const zone = zoneOf(name);
  if (zone === undefined) {
    throw new MillraceError('CONFIG_INVALID', `table.local-time-zone: ${name} is no time zone.`);
  }
  return { ...base, zone };
}

type Parsed = { readonly millis: number; readonly nanos: number } | null;

function wholeDecimal(unscaled: bigint, scale: number, up: boolean): bigint {
  const unit = powerOfTen(scale);
  const quotient = unscaled / unit;
  if (quotient * unit === unscaled) return quotient;
  return unscaled < 0n === up ? quotient : quotient + (up ? 1n : -1n);
}

function roundInteger(value: bigint, digits: number, cut: boolean): bigint {
  if (digits >= 0) return value;
  const unit = powerOfTen(-digits);
  return (cut ? value / unit : divideHalfUp(value, unit)) * unit;
}

function roundDecimal(unscaled: bigint, scale: number, digits: number, to: number, cut: boolean): bigint {
  if (digits >= scale) return rescale(unscaled, scale, to);
  const unit = powerOfTen(scale - digits);
  return rescale((cut ? unscaled / unit : divideHalfUp(unscaled, unit)) * unit, scale, to);
}

function truncateDouble(value: number, digits: number): number {
  const unscaled = parseDecimal(String(Math.abs(value)), 76, Math.max(0, digits));
  if (unscaled === null || !Number.isFinite(value)) return value;
  const rounded = decimalToNumber(unscaled, Math.max(0, digits));
  const size = rounded > Math.abs(value) ? rounded - 10 ** -digits : rounded;
  return (
    Math.sign(value) *
    numbers.roundDouble(digits < 0 ? Math.trunc(size * 10 ** digits) / 10 ** digits : size, digits)
  );
}

function compareBinary(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

function extractInterval(unit: string, amount: number, months: boolean): number {
  if (months) return unit === 'YEAR' ? Math.trunc(amount / 12) : amount % 12;
  const size = calendar.UNIT_MS[unit] ?? 1;
  const whole = Math.trunc(amount / size);
  const wrap: Record<string, number> = { HOUR: 24, MINUTE: 60, SECOND: 60, MILLISECOND: 60_000 };
  return wrap[unit] === undefined ? whole : whole % wrap[unit];
}

function printDayTime(ms: bigint): string {
  const size = ms < 0n ? -ms : ms;
  const time = printTime(Number(size % 86_400_000n), 3);
  return `${ms < 0n ? '-' : '+'}${size / 86_400_000n} ${time}`;
}

function printYearMonth(months: number): string {
  const size = Math.abs(months);
  return `${months < 0 ? '-' : '+'}${Math.floor(size / 12)}-${String(size % 12).padStart(2, '0')}`;
}

/** Functions that depend on nothing but their arguments. */
const PURE = {
  ...calendar,
  ...bytes,
  noBytes: new Uint8Array(0),
  part: { from: 0, length: 0 },
  fits,
  likeOf,
  regexpOf,
  regexpTest,
  replaceMatches,
  scratch: () => new Scratch(),
  similarOf,
  ...collections,
  ...nested,
  ...encoding,
  ...exact,
  ...json,
  jsonPath,
  jsonText,
  objectText,
  ...numbers,
  ...text,
  bigOf,
  compareBinary,
  compareUtf8,
  convertTz,
  millisOfPrecision,
  decimalToNumber,
  decode: decodeUtf8,
  divideDecimal,
  encode: encodeUtf8,
  equalBytes,
  javaRandom,
  nextDouble,
  nextInt,
  parseUrl,
  parseUrlKey,
  uuidOf,
  view: (data: Uint8Array, from: number, length: number) => data.subarray(from, from + length),
  extractInterval,
  fitDecimal,
  datePattern,
  formatDate,
  simplePattern,
  limbs: decimalFromLimbs,
  parseByPattern,
  parseDate,
  parseDecimal,
  parseTime,
  parseTimestamp,
  printDate,
  printDayTime,
  printDecimal,
  printTime,
  printTimestamp,
  printYearMonth,
  rescale,
  timeOfDay,
  roundDecimal,
  roundInteger,
  truncateDouble,
  copyCell,
  putBytes,
  putNull,
  putText,
  putValue,
  rowValue,
  wholeDecimal,
  slice: (data: Uint8Array, from: number, length: number) => data.slice(from, from + length),
  fail: (error: () => MillraceError): never => {
    throw error();
  },
  failText: (error: (text: string) => MillraceError, text: string): never => {
    throw error(text);
  },
  /** A date alone is no point in time here. */
  withTime: (value: string, parsed: Parsed) => (value.includes(':') ? parsed : null),
  millisOf: (parsed: Parsed) => parsed?.millis ?? null,
  daysOfMillis: (millis: number | null) => (millis === null ? null : Math.floor(millis / calendar.DAY_MS)),
  parseLong: numbers.parseInteger,
  parseInt32: (value: string, min: bigint, max: bigint) => {
    const parsed = numbers.parseInteger(value, min, max);
    return parsed === null ? null : Number(parsed);
  },
  parseFloat32: (value: string) => {
    const parsed = numbers.parseDouble(value);
    return parsed === null ? null : Math.fround(parsed);
  },
};

const noWatermark = () => null;

/** The functions that generated code calls as `rt.…`. */
export function makeRuntime({ zone, nowMs, random, functions, watermarkMs = noWatermark }: SessionContext) {
  const instant = (localMs: number): number => (zone === UTC ? localMs : toInstant(zone, localMs));
  return {
    ...PURE,
    userFunction: (call: UserCall) => userFunctionOf(call, functions(call.id)),
    now: nowMs,
    random,
    watermarkMs,
    toLocal: (instantMs: number) => (zone === UTC ? instantMs : instantMs + zone.offsetAt(instantMs)),
    toInstant: instant,
    roundInstant: (round: (ms: number, unit: string) => number, instantMs: number, unit: string) => {
      const offset = zone === UTC ? 0 : zone.offsetAt(instantMs);
      return round(instantMs + offset, unit) - offset;
    },
    instantOf: (parsed: Parsed) => (parsed === null ? null : instant(parsed.millis)),
    unixSeconds: (parsed: Parsed) =>
      parsed === null ? -(1n << 63n) : BigInt(Math.floor(instant(parsed.millis) / 1000)),
    reformat: (value: string, pattern: string) => {
      const parsed = /:/.test(value) ? parseTimestamp(value) : null;
      return parsed === null ? null : formatDate(parsed.millis, parsed.nanos, pattern);
    },
  };
}
