import type { Column } from '../../core/batch.ts';
import { eachOf } from '../../core/batch-views.ts';
import { printType, type Schema } from '../../core/types.ts';
import { ByteArena } from '../arena.ts';
import { finishBuilder, MISSING, NULL, resetBuilder, setNull } from '../builders.ts';
import type { JsonOptions } from '../options.ts';
import type { Callbacks } from './generate.ts';
import { KernelMemory } from './kernel/memory.ts';
import { type Places, placesOf } from './kernel/places.ts';
import { type ColumnCode, columnsBelow, nodesBelow, type ObjectTree, objectTree } from './object-tree.ts';
import { skipString, skipValue, textOf, Unparsable, unescapeTo } from './scan.ts';
import { readValue } from './values.ts';

/** In place of a column: the reason is a whole sentence. */
const SENTENCE = -2;

/** Where and why the last record failed; `at` is a position in the arena. */
export interface Failure {
  at: number;
  expected: string;
  column: number;
}

/** The columns being filled and the buffer that their strings lie in; what generated code calls back. */
export class RowReader implements Callbacks {
  readonly tree: ObjectTree;
  readonly columns: readonly ColumnCode[];
  readonly options: JsonOptions;
  readonly failure: Failure = { at: 0, expected: '', column: -1 };
  /** Where kernels put the columns, where these are of types that they read. */
  readonly places: Places | undefined;
  /** The memory that kernels and the arena share. */
  readonly kernelMemory: KernelMemory | null;
  readonly arena: ByteArena;
  #keyEnd = 0;
  #isTaken = true;

  constructor(schema: Schema, options: JsonOptions, reads: 'with kernels' | 'without kernels') {
    this.options = options;
    this.tree = objectTree(schema);
    this.columns = this.tree.columns;
    this.places = reads === 'with kernels' ? placesOf(this.tree) : undefined;
    this.kernelMemory = this.places === undefined ? null : new KernelMemory(this.places.arena);
    this.arena = new ByteArena(this.kernelMemory);
  }

  /** Put the bytes behind what is kept; `keep` is false when no row refers to earlier loads. */
  load(bytes: Uint8Array, keep: boolean): void {
    this.arena.load(bytes, keep);
  }

  /** To be called before rows are read: after `finish` the columns start over. */
  begin(): void {
    if (this.#isTaken) for (const builder of this.tree.fields) resetBuilder(builder);
    this.#isTaken = false;
  }

  /** The columns as they stand, borrowed until `begin`. */
  finish(): Column[] {
    this.#isTaken = true;
    return eachOf(this.tree.fields, builder => finishBuilder(builder, this.arena.u8));
  }

  slow(column: number, at: number, end: number, row: number): number {
    const { builder, type } = this.columns[column]!;
    try {
      const p = readValue(this.arena, builder, row, at, end, this.options);
      if (builder.nulls[row] === 0 || type.nullable) return p;
      return this.#fail(at, `${printType(type)}, not null`, column);
    } catch (error) {
      return this.#caught(error, column);
    }
  }

  skip(at: number, end: number): number {
    try {
      return skipValue(this.arena.u8, at, end);
    } catch (error) {
      return this.#caught(error, -1);
    }
  }

  key(node: number, at: number, end: number): number {
    try {
      const { u8, side } = this.arena;
      const behind = skipString(u8, at, end);
      const to = unescapeTo(u8, at + 1, behind - 1, side);
      const name = textOf(u8, side, to);
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
    const found =
      at >= end ? 'the end of the record' : `'${textOf(this.arena.u8, at, Math.min(at + 20, end))}'`;
    return `${field}expected ${expected} at byte ${at - start}, found ${found}`;
  }
}
