import { createMemory, PAGE_BYTES, type WasmMemory } from '../../../core/wasm/machine.ts';

/**
 * The memory that kernels work in, one a thread: they are called one after the other, each copies in what it
 * reads and copies out what it made before it returns, so that nothing here outlives a call.
 */

/** Records of one call: their bytes and columns stay in the processor's nearer caches. */
export const CHUNK_ROWS = 512;
/** Behind the input, so that scans end and loads of whole words stay inside. */
export const PADDING_BYTES = 96;

/** A byte for each column and object: whether the call met a null there. */
export const FLAGS = 0;
export const FLAGS_MAX = 1024;
/** 10^0 … 10^22 as floating point numbers, 10^0 … 10^18 as integers. */
export const POWERS = FLAGS + FLAGS_MAX;
export const WHOLE_POWERS = POWERS + 23 * 8;
/** Where each record begins and ends. */
export const STARTS = WHOLE_POWERS + 19 * 8;
export const ENDS = STARTS + CHUNK_ROWS * 4;
/** The columns, then the input. */
export const COLUMNS = (ENDS + CHUNK_ROWS * 4 + 15) & ~15;

/** Views of the memory as it is now. */
export interface KernelMemory {
  readonly memory: WasmMemory;
  u8: Uint8Array;
  i32: Int32Array;
  f64: Float64Array;
}

let shared: KernelMemory | undefined;

/** The thread's memory, with at least so many bytes. */
export function kernelMemory(bytes: number): KernelMemory {
  shared ??= open();
  const missing = bytes - shared.u8.length;
  if (missing > 0) {
    shared.memory.grow(Math.ceil(missing / PAGE_BYTES));
    view(shared);
  }
  return shared;
}

function open(): KernelMemory {
  const memory = createMemory(1 << 20);
  const made = { memory, u8: new Uint8Array(0), i32: new Int32Array(0), f64: new Float64Array(0) };
  view(made);
  for (let n = 0; n < 23; n++) made.f64[POWERS / 8 + n] = 10 ** n;
  const whole = new BigInt64Array(memory.buffer);
  for (let n = 0; n < 19; n++) whole[WHOLE_POWERS / 8 + n] = 10n ** BigInt(n);
  return made;
}

function view(of: KernelMemory): void {
  of.u8 = new Uint8Array(of.memory.buffer);
  of.i32 = new Int32Array(of.memory.buffer);
  of.f64 = new Float64Array(of.memory.buffer);
}
