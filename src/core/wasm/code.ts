/**
 * WebAssembly as nested lists of bytes: what a function does is put together from small pieces, and branches
 * name the block they leave, not its distance. Names of instructions are those of the text format, with an
 * underscore where it has a dot.
 */
export type Code = number | readonly Code[] | Scope | Branch;

/** `block`, `loop` or `if`, without a result. */
interface Scope {
  readonly opcode: 0x02 | 0x03 | 0x04;
  /** Null when no branch leaves it by name. */
  readonly label: string | null;
  readonly body: Code;
  readonly otherwise: Code | null;
}

/** A branch to the innermost scope of that name. */
interface Branch {
  readonly opcode: 0x0c | 0x0d;
  readonly to: string;
}

/** Value types. */
export const I32 = 0x7f;
export const I64 = 0x7e;
export const F64 = 0x7c;
export const V128 = 0x7b;

/** An unsigned number as LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
}

function signed(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    const isLast = (rest === 0n && (byte & 0x40) === 0) || (rest === -1n && (byte & 0x40) !== 0);
    bytes.push(isLast ? byte : byte | 0x80);
    if (isLast) return bytes;
  }
}

export const block = (label: string, ...body: Code[]): Code => ({
  opcode: 0x02,
  label,
  body,
  otherwise: null,
});
export const loop = (label: string, ...body: Code[]): Code => ({
  opcode: 0x03,
  label,
  body,
  otherwise: null,
});
/** Runs `body` when the condition is not zero. */
export const when = (condition: Code, body: Code, otherwise: Code | null = null): Code => [
  condition,
  { opcode: 0x04, label: null, body, otherwise },
];
export const br = (to: string): Code => ({ opcode: 0x0c, to });
export const br_if = (to: string, condition: Code): Code => [condition, { opcode: 0x0d, to }];

export const i32 = (value: number): Code => [0x41, ...signed(BigInt(value | 0))];
export const i64 = (value: bigint): Code => [0x42, ...signed(BigInt.asIntN(64, value))];
/** Sixteen times the same byte. */
export const bytes16 = (byte: number): Code => [0xfd, 0x0c, ...new Array<number>(16).fill(byte)];

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [value, 0x21, ...unsigned(local)];
export const tee = (local: number, value: Code): Code => [value, 0x22, ...unsigned(local)];
export const global_get = (index: number): Code => [0x23, ...unsigned(index)];
export const global_set = (index: number, value: Code): Code => [value, 0x24, ...unsigned(index)];
export const call = (index: number, ...parameters: Code[]): Code => [parameters, 0x10, ...unsigned(index)];
export const give = (value: Code): Code => [value, 0x0f];

const loading =
  (...opcode: number[]) =>
  (address: Code, offset = 0): Code => [address, opcode, 0, unsigned(offset)];
const storing =
  (opcode: number) =>
  (address: Code, value: Code, offset = 0): Code => [address, value, opcode, 0, unsigned(offset)];
const one =
  (...opcode: number[]) =>
  (value: Code): Code => [value, opcode];
const two =
  (...opcode: number[]) =>
  (a: Code, b: Code): Code => [a, b, opcode];

export const i32_load = loading(0x28);
export const i64_load = loading(0x29);
export const f64_load = loading(0x2b);
export const i32_load8_u = loading(0x2d);
export const i32_load16_u = loading(0x2f);
export const v128_load = loading(0xfd, 0x00);
export const i32_store = storing(0x36);
export const i64_store = storing(0x37);
export const f64_store = storing(0x39);
export const i32_store8 = storing(0x3a);
/** From `at` so many zero bytes. */
export const clear = (at: Code, length: Code): Code => [at, i32(0), length, 0xfc, 0x0b, 0x00];

export const i32_eqz = one(0x45);
export const i32_eq = two(0x46);
export const i32_ne = two(0x47);
export const i32_lt_u = two(0x49);
export const i32_gt_u = two(0x4b);
export const i32_ge_s = two(0x4e);
export const i64_eqz = one(0x50);
export const i64_ne = two(0x52);
export const i64_lt_s = two(0x53);
export const i64_gt_s = two(0x55);
export const i64_ge_s = two(0x59);
export const f64_ne = two(0x62);

export const i32_ctz = one(0x68);
export const i32_add = two(0x6a);
export const i32_sub = two(0x6b);
export const i32_mul = two(0x6c);
export const i32_div_u = two(0x6e);
export const i32_and = two(0x71);
export const i32_or = two(0x72);
export const i32_xor = two(0x73);
export const i32_shl = two(0x74);
export const i32_shr_u = two(0x76);
export const i64_ctz = one(0x7a);
export const i64_add = two(0x7c);
export const i64_sub = two(0x7d);
export const i64_mul = two(0x7e);
export const i64_and = two(0x83);
export const i64_or = two(0x84);
export const i64_xor = two(0x85);
export const i64_shl = two(0x86);
export const i64_shr_u = two(0x88);
export const f64_neg = one(0x9a);
export const f64_add = two(0xa0);
export const f64_div = two(0xa3);
export const i32_wrap_i64 = one(0xa7);
export const i64_extend_i32_u = one(0xad);
export const f64_convert_i32_s = one(0xb7);
export const f64_convert_i64_s = one(0xb9);
/** The nearest number that fits 32 bits of floating point. */
export const f64_fround = one(0xb6, 0xbb);

export const i8x16_eq = two(0xfd, 0x23);
export const i8x16_lt_s = two(0xfd, 0x25);
export const i8x16_lt_u = two(0xfd, 0x26);
export const v128_or = two(0xfd, 0x50);
export const v128_xor = two(0xfd, 0x51);
/** The highest bit of each of the sixteen bytes. */
export const i8x16_bitmask = one(0xfd, 0x64);

/** The bytes of a piece of code, its branches resolved. */
export function flatten(code: Code): number[] {
  const bytes: number[] = [];
  const scopes: (string | null)[] = [];
  const put = (piece: Code): void => {
    if (typeof piece === 'number') bytes.push(piece);
    else if (isList(piece)) piece.forEach(put);
    else if ('to' in piece) {
      const depth = scopes.length - 1 - scopes.lastIndexOf(piece.to);
      if (depth >= scopes.length) throw new Error(`no block is called ${piece.to}`);
      bytes.push(piece.opcode, ...unsigned(depth));
    } else {
      bytes.push(piece.opcode, 0x40);
      scopes.push(piece.label);
      put(piece.body);
      if (piece.otherwise !== null) {
        bytes.push(0x05);
        put(piece.otherwise);
      }
      scopes.pop();
      bytes.push(0x0b);
    }
  };
  put(code);
  return bytes;
}

const isList = (piece: Code): piece is readonly Code[] => Array.isArray(piece);
