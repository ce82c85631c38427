import {
  block,
  br,
  br_if,
  bytes16,
  type Code,
  call,
  F64,
  get,
  I32,
  I64,
  i8x16_bitmask,
  i8x16_eq,
  i8x16_lt_s,
  i8x16_lt_u,
  i32,
  i32_add,
  i32_and,
  i32_ctz,
  i32_eq,
  i32_eqz,
  i32_ge_s,
  i32_gt_u,
  i32_load,
  i32_load8_u,
  i32_load16_u,
  i32_lt_u,
  i32_ne,
  i32_shl,
  i32_shr_u,
  i32_sub,
  i32_wrap_i64,
  i32_xor,
  i64,
  i64_add,
  i64_and,
  i64_ctz,
  i64_eqz,
  i64_extend_i32_u,
  i64_load,
  i64_mul,
  i64_ne,
  i64_or,
  i64_shl,
  i64_shr_u,
  i64_sub,
  i64_xor,
  loop,
  set,
  tee,
  V128,
  v128_load,
  v128_or,
  v128_xor,
  when,
} from '../../../core/wasm/code.ts';

/**
 * Pieces of the kernel's code. A branch to `miss` leaves the record to the general code. What is read at the
 * position `P` may lie behind the record's end: the bytes there end every scan, and the record is only
 * taken when it ends where it should.
 */

/** The call's parameters: records from the first to before the last; what is added to where they lie. */
export const I = 0;
export const TO = 1;
export const BASE = 2;
/** Locals. */
export const P = 3;
export const END = 4;
/** Where a text began. */
export const FROM = 5;
export const MASK = 6;
/** How many digits; of a fraction, how many behind the point. */
export const DIGITS = 7;
export const BEHIND = 8;
/** 1 for a minus, a quote. */
export const MINUS = 9;
export const QUOTED = 10;
/** Four and eight times the record's index. */
export const I4 = 11;
export const I8 = 12;
/** Digits before the point. */
export const BEFORE = 13;
export const WORD = 14;
export const VALUE = 15;
/** The number before the point. */
export const WHOLE = 16;
export const BYTES = 17;
export const REAL = 18;
export const LOCALS: readonly number[] = [
  ...new Array<number>(BEFORE - BASE).fill(I32),
  ...[I64, I64, I64, V128, F64],
];

/** Functions from outside: whether bytes are well-formed UTF-8, and the milliseconds of a day. */
export const IS_UTF8 = 0;
export const DAY_MS = 1;

export const byteAt = (offset = 0): Code => i32_load8_u(get(P), offset);
export const pass = (count: number): Code => (count === 0 ? [] : set(P, i32_add(get(P), i32(count))));
export const missUnless = (condition: Code): Code => br_if('miss', i32_eqz(condition));

/** The bytes at P are exactly these; P moves behind them. */
export function literal(bytes: Uint8Array): Code {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { length } = bytes;
  const long = (at: number): Code => i64_xor(i64_load(get(P), at), i64(view.getBigInt64(at, true)));
  const differences: Code[] = [];
  let at = 0;
  for (; at + 8 <= length; at += 8) differences.push(long(at));
  if (at < length && length >= 8) differences.push(long(length - 8));
  else if (at < length) differences.push(...short(view));
  const all = differences.reduce((a, b) => i64_or(a, b));
  return [br_if('miss', i64_ne(all, i64(0n))), pass(length)];
}

/** Fewer than eight bytes: words of four, two and one, overlapping where that saves one. */
function short(view: DataView): Code[] {
  const { byteLength: length } = view;
  const word = (at: number) => i64_extend_i32_u(i32_xor(i32_load(get(P), at), i32(view.getInt32(at, true))));
  const half = (at: number) =>
    i64_extend_i32_u(i32_xor(i32_load16_u(get(P), at), i32(view.getUint16(at, true))));
  const byte = (at: number) => i64_extend_i32_u(i32_xor(byteAt(at), i32(view.getUint8(at))));
  if (length >= 4) return length === 4 ? [word(0)] : [word(0), word(length - 4)];
  if (length >= 2) return length === 2 ? [half(0)] : [half(0), byte(2)];
  return [byte(0)];
}

/**
 * Which of the sixteen bytes at P may not stand in a text as it is, or are not ASCII: after `xor 2` the quote
 * is, beside the control bytes and those that are negative, the only one below 0x21.
 */
const endsAt = (offset: number): Code => [
  set(BYTES, v128_load(get(P), offset)),
  i8x16_bitmask(
    v128_or(i8x16_lt_s(v128_xor(get(BYTES), bytes16(2)), bytes16(0x21)), i8x16_eq(get(BYTES), bytes16(0x5c))),
  ),
];

/** Bytes looked at in one step of a longer text: most end within the first such step, without a guess. */
const STEP = 64;

const stepEnds: Code = [16, 32, 48].reduce<Code>(
  (ends, at) => i64_or(ends, i64_shl(i64_extend_i32_u(endsAt(at)), i64(BigInt(at)))),
  i64_extend_i32_u(endsAt(0)),
);

/** P goes on to the next byte that may not stand in a text, or is not ASCII. */
const plainText: Code = block(
  'plain',
  block(
    'long',
    br_if('long', i32_eqz(tee(MASK, endsAt(0)))),
    set(P, i32_add(get(P), i32_ctz(get(MASK)))),
    br('plain'),
  ),
  pass(16),
  loop('further', when(i64_eqz(tee(WORD, stepEnds)), [pass(STEP), br('further')])),
  set(P, i32_add(get(P), i32_wrap_i64(i64_ctz(get(WORD))))),
);

