import { BATCH_ROWS_MAX } from '../../core/batch.ts';
import { type DataType, printType, type Schema } from '../../core/types.ts';
import type { ByteArena } from '../arena.ts';
import { type Builder, createBuilder, setNull } from '../builders.ts';
import { isUtf8, textOf } from '../json/scan.ts';
import type { RecordReader } from '../record-decoder.ts';
import { BadRow, lengthMismatch, storeField } from './cells.ts';
import { type CsvCallbacks, generateCsvReader, type ReadCsv } from './generate.ts';
import { type CsvOptions, checkCsvType } from './options.ts';

/** A field that is asked for: its place in the record, and the column it fills. */
export interface CsvColumn {
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
  readonly field: number;
  readonly builder: Builder;
}

/** What letters behind the escape character stand for; all others stand for themselves. */
const ESCAPED: Readonly<Record<number, number>> = { 48: 0, 110: 10, 114: 13, 116: 9 };

/** Flink's `csv`: a record is a line, its fields in the order of the table's columns. */
export class CsvReader implements RecordReader, CsvCallbacks {
  readonly fields: readonly Builder[];
  readonly #columns: readonly CsvColumn[];
  readonly #count: number;
  readonly #options: CsvOptions;
  readonly #readCsv: ReadCsv;
  #arena: ByteArena | null = null;
  #reason = '';
  #start = 0;
  /** Where the last field's text lies. */
  #from = 0;
  #to = 0;

  constructor(schema: Schema, projection: readonly number[] | null, options: CsvOptions) {
    const wanted = projection ?? [...schema.fields.keys()];
    for (const { name, type } of schema.fields) checkCsvType(name, type);
    this.#columns = wanted.map(field => {
      const { name, type } = schema.fields[field]!;
      return { name, type, nullable: type.nullable, field, builder: createBuilder(type, BATCH_ROWS_MAX) };
    });
    this.fields = this.#columns.map(c => c.builder);
    this.#count = schema.fields.length;
    this.#options = options;
    this.#readCsv = generateCsvReader(this.#columns, this.#count, options, this);
  }

  read(arena: ByteArena, at: number, end: number, row: number): string | null {
    this.#arena = arena;
    const { u8, dv } = arena;
    if (at === end) return 'a line with fields expected, the record is empty';
    if (this.#options.allowComments && isComment(u8, at, end)) return 'the record is a comment';
    this.#reason = '';
    this.#start = at;
    return this.#readCsv(u8, dv, at, end, row) < 0 ? this.#reason : null;
  }

  slow(column: number, at: number, end: number, row: number): number {
    const { name, type, nullable, builder } = this.#columns[column]!;
    const behind = this.skip(at, end);
    if (behind < 0) return -1;
    const arena = this.#arena!;
    const text = textOf(arena.u8, this.#from, this.#to);
    try {
      if (storeField(arena, builder, row, text, this.#options) && (nullable || builder.nulls[row] === 0)) {
        return behind;
      }
    } catch (error) {
      if (!(error instanceof BadRow)) throw error;
      this.#reason = error.message;
      return -1;
    }
    this.#reason = `field '${name}': expected ${printType(type)}, found '${text.slice(0, 40)}'`;
    return -1;
  }

  skip(at: number, end: number): number {
    const { u8 } = this.#arena!;
    const { quote } = this.#options;
    const behind = quote >= 0 && at < end && u8[at] === quote ? this.#quoted(at, end) : this.#plain(at, end);
    if (behind >= 0 && !isUtf8(u8, this.#from, this.#to)) return this.fail(at, 'UTF-8');
    return behind;
  }

  /** A field without quotes: as it is, or copied aside without its escapes. */
  #plain(at: number, end: number): number {
    const { u8 } = this.#arena!;
    const { delimiter, escapeCode } = this.#options;
    let p = at;
    let escapes = 0;
    for (; p < end && u8[p] !== delimiter && u8[p] !== 10 && u8[p] !== 13; p++) {
      if (u8[p] !== escapeCode) continue;
      escapes++;
      p++;
    }
    if (p > end) return this.fail(end, 'a character behind the escape');
    this.#set(at, p, escapes > 0, -1);
    return p;
  }

  /** A field in quotes, in which a quote is written twice. */
  #quoted(at: number, end: number): number {
    const { u8 } = this.#arena!;
    const { delimiter, quote, escapeCode } = this.#options;
    let isPlain = true;
    let p = at + 1;
    for (; p < end; p++) {
      if (u8[p] === escapeCode) {
        isPlain = false;
        p++;
      } else if (u8[p] === quote) {
        if (p + 1 >= end || u8[p + 1] !== quote) break;
        isPlain = false;
        p++;
      }
    }
    if (p >= end) return this.fail(end, 'a closing quote');
    this.#set(at + 1, p, !isPlain, quote);
    p++;
    while (p < end && u8[p] === 32 && delimiter !== 32) p++;
    if (p < end && u8[p] !== delimiter && u8[p] !== 10 && u8[p] !== 13) return this.fail(p, 'a delimiter');
    return p;
  }

  #set(from: number, to: number, copies: boolean, quote: number): void {
    this.#from = from;
    this.#to = to;
    if (!copies) return;
    const arena = this.#arena!;
    const { u8 } = arena;
    this.#from = arena.side;
    let w = arena.side;
    for (let p = from; p < to; p++) {
      if (u8[p] === this.#options.escapeCode) {
        p++;
        u8[w++] = ESCAPED[u8[p]!] ?? u8[p]!;
      } else {
        u8[w++] = u8[p]!;
        if (u8[p] === quote) p++;
      }
    }
    this.#to = w;
    arena.side = w;
  }

  short(found: number, row: number): boolean {
    if (!this.#options.ignoreParseErrors) {
      this.#reason = lengthMismatch(this.#count, found);
      return false;
    }
    for (const { field, builder, nullable, name } of this.#columns) {
      if (field < found) continue;
      if (!nullable) {
        this.#reason = `field '${name}': expected a value, but the record has ${found} fields`;
        return false;
      }
      setNull(builder, row);
    }
    return true;
  }

  fail(at: number, expected: string): number {
    const { u8 } = this.#arena!;
    this.#reason = `expected ${expected} at byte ${at - this.#start}, found '${textOf(u8, at, at + 1)}'`;
    return -1;
  }
}

function isComment(u8: Uint8Array, at: number, end: number): boolean {
  let p = at;
  while (p < end && (u8[p] === 32 || u8[p] === 9)) p++;
  return p < end && u8[p] === 35;
}
