import {
  assert,
  type ColumnBuffer,
  physicalTypeOf,
  reserveBytes,
  reserveRows,
  type Schema,
} from '../core/mod.ts';
import type { BytesReader, BytesWriter } from './bytes.ts';
import { valuesOf } from './column-state.ts';

/** Fewer bytes are not worth a place of their own: they are copied each time, until there are more. */
const SEALED_BYTES_MIN = 1 << 20;
/**
 * So many runs of one level become one of the next: each byte is stored a few times, not with each
 * checkpoint.
 */
const RUNS_OF_A_LEVEL = 8;

/** Rows from the end of the run before up to `to`. */
interface Run {
  readonly to: number;
  /** By column: bytes in use at its end, 0 where the column has none. */
  readonly used: readonly number[];
  /** By column: whether a cell of the run is NULL. */
  readonly hasNulls: readonly boolean[];
}
/** A run whose cells are as they will stay. */
interface SealedRun extends Run {
  readonly level: number;
  /** By piece of memory: what it is known by from checkpoint to checkpoint. */
  readonly keys: readonly object[];
}

const NO_RUN: Run = { to: 0, used: [], hasNulls: [] };

/** Whether all that cells hold lies in the arrays of their own column. */
export const isFlat = (schema: Schema): boolean =>
  schema.fields.every(({ type }) => !['list', 'map', 'struct'].includes(physicalTypeOf(type)));

/**
 * The rows of a store that only grows, as they are saved. No cell changes once it is written: so all that was
 * in the checkpoint before is not copied, nor stored again. The rows lie in runs, each known by keys; what
 * has
 * come since the last run is sealed as the next one when it is large enough.
 */
export class SealedRows {
  readonly #columns: readonly ColumnBuffer[];
  #runs: SealedRun[] = [];

  constructor(columns: readonly ColumnBuffer[]) {
    this.#columns = columns;
  }

  /** Write the rows below `end`. */
  write(end: number, out: BytesWriter): void {
    if (this.#bytesBehind(this.#runs.at(-1) ?? NO_RUN, end) >= SEALED_BYTES_MIN) this.#seal(end);
    const last = this.#runs.at(-1) ?? NO_RUN;
    const rest = last.to < end ? [this.#run(last.to, end)] : [];
    const runs: Run[] = [...this.#runs, ...rest];
    out.int(runs.length);
    for (const { to, used, hasNulls } of runs) {
      out.int(to);
      used.forEach((bytes, c) => {
        out.int(bytes);
        out.int(hasNulls[c] ? 1 : 0);
      });
    }
    let before = NO_RUN;
    for (const run of this.#runs) {
      this.#pieces(before, run).forEach((piece, k) => {
        out.lasting(piece, run.keys[k]!);
      });
      before = run;
    }
    for (const run of rest) for (const piece of this.#pieces(before, run)) out.raw(piece);
  }

  /** Take over what `write` wrote; returns the end. Nothing is known to be stored any more. */
  read(input: BytesReader, reserve: (rows: number) => void): number {
    this.#runs = [];
    const runs = Array.from({ length: input.int() }, (): Run => {
      const to = input.int();
      const cells = this.#columns.map(() => [input.int(), input.int() === 1] as const);
      return { to, used: cells.map(([used]) => used), hasNulls: cells.map(([, some]) => some) };
    });
    const last = runs.at(-1);
    assert(last !== undefined, 'the first row is none, and is there');
    reserve(last.to);
    this.#columns.forEach((column, c) => {
      reserveRows(column, last.to);
      column.nulls.fill(0, 0, last.to);
      if (column.physical !== 'bytes') return;
      column.used = 0;
      reserveBytes(column, last.used[c]!);
      column.used = last.used[c]!;
    });
    let before = NO_RUN;
    for (const run of runs) {
      for (const piece of this.#pieces(before, run)) input.fill(piece);
      before = run;
    }
    return last.to;
  }

  #run(from: number, to: number): Run {
    const columns = this.#columns;
    return {
      to,
      used: columns.map(column => (column.physical === 'bytes' ? column.used : 0)),
      hasNulls: columns.map(column => column.nulls.subarray(from, to).includes(1)),
    };
  }

  #seal(end: number): void {
    this.#push(end, 0);
    for (;;) {
      const runs = this.#runs;
      const { level } = runs.at(-1)!;
      const first = runs.length - RUNS_OF_A_LEVEL;
      if (first < 0 || runs[first]!.level > level) return;
      this.#runs = runs.slice(0, first);
      this.#push(end, level + 1);
    }
  }

  #push(to: number, level: number): void {
    const before = this.#runs.at(-1) ?? NO_RUN;
    const run = this.#run(before.to, to);
    this.#runs.push({ ...run, level, keys: this.#pieces(before, run).map(() => ({})) });
  }

  #bytesBehind(before: Run, end: number): number {
    const sum = (pieces: readonly Uint8Array[]): number =>
      pieces.reduce((bytes, piece) => bytes + piece.length, 0);
    return sum(this.#pieces(before, this.#run(before.to, end)));
  }

  /** The memory of a run's cells, in an order that goes by its shape alone. */
  #pieces(before: Run, { to, used, hasNulls }: Run): Uint8Array[] {
    return this.#columns.flatMap((column, c) => {
      const arrays = hasNulls[c] ? [column.nulls, ...valuesOf(column)] : valuesOf(column);
      const cells = arrays.map(array => memoryOf(array.subarray(before.to, to)));
      return column.physical === 'bytes'
        ? [...cells, column.data.subarray(before.used[c] ?? 0, used[c])]
        : cells;
    });
  }
}

const memoryOf = ({ buffer, byteOffset, byteLength }: ReturnType<typeof valuesOf>[number]): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
