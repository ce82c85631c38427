import { createMemory, PAGE_BYTES, type WasmMemory } from '../../../core/wasm/machine.ts';
import type { ArenaMemory } from '../../arena.ts';

/**
 * The memory that a reader's kernels work in: tables, the columns of a call, which are copied out before it
 * returns, and behind them the reader's arena, so that records are read where they lie.
 */

/** Records of one call: so many that what a call costs is little, so few that their columns stay near. */
export const CHUNK_ROWS = 1024;
/** A byte for each column and object: whether the call met a null there. */
export const FLAGS = 0;
export const FLAGS_MAX = 1024;
/** 10^0 … 10^22 as floating point numbers, 10^0 … 10^18 as integers. */
export const POWERS = FLAGS + FLAGS_MAX;
export const WHOLE_POWERS = POWERS + 23 * 8;
/** Where each record begins and ends. */
export const STARTS = WHOLE_POWERS + 19 * 8;
export const ENDS = STARTS + CHUNK_ROWS * 4;
/** The columns, then the arena. */
export const COLUMNS = (ENDS + CHUNK_ROWS * 4 + 15) & ~15;

/** A reader's memory, made when its arena first needs room. */
export class KernelMemory implements ArenaMemory {
  readonly begin: number;
  #memory: WasmMemory | undefined;
  /** Views of it as it is now. */
  u8 = new Uint8Array(0);
  i32 = new Int32Array(0);
  f64 = new Float64Array(0);

  constructor(begin: number) {
    this.begin = begin;
  }

  /** For kernels to import. */
  get wasm(): WasmMemory {
    if (this.#memory === undefined) this.withRoom(this.begin);
    return this.#memory!;
  }

  withRoom(bytes: number): ArrayBuffer {
    const missing = bytes - this.u8.length;
    if (this.#memory === undefined) this.#memory = createMemory(bytes);
    else if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
    const { buffer } = this.#memory;
    const isNew = this.u8.length === 0;
    this.u8 = new Uint8Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.f64 = new Float64Array(buffer);
    if (isNew) writeTables(buffer);
    return buffer;
  }
}

function writeTables(buffer: ArrayBuffer): void {
  const [real, whole] = [new Float64Array(buffer), new BigInt64Array(buffer)];
  for (let n = 0; n < 23; n++) real[POWERS / 8 + n] = 10 ** n;
  for (let n = 0; n < 19; n++) whole[WHOLE_POWERS / 8 + n] = 10n ** BigInt(n);
}
