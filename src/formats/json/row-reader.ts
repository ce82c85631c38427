import type { Column } from '../../core/batch.ts';
import { printType, type Schema } from '../../core/types.ts';
import { finishBuilder, MISSING, NULL, resetBuilder, setNull } from '../builders.ts';
import type { JsonOptions } from '../options.ts';
import type { Callbacks } from './generate.ts';
import { type ColumnCode, columnsBelow, nodesBelow, type ObjectTree, objectTree } from './object-tree.ts';
import { skipString, skipValue, textOf, Unparsable, unescapeTo } from './scan.ts';
import { type Arena, readValue } from './values.ts';

/** Readable bytes behind the last record, for loads of whole words. */
const PADDING_BYTES = 64;

/** In place of a column: the reason is a whole sentence. */
const SENTENCE = -2;

/** Where and why the last record failed; `at` is a position in the arena. */
export interface Failure {
  at: number;
  expected: string;
  column: number;
}

/**
 * The columns being filled and the buffer that their strings lie in; what generated code calls back.
 * The buffer holds each load, then room for what is unescaped from it: a record may be tried twice, each
 * time taking less than twice its length (base64 is unescaped, then decoded).
 */
export class RowReader implements Callbacks, Arena {
  readonly tree: ObjectTree;
  readonly columns: readonly ColumnCode[];
  readonly options: JsonOptions;
  readonly failure: Failure = { at: 0, expected: '', column: -1 };
  u8 = new Uint8Array(0);
  dv = new DataView(this.u8.buffer);
  i32 = new Int32Array(0);
  /** Where the last load begins. */
  base = 0;
  side = 0;
  #keyEnd = 0;
  #isTaken = true;

  constructor(schema: Schema, options: JsonOptions) {
    this.options = options;
    this.tree = objectTree(schema);
    this.columns = this.tree.columns;
  }

  /** Put the bytes behind what is kept; `keep` is false when no row refers to earlier loads. */
  load(bytes: Uint8Array, keep: boolean): void {
    const base = keep ? (this.side + 3) & ~3 : 0;
    const needed = base + bytes.length * 5 + PADDING_BYTES;
    if (needed > this.u8.length) this.#grow(needed, base);
    this.u8.set(bytes, base);
    // Scans for a quote or a digit's end stop here even when a record is cut off.
    this.u8.fill(0, base + bytes.length, base + bytes.length + 8);
    this.base = base;
    this.side = base + bytes.length + 8;
  }

  #grow(needed: number, used: number): void {
    const old = this.u8;
    this.u8 = new Uint8Array((Math.ceil(needed * 1.25) + 3) & ~3);
    this.u8.set(old.subarray(0, used));
    this.dv = new DataView(this.u8.buffer);
    this.i32 = new Int32Array(this.u8.buffer);
  }

  /** To be called before rows are read: after `finish` the columns start over. */
  begin(): void {
    if (this.#isTaken) for (const builder of this.tree.fields) resetBuilder(builder);
    this.#isTaken = false;
  }

  /** The columns as they stand, borrowed until `begin`. */
  finish(): Column[] {
    this.#isTaken = true;
    return this.tree.fields.map(builder => finishBuilder(builder, this.u8));
  }

  slow(column: number, at: number, end: number, row: number): number {
    const { builder, type } = this.columns[column]!;
    try {
      const p = readValue(this, builder, row, at, end, this.options);
      if (builder.nulls[row] === 0 || type.nullable) return p;
      return this.#fail(at, `${printType(type)}, not null`, column);
    } catch (error) {
      return this.#caught(error, column);
    }
  }

  skip(at: number, end: number): number {
    try {
      return skipValue(this.u8, at, end);
    } catch (error) {
      return this.#caught(error, -1);
    }
  }

  key(node: number, at: number, end: number): number {
    try {
      const behind = skipString(this.u8, at, end);
      const to = unescapeTo(this.u8, at + 1, behind - 1, this.side);
      const name = textOf(this.u8, this.side, to);
      this.#keyEnd = behind;
      return this.tree.nodes[node]!.keys.findIndex(key => key.name === name);
    } catch (error) {
      this.#caught(error, -1);
      return -2;
    }
  }

  keyEnd(): number {
    return this.#keyEnd;
  }

  fail(at: number, expected: string): number {
    return this.#fail(at, expected, -1);
  }

  /** Keep a whole sentence as the reason. */
  complain(sentence: string): void {
    this.#fail(-1, sentence, SENTENCE);
  }

  absent(column: number, row: number, mark: number): boolean {
    const { builder, type, name } = this.columns[column]!;
    if (mark === MISSING && this.options.failOnMissingField) {
      this.complain(`Could not find field with name '${name}'.`);
      return false;
    }
    if (!type.nullable) {
      this.#fail(-1, `${printType(type)}, but the record has no value for it`, column);
      return false;
    }
    setNull(builder, row);
    return true;
  }

  notObject(node: number, at: number, end: number, row: number): number {
    const { row: made, name } = this.tree.nodes[node]!;
    if (this.options.ignoreParseErrors) {
      const behind = this.skip(at, end);
      return behind >= 0 && this.absentObject(node, row, NULL) ? behind : -1;
    }
    this.skip(at, end);
    return this.#fail(at, `${made === null ? 'an object' : printType(made.type)} for '${name}'`, -1);
  }

  absentObject(node: number, row: number, mark: number): boolean {
    const object = this.tree.nodes[node]!;
    if (mark === MISSING && this.options.failOnMissingField) {
      this.complain(`Could not find field with name '${object.name}'.`);
      return false;
    }
    if (object.row !== null && !object.row.type.nullable) {
      const type = printType(object.row.type);
      this.#fail(-1, `${type} for '${object.name}', but the record has no value for it`, -1);
      return false;
    }
    for (const below of nodesBelow(object)) if (below.row !== null) setNull(below.row.builder, row);
    for (const column of columnsBelow(object)) setNull(this.columns[column]!.builder, row);
    return true;
  }

  #fail(at: number, expected: string, column: number): number {
    this.failure.at = at;
    this.failure.expected = expected;
    this.failure.column = column;
    return -1;
  }

  #caught(error: unknown, column: number): number {
    if (!(error instanceof Unparsable)) throw error;
    return this.#fail(error.at, error.expected, column);
  }

  /** The sentence for the last failure, in the record [start, end). */
  reason(start: number, end: number): string {
    const { at, expected, column } = this.failure;
    if (column === SENTENCE) return expected;
    const field = column < 0 ? '' : `field '${this.columns[column]!.name}': `;
    if (at < 0) return `${field}expected ${expected}`;
    const found = at >= end ? 'the end of the record' : `'${textOf(this.u8, at, Math.min(at + 20, end))}'`;
    return `${field}expected ${expected} at byte ${at - start}, found ${found}`;
  }
}
