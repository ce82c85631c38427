import { BATCH_ROWS_MAX, type Batch } from '../core/batch.ts';
import { eachOf } from '../core/batch-views.ts';
import type { Schema } from '../core/types.ts';
import { ByteArena } from './arena.ts';
import { type Builder, finishBuilder, resetBuilder } from './builders.ts';
import type { Decoder, Rejection } from './decoder.ts';

/** Reads records of a format one by one into rows of its columns. */
export interface RecordReader {
  /** The columns, in the order of the decoder's schema. */
  readonly fields: readonly Builder[];
  /** Read the record [at, end) of the arena into row `row`; null when it is one, else why it is not. */
  read(arena: ByteArena, at: number, end: number, row: number): string | null;
  /** Make a row of a null value; left out where a null value is no row. */
  readNull?(row: number): void;
}

/** A decoder for formats where a record is a row, by a reader of single records. */
export class RecordDecoder implements Decoder {
  readonly schema: Schema;
  readonly recordOfRow = new Int32Array(BATCH_ROWS_MAX);
  rowCount = 0;
  skipped = 0;
  readonly #reader: RecordReader;
  readonly #ignoreErrors: boolean;
  readonly #arena = new ByteArena();
  #rejections: Rejection[] = [];
  #isTaken = true;

  constructor(schema: Schema, reader: RecordReader, ignoreErrors: boolean) {
    this.schema = schema;
    this.#reader = reader;
    this.#ignoreErrors = ignoreErrors;
  }

  load(bytes: Uint8Array): void {
    this.#begin();
    this.#arena.load(bytes, this.rowCount > 0);
  }

  #begin(): void {
    if (this.#isTaken) this.#reader.fields.forEach(resetBuilder);
    this.#isTaken = false;
  }

  decode(starts: Int32Array, ends: Int32Array, from: number, to: number): number {
    this.#begin();
    let i = from;
    for (; i < to && this.rowCount < BATCH_ROWS_MAX; i++) {
      if (starts[i] === -1) this.#null(i);
      else this.#one(starts[i]!, ends[i]!, i);
    }
    return i;
  }

  #null(index: number): void {
    if (this.#reader.readNull === undefined) {
      this.skipped++;
      return;
    }
    this.#reader.readNull(this.rowCount);
    this.recordOfRow[this.rowCount++] = index;
  }

  #one(start: number, end: number, index: number): void {
    const arena = this.#arena;
    const { base, side } = arena;
    const reason = this.#reader.read(arena, base + start, base + end, this.rowCount);
    if (reason === null) {
      this.recordOfRow[this.rowCount++] = index;
      return;
    }
    arena.side = side;
    if (this.#ignoreErrors) this.skipped++;
    else this.#rejections.push({ index, reason });
  }

  takeBatch(): Batch {
    const { rowCount, schema } = this;
    const columns = eachOf(this.#reader.fields, builder => finishBuilder(builder, this.#arena.u8));
    this.#isTaken = true;
    this.rowCount = 0;
    return { schema, rowCount, columns, rowKinds: null, selection: null, selectionCount: rowCount };
  }

  takeRejections(): readonly Rejection[] {
    const taken = this.#rejections;
    this.#rejections = [];
    return taken;
  }
}
