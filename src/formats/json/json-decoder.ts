import { BATCH_ROWS_MAX, type Batch } from '../../core/batch.ts';
import type { Schema } from '../../core/types.ts';
import type { Decoder, Rejection } from '../decoder.ts';
import type { JsonOptions } from '../options.ts';
import { generateObjectReader, generateRunReader, type ReadObject, type ReadRun } from './generate.ts';
import { RunKernel } from './kernel/run-kernel.ts';
import { LayoutLearner } from './learn.ts';
import { RowReader } from './row-reader.ts';
import { skipSpace } from './scan.ts';

/**
 * Flink's `json`: a record is an object, a row. General code reads any object; once enough records have
 * been seen, code for exactly their layout (key order, separators) reads the runs that keep to it.
 */
export class JsonDecoder implements Decoder {
  readonly schema: Schema;
  readonly recordOfRow = new Int32Array(BATCH_ROWS_MAX);
  rowCount = 0;
  skipped = 0;
  readonly #reader: RowReader;
  readonly #readObject: ReadObject;
  readonly #learner: LayoutLearner;
  #readRun: ReadRun | null = null;
  /** The same for a thousand records at once, where the layout allows it. */
  #kernel: RunKernel | undefined;
  #rejections: Rejection[] = [];

  constructor(schema: Schema, options: JsonOptions) {
    this.schema = schema;
    this.#reader = new RowReader(schema, options, 'with kernels');
    this.#readObject = generateObjectReader(this.#reader.tree, this.#reader, options.timestampStandard);
    this.#learner = new LayoutLearner(this.#reader, true);
  }

  memory(bytes: number): Uint8Array {
    return this.#reader.arena.memory(bytes);
  }

  load(bytes: Uint8Array): void {
    this.#reader.begin();
    this.#reader.load(bytes, this.rowCount > 0);
  }

  decode(starts: Int32Array, ends: Int32Array, from: number, to: number): number {
    this.#reader.begin();
    let i = from;
    while (i < to && this.rowCount < BATCH_ROWS_MAX) {
      if (starts[i] === -1) {
        this.skipped++;
        i++;
        continue;
      }
      const next = this.#run(starts, ends, i, Math.min(to, i + BATCH_ROWS_MAX - this.rowCount));
      if (next === i) this.#one(starts[i]!, ends[i]!, i++);
      else i = next;
    }
    return i;
  }

  takeBatch(): Batch {
    const batch: Batch = {
      schema: this.schema,
      rowCount: this.rowCount,
      columns: this.#reader.finish(),
      rowKinds: null,
      selection: null,
      selectionCount: this.rowCount,
    };
    this.rowCount = 0;
    return batch;
  }

  takeRejections(): readonly Rejection[] {
    const taken = this.#rejections;
    this.#rejections = [];
    return taken;
  }

  /** Records that keep to the learned layout; stops at a null value, too. */
  #run(starts: Int32Array, ends: Int32Array, from: number, to: number): number {
    if (this.#readRun === null) return from;
    const limit = nullAt(starts, from, to);
    const next = this.#kernel === undefined ? from : this.#kernelRun(this.#kernel, starts, ends, from, limit);
    // What the kernel left is tried alone where it goes on behind it.
    const until = this.#kernel === undefined ? limit : Math.min(limit, next + 1);
    if (next === until) return next;
    const { arena } = this.#reader;
    const { u8, dv, i32, base, side } = arena;
    const last = this.#readRun(u8, dv, i32, starts, ends, base, next, until, this.rowCount, this.recordOfRow);
    if (last === next) arena.side = side;
    this.rowCount += last - next;
    this.#learner.hit(last - next);
    return last;
  }

  #kernelRun(kernel: RunKernel, starts: Int32Array, ends: Int32Array, from: number, to: number): number {
    const next = kernel.read(starts, ends, from, to, this.rowCount);
    this.recordOfRow.set(countsTo(next).subarray(from, next), this.rowCount);
    this.rowCount += next - from;
    this.#learner.hit(next - from);
    if (!kernel.isWorthIt) this.#kernel = undefined;
    return next;
  }

  #one(start: number, recordEnd: number, index: number): void {
    const reader = this.#reader;
    const { arena } = reader;
    const { u8, dv, i32, base, side } = arena;
    const end = base + recordEnd;
    let p = this.#readObject(u8, dv, i32, base + start, end, this.rowCount);
    if (p >= 0 && skipSpace(u8, p, end) !== end) p = reader.fail(p, 'the end of the record');
    if (p < 0) {
      this.#reject(base + start, end, index);
      arena.side = side;
      return;
    }
    this.recordOfRow[this.rowCount++] = index;
    const layout = this.#learner.miss(base + start, end);
    if (layout === undefined) return;
    const { tree, options } = reader;
    this.#readRun = generateRunReader(tree, reader, options.timestampStandard, layout);
    this.#kernel = RunKernel.for(reader, layout);
  }

  #reject(start: number, end: number, index: number): void {
    if (this.#reader.options.ignoreParseErrors) this.skipped++;
    else this.#rejections.push({ index, reason: this.#reader.reason(start, end) });
  }
}

function nullAt(starts: Int32Array, from: number, to: number): number {
  const at = starts.subarray(from, to).indexOf(-1);
  return at < 0 ? to : from + at;
}

/** 0, 1, 2 and so on; grows as it is needed. */
let counts = new Int32Array(0);

function countsTo(end: number): Int32Array {
  if (counts.length < end) counts = Int32Array.from({ length: Math.max(1024, end * 2) }, (_, i) => i);
  return counts;
}
