import type { DataType } from '../../../core/types.ts';
import {
  br,
  br_if,
  type Code,
  call,
  f64_add,
  f64_convert_i32_s,
  f64_convert_i64_s,
  f64_div,
  f64_fround,
  f64_load,
  f64_ne,
  f64_neg,
  f64_store,
  get,
  global_get,
  global_set,
  i32,
  i32_add,
  i32_and,
  i32_div_u,
  i32_eq,
  i32_eqz,
  i32_gt_u,
  i32_load,
  i32_load16_u,
  i32_lt_u,
  i32_mul,
  i32_or,
  i32_shl,
  i32_store,
  i32_store8,
  i32_sub,
  i32_wrap_i64,
  i64,
  i64_add,
  i64_and,
  i64_extend_i32_u,
  i64_ge_s,
  i64_gt_s,
  i64_load,
  i64_lt_s,
  i64_mul,
  i64_ne,
  i64_shr_u,
  i64_store,
  set,
  when,
} from '../../../core/wasm/code.ts';
import type { TimestampStandard } from '../../text/timestamp.ts';
import { NULL_WORD } from '../snippets.ts';
import { POWERS, WHOLE_POWERS } from './memory.ts';
import type { ColumnPlace } from './places.ts';
import {
  BEFORE,
  BEHIND,
  byteAt,
  countDigits,
  DAY_MS,
  DIGITS,
  DIGITS_MAX,
  FROM,
  type Guess,
  I,
  I4,
  I8,
  MASK,
  MINUS,
  missUnless,
  noLeadingZero,
  P,
  pass,
  passNumber,
  QUOTED,
  REAL,
  takeDigits,
  text,
  VALUE,
  WHOLE,
  WORD,
  withSign,
} from './scan-code.ts';

/** The first of a timestamp column's three variables: the day's first eight bytes, its last two, its time. */
type DayVariables = number;

/**
 * The code that reads a value of a type at P into record I of a column, P behind it; undefined for types
 * that are left to the general code. Values in another notation than the usual one are a `miss`.
 */
export function valueCode(
  place: ColumnPlace,
  type: DataType,
  standard: TimestampStandard,
  day: DayVariables,
  guess: Guess,
): Code | undefined {
  const whole = (low: bigint, high: bigint): Code => [
    br_if('miss', i32_or(i64_lt_s(get(VALUE), i64(low)), i64_gt_s(get(VALUE), i64(high)))),
    i32_store(get(I4), i32_wrap_i64(get(VALUE)), place.values),
  ];
  const none = nullCode(place, type);
  switch (type.kind) {
    case 'BOOLEAN':
      return boolean(place, none);
    case 'TINYINT':
      return integer(whole(-128n, 127n), none, guess);
    case 'SMALLINT':
      return integer(whole(-32768n, 32767n), none, guess);
    case 'INT':
      return integer(whole(-2147483648n, 2147483647n), none, guess);
    case 'BIGINT':
      return integer(i64_store(get(I8), get(VALUE), place.values), none, guess);
    case 'FLOAT':
    case 'DOUBLE':
      return real(place, type.kind === 'FLOAT', none, guess);
    case 'DECIMAL':
      return type.precision <= 18 ? decimal(place, type.precision, type.scale, none, guess) : undefined;
    case 'CHAR':
    case 'VARCHAR':
      return when(i32_eq(byteAt(), i32(34)), [pass(1), text, keepText(place), pass(1)], none);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return timestamp(place, type.kind === 'TIMESTAMP_LTZ', type.precision > 3, standard, day, none, guess);
    default:
      return undefined;
  }
}

/** `null` at P, or a miss. */
function nullCode(place: ColumnPlace, type: DataType): Code {
  if (!type.nullable) return br('miss');
  return [missUnless(isNull), i32_store8(i32(place.flag), i32(1)), storeNull(place), pass(4)];
}

export const isNull: Code = i32_eq(i32_load(get(P)), i32(NULL_WORD));

/** Record I of the column is null; the flag is for the caller. A null text is empty, too. */
export function storeNull({ nulls, second, builder }: ColumnPlace): Code {
  const length = builder.physical === 'bytes' ? i32_store(get(I4), i32(0), second) : [];
  return [i32_store8(get(I), i32(1), nulls), length];
}

function keepText({ values, second }: ColumnPlace): Code {
  return [i32_store(get(I4), get(FROM), values), i32_store(get(I4), i32_sub(get(P), get(FROM)), second)];
}

function boolean(place: ColumnPlace, none: Code): Code {
  const store = (value: number) => i32_store8(get(I), i32(value), place.values);
  const word = i32_load(get(P));
  return when(
    i32_eq(word, i32(0x65757274)),
    [store(1), pass(4)],
    when(i32_and(i32_eq(word, i32(0x736c6166)), i32_eq(byteAt(4), i32(101))), [store(0), pass(5)], none),
  );
}