/** The same where a byte that is not ASCII was met: what the text has of these is checked at its end. */
const anyText: Code = [
  loop(
    'other',
    set(BYTES, v128_load(get(P))),
    set(
      MASK,
      i8x16_bitmask(
        v128_or(
          i8x16_lt_u(v128_xor(get(BYTES), bytes16(2)), bytes16(0x21)),
          i8x16_eq(get(BYTES), bytes16(0x5c)),
        ),
      ),
    ),
    when(i32_eqz(get(MASK)), [pass(16), br('other')]),
  ),
  set(P, i32_add(get(P), i32_ctz(get(MASK)))),
  br_if('miss', i32_ne(byteAt(), i32(34))),
  missUnless(call(IS_UTF8, get(FROM), get(P))),
];

/**
 * From P behind an opening quote to its closing one; FROM is where the text began. Escapes, control bytes and
 * what is not UTF-8 are left to the general code.
 */
export const text: Code = [
  set(FROM, get(P)),
  plainText,
  when(i32_ne(byteAt(), i32(34)), [br_if('miss', i32_lt_u(byteAt(), i32(0x80))), anyText]),
];

const every = (byte: number): bigint => BigInt(`0x${byte.toString(16).padStart(2, '0').repeat(8)}`);

/** The number that eight digits make, the first in the lowest byte; three steps of pairs. */
const eightDigits = (digits: Code): Code => {
  const pairs = i64_shr_u(i64_mul(digits, i64(2561n)), i64(8n));
  const fours = i64_shr_u(i64_mul(i64_and(pairs, i64(0x00ff00ff00ff00ffn)), i64(6553601n)), i64(16n));
  return i64_shr_u(i64_mul(i64_and(fours, i64(0x0000ffff0000ffffn)), i64(42949672960001n)), i64(32n));
};

/** WORD = the eight bytes at P without their zeros; DIGITS = how many of them are digits. */
export const countDigits: Code = [
  set(WORD, i64_xor(i64_load(get(P)), i64(every(0x30)))),
  set(
    DIGITS,
    i32_shr_u(
      i32_wrap_i64(
        i64_ctz(i64_and(i64_or(get(WORD), i64_add(get(WORD), i64(every(0x06)))), i64(every(0xf0)))),
      ),
      i32(3),
    ),
  ),
];

/** Up to how many digits a number of 64 bits holds whatever they are. */
export const DIGITS_MAX = 18;

/** Two variables of a place in the layout: how long its number was last, how often another length came. */
export type Guess = number;
export const GUESS_LOCALS = 2;
/** Other lengths in a call until a place is taken to have any length. */
const OTHERS_MAX = 16;

/**
 * P goes on by DIGITS. Where a place has mostly numbers of one length, that length is guessed, so that the
 * processor goes on with what is behind the number before it has counted the digits.
 */
const passGuessed = (guess: Guess): Code => {
  const [last, others] = [guess, guess + 1];
  const byCount = set(P, i32_add(get(P), get(DIGITS)));
  return when(
    i32_lt_u(get(others), i32(OTHERS_MAX)),
    when(i32_eq(get(DIGITS), get(last)), set(P, i32_add(get(P), get(last))), [
      byCount,
      set(last, get(DIGITS)),
      set(others, i32_add(get(others), i32(1))),
    ]),
    byCount,
  );
};

/**
 * VALUE = the number that the digits at P make, behind `countDigits` when there is at least one; P behind
 * them. More than eight go on one by one.
 */
export const takeDigits = (guess: Guess): Code =>
  when(
    i32_lt_u(get(DIGITS), i32(8)),
    [
      set(
        VALUE,
        eightDigits(i64_shl(get(WORD), i64_extend_i32_u(i32_sub(i32(64), i32_shl(get(DIGITS), i32(3)))))),
      ),
      passGuessed(guess),
    ],
    [
      set(VALUE, eightDigits(get(WORD))),
      pass(8),
      block(
        'last',
        loop(
          'more',
          br_if('last', i32_gt_u(tee(MASK, i32_sub(byteAt(), i32(48))), i32(9))),
          br_if('miss', i32_ge_s(get(DIGITS), i32(DIGITS_MAX))),
          set(VALUE, i64_add(i64_mul(get(VALUE), i64(10n)), i64_extend_i32_u(get(MASK)))),
          set(DIGITS, i32_add(get(DIGITS), i32(1))),
          pass(1),
          br('more'),
        ),
      ),
    ],
  );

/** Passes the digits at P, behind `countDigits` when there is at least one. */
const passDigits = (guess: Guess): Code =>
  when(i32_lt_u(get(DIGITS), i32(8)), passGuessed(guess), [
    pass(8),
    loop('more', when(i32_lt_u(i32_sub(byteAt(), i32(48)), i32(10)), [pass(1), br('more')])),
  ]);

/** JSON's numbers have no leading zeros; behind `countDigits`. */
export const noLeadingZero: Code = br_if(
  'miss',
  i32_and(i64_eqz(i64_and(get(WORD), i64(0xffn))), i32_gt_u(get(DIGITS), i32(1))),
);

/** Passes a number of the usual notation. */
export const passNumber = (guess: Guess): Code => [
  set(P, i32_add(get(P), i32_eq(byteAt(), i32(45)))),
  countDigits,
  br_if('miss', i32_eqz(get(DIGITS))),
  noLeadingZero,
  passDigits(guess),
  when(i32_eq(byteAt(), i32(46)), [
    pass(1),
    countDigits,
    br_if('miss', i32_eqz(get(DIGITS))),
    passDigits(guess),
  ]),
];

/** VALUE with its sign. */
export const withSign: Code = (() => {
  const minus = i64_extend_i32_u(get(MINUS));
  return set(VALUE, i64_add(i64_xor(get(VALUE), i64_sub(i64(0n), minus)), minus));
})();
