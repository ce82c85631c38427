import { instantiate } from '../../../core/wasm/machine.ts';
import type { ByteArena } from '../../arena.ts';
import type { JsonOptions } from '../../options.ts';
import { dayMs, type Layout } from '../generate.ts';
import type { ObjectTree } from '../object-tree.ts';
import { isUtf8 } from '../scan.ts';
import { generateKernel } from './generate-kernel.ts';
import { kernelKey } from './kernel-key.ts';
import { CHUNK_ROWS, ENDS, type KernelMemory, STARTS } from './memory.ts';
import type { ColumnPlace, Places } from './places.ts';

type Run = (from: number, to: number, base: number) => number;

/** Calls before it is judged, and how many records one has to read to be worth what a call costs. */
const TRIAL_CALLS = 64;
const WORTH_ROWS = 24;

/** What a kernel is made for: its columns, and the memory that its records lie in, if they lie in any. */
export interface KernelReader {
  readonly tree: ObjectTree;
  readonly options: JsonOptions;
  readonly arena: ByteArena;
  readonly places: Places | undefined;
  readonly kernelMemory: KernelMemory | null;
}

/** The kernel for a learned layout, and the copying of the columns it makes. */
export class RunKernel {
  readonly #run: Run;
  readonly #memory: KernelMemory;
  readonly #places: Places;
  readonly #tree: ObjectTree;
  readonly #arena: ByteArena;
  #calls = 0;
  #rows = 0;

  private constructor({ tree, arena }: KernelReader, places: Places, memory: KernelMemory, run: Run) {
    this.#tree = tree;
    this.#arena = arena;
    this.#places = places;
    this.#memory = memory;
    this.#run = run;
  }

  /** Undefined where the layout or a type asks for the general code. */
  static for(reader: KernelReader, layout: Layout): RunKernel | undefined {
    const { tree, options, places, kernelMemory } = reader;
    if (places === undefined || kernelMemory === null) return undefined;
    const imports = {
      memory: kernelMemory.wasm,
      isUtf8: (from: number, to: number) => (isUtf8(kernelMemory.u8, from, to) ? 1 : 0),
      dayMs: (at: number) => dayMs(kernelMemory.u8, at),
    };
    const make = () => generateKernel(tree, places, options, layout);
    const run = instantiate<Run>(kernelKey(tree, options, layout), make, imports);
    return run && new RunKernel(reader, places, kernelMemory, run);
  }

  /** Records of other layouts come so often that copying costs more than it saves. */
  get isWorthIt(): boolean {
    return this.#calls < TRIAL_CALLS || this.#rows >= this.#calls * WORTH_ROWS;
  }

  /**
   * Reads records `from … to-1` of the last load into rows from `row` on; returns the index of the first
   * that is not of the layout.
   */
  read(starts: Int32Array, ends: Int32Array, from: number, to: number, row: number): number {
    let next = from;
    while (next < to) {
      const limit = Math.min(to, next + CHUNK_ROWS);
      const read = this.#chunk(starts, ends, next, limit, row + next - from);
      next += read;
      if (next < limit) break;
    }
    return next;
  }

  #chunk(starts: Int32Array, ends: Int32Array, from: number, to: number, row: number): number {
    const { i32 } = this.#memory;
    i32.set(starts.subarray(from, to), STARTS / 4);
    i32.set(ends.subarray(from, to), ENDS / 4);
    const count = this.#run(0, to - from, this.#arena.base);
    this.#calls++;
    this.#rows += count;
    if (count > 0) this.#keep(count, row);
    return count;
  }

  /** Copies the first `count` records into rows from `row` on. */
  #keep(count: number, row: number): void {
    const { u8 } = this.#memory;
    for (const place of this.#places.columns) {
      keepNulls(u8, place, count, row);
      this.#keepValues(place, count, row);
    }
    for (const { id, row: made } of this.#tree.nodes) {
      const place = this.#places.rows[id];
      if (made !== null && place !== undefined)
        keepNulls(u8, { ...place, builder: made.builder }, count, row);
    }
  }

  #keepValues({ builder, values, second }: ColumnPlace, count: number, row: number): void {
    const { u8, i32, f64 } = this.#memory;
    const ints = (at: number) => i32.subarray(at / 4, at / 4 + count);
    switch (builder.physical) {
      case 'bool':
        builder.bytes.set(u8.subarray(values, values + count), row);
        break;
      case 'i32':
        builder.ints.set(ints(values), row);
        break;
      case 'bytes':
        builder.offsets.set(ints(values), row);
        builder.lengths.set(ints(second), row);
        break;
      case 'f64':
      case 'timestamp':
        builder.floats.set(f64.subarray(values / 8, values / 8 + count), row);
        builder.nanos?.set(ints(second), row);
        break;
      default:
        builder.words.set(i32.subarray(values / 4, values / 4 + count * 2), row * 2);
    }
  }
}

/** Nulls of a column; where none was met, they are only cleared. */
function keepNulls(
  u8: Uint8Array,
  {
    builder,
    flag,
    nulls,
  }: { builder: { nulls: Uint8Array; hasNulls: boolean }; flag: number; nulls: number },
  count: number,
  row: number,
): void {
  if (u8[flag] === 0) builder.nulls.fill(0, row, row + count);
  else {
    builder.nulls.set(u8.subarray(nulls, nulls + count), row);
    builder.hasNulls = true;
  }
}