/** 10 to the power of a small number. */
const wholePower = (exponent: Code): Code => i64_load(i32_shl(exponent, i32(3)), WHOLE_POWERS);

const takeSign: Code = [
  set(MINUS, i32_eq(byteAt(), i32(45))),
  set(P, i32_add(get(P), get(MINUS))),
  countDigits,
];

/** Behind `takeSign`: there were digits, or nothing but perhaps `null`. */
const digitsOr = (some: Code, none: Code, guess: Guess): Code =>
  when(get(DIGITS), [noLeadingZero, takeDigits(guess), some], [br_if('miss', get(MINUS)), none]);

/** What follows a number is compared by the code behind it: a point or an exponent is a miss there. */
const integer = (store: Code, none: Code, guess: Guess): Code => [
  takeSign,
  digitsOr([withSign, store], none, guess),
];

/** Digits a floating point number holds exactly. */
const EXACT_DIGITS = 15;

/** Behind the digits before the point: those behind it go on in VALUE; BEHIND = how many these are. */
const fraction = (guess: Guess): Code => [
  set(BEHIND, i32(0)),
  when(i32_eq(byteAt(), i32(46)), [
    set(BEFORE, get(DIGITS)),
    set(WHOLE, get(VALUE)),
    pass(1),
    countDigits,
    br_if('miss', i32_eqz(get(DIGITS))),
    takeDigits(guess),
    set(BEHIND, get(DIGITS)),
    set(DIGITS, i32_add(get(DIGITS), get(BEFORE))),
    br_if('miss', i32_gt_u(get(DIGITS), i32(DIGITS_MAX))),
    set(VALUE, i64_add(get(VALUE), i64_mul(get(WHOLE), wholePower(get(BEHIND))))),
  ]),
];

function real(place: ColumnPlace, isSingle: boolean, none: Code, guess: Guess): Code {
  const exact = f64_div(f64_convert_i64_s(get(VALUE)), f64_load(i32_shl(get(BEHIND), i32(3)), POWERS));
  const some = [
    fraction(guess),
    br_if('miss', i32_gt_u(get(DIGITS), i32(EXACT_DIGITS))),
    set(REAL, isSingle ? f64_fround(exact) : exact),
    when(get(MINUS), set(REAL, f64_neg(get(REAL)))),
    f64_store(get(I8), get(REAL), place.values),
  ];
  return [takeSign, digitsOr(some, none, guess)];
}

/** Decimals may stand in quotes. Digits before the point and the scale together fit 64 bits. */
function decimal(place: ColumnPlace, precision: number, scale: number, none: Code, guess: Guess): Code {
  const limit = i64(10n ** BigInt(precision));
  const some = [
    set(BEFORE, get(DIGITS)),
    fraction(guess),
    br_if('miss', i32_gt_u(get(BEFORE), i32(DIGITS_MAX - scale))),
    br_if('miss', i32_gt_u(get(BEHIND), i32(scale))),
    set(VALUE, i64_mul(get(VALUE), wholePower(i32_sub(i32(scale), get(BEHIND))))),
    br_if('miss', i64_ge_s(get(VALUE), limit)),
    withSign,
    i64_store(get(I8), get(VALUE), place.values),
    when(get(QUOTED), [missUnless(i32_eq(byteAt(), i32(34))), pass(1)]),
  ];
  return [
    set(QUOTED, i32_eq(byteAt(), i32(34))),
    set(P, i32_add(get(P), get(QUOTED))),
    takeSign,
    digitsOr(some, [br_if('miss', get(QUOTED)), none], guess),
  ];
}

const bytesOf = (...bytes: number[]): bigint =>
  bytes.reduceRight((word, byte) => (word << 8n) | BigInt(byte), 0n);
/** Digits and colons of `HH:mm:ss` by their high halves; the digits' low halves. */
const CLOCK_MASK = bytesOf(0xf0, 0xf0, 0xff, 0xf0, 0xf0, 0xff, 0xf0, 0xf0);
const CLOCK_MARKS = bytesOf(0x30, 0x30, 0x3a, 0x30, 0x30, 0x3a, 0x30, 0x30);
const CLOCK_DIGITS = bytesOf(0x0f, 0x0f, 0, 0x0f, 0x0f, 0, 0x0f, 0x0f);
const ABOVE_NINE = bytesOf(6, 6, 0, 6, 6, 0, 6, 6);
const CARRIES = bytesOf(0x10, 0x10, 0, 0x10, 0x10, 0, 0x10, 0x10);

/**
 * `"yyyy-MM-dd HH:mm:ss[.f]"`: the day is worked out again, outside, only when its ten bytes change; hours,
 * minutes and seconds are checked as one word.
 */
function timestamp(
  place: ColumnPlace,
  isZoned: boolean,
  hasNanos: boolean,
  standard: TimestampStandard,
  day: DayVariables,
  none: Code,
  guess: Guess,
): Code {
  const [head, tail, ms] = [day, day + 1, day + 2];
  const lastBytes = i64_extend_i32_u(i32_load16_u(get(P), 8));
  const newDay = [
    set(REAL, call(DAY_MS, get(P))),
    br_if('miss', f64_ne(get(REAL), get(REAL))),
    global_set(head, i64_load(get(P))),
    global_set(tail, lastBytes),
    global_set(ms, get(REAL)),
  ];
  const isOtherDay = i32_or(i64_ne(i64_load(get(P)), global_get(head)), i64_ne(lastBytes, global_get(tail)));
  const millis = i32_add(get(MASK), i32_div_u(get(BEHIND), i32(1_000_000)));
  const nanos = i32_sub(get(BEHIND), i32_mul(i32_div_u(get(BEHIND), i32(1_000_000)), i32(1_000_000)));
  const some = [
    pass(1),
    when(isOtherDay, newDay),
    missUnless(i32_eq(byteAt(10), i32(standard === 'SQL' ? 32 : 84))),
    set(WORD, i64_load(get(P), 11)),
    br_if('miss', i64_ne(i64_and(get(WORD), i64(CLOCK_MASK)), i64(CLOCK_MARKS))),
    set(WORD, i64_and(get(WORD), i64(CLOCK_DIGITS))),
    br_if('miss', i64_ne(i64_and(i64_add(get(WORD), i64(ABOVE_NINE)), i64(CARRIES)), i64(0n))),
    // Each pair of digits as a number in the lower of their bytes.
    set(WORD, i64_add(i64_mul(get(WORD), i64(10n)), i64_shr_u(get(WORD), i64(8n)))),
    clock,
    pass(19),
    secondsFraction(guess),
    ...(isZoned ? [missUnless(i32_eq(byteAt(), i32(90))), pass(1)] : []),
    missUnless(i32_eq(byteAt(), i32(34))),
    pass(1),
    f64_store(get(I8), f64_add(global_get(ms), f64_convert_i32_s(millis)), place.values),
    ...(hasNanos ? [i32_store(get(I4), nanos, place.second)] : []),
  ];
  return when(i32_eq(byteAt(), i32(34)), some, none);
}

/** MASK = milliseconds of the day, of the hours, minutes and seconds in WORD. */
const clock: Code = (() => {
  const part = (shift: bigint) => i32_and(i32_wrap_i64(i64_shr_u(get(WORD), i64(shift))), i32(0xff));
  const isOver = i32_or(
    i32_gt_u(part(0n), i32(23)),
    i32_or(i32_gt_u(part(24n), i32(59)), i32_gt_u(part(48n), i32(59))),
  );
  const minutes = i32_add(i32_mul(part(0n), i32(60)), part(24n));
  const seconds = i32_add(i32_mul(minutes, i32(60)), part(48n));
  return [br_if('miss', isOver), set(MASK, i32_mul(seconds, i32(1000)))];
})();

/** BEHIND = nanoseconds: nothing, or a point and up to nine digits. MASK is kept. */
const secondsFraction = (guess: Guess): Code => [
  set(BEHIND, i32(0)),
  when(i32_eq(byteAt(), i32(46)), [
    pass(1),
    countDigits,
    when(get(DIGITS), [
      set(BEFORE, get(MASK)),
      takeDigits(guess),
      set(MASK, get(BEFORE)),
      br_if('miss', i32_gt_u(get(DIGITS), i32(9))),
      set(BEHIND, i32_wrap_i64(i64_mul(get(VALUE), wholePower(i32_sub(i32(9), get(DIGITS)))))),
    ]),
  ]),
];

/** `true` or `null`, or `false`. */
const passWord: Code = when(i32_or(isNull, i32_eq(i32_load(get(P)), i32(0x65757274))), pass(4), [
  missUnless(i32_and(i32_eq(i32_load(get(P)), i32(0x736c6166)), i32_eq(byteAt(4), i32(101)))),
  pass(5),
]);

/** Passes a value nobody asked for; objects and lists are a miss. Digits and the minus lie below letters. */
export const skipCode = (guess: Guess): Code =>
  when(
    i32_eq(byteAt(), i32(34)),
    [pass(1), text, pass(1)],
    when(i32_lt_u(byteAt(), i32(64)), passNumber(guess), passWord),
  );
