import { assert, MillraceError } from '../../../core/mod.ts';
import { NULL_COLUMN, type Tuple, UNCHANGED_TOAST } from '../read/tuple.ts';
import type { ByteSink } from './byte-sink.ts';
import type { ColumnEncoder, ColumnType, ValueModes } from './column-encoder.ts';
import { columnEncoder, unavailableError } from './columns.ts';
import { fillJson } from './default-value.ts';

/** A column as capture needs it. */
export interface CapturedColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** pg_get_expr of its DEFAULT, null when there is none. */
  readonly defaultExpression: string | null;
}

/**
 * A captured table: columns in the order the tuples have them, key columns in the order of the primary key.
 */
export interface CapturedTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly CapturedColumn[];
  /** Names; empty when there is no primary key. */
  readonly key: readonly string[];
}

interface EncodedColumn {
  readonly label: Uint8Array;
  readonly encoder: ColumnEncoder;
  readonly index: number;
  readonly fill: Uint8Array;
  readonly unavailable: Uint8Array | null;
  readonly name: string;
}

const NULL_JSON = Buffer.from('null');

/** Which tuple is written: a whole row, or an old row of which the WAL carries the replica identity only. */
export type RowShape = 'whole' | 'identity';

/** Writes the rows and keys of one table as JSON objects. */
export class TableEncoder {
  readonly table: CapturedTable;
  readonly qualifiedName: string;
  readonly hasKey: boolean;
  readonly #columns: readonly EncodedColumn[];
  readonly #key: readonly EncodedColumn[];
  readonly #fixedBytes: number;
  readonly #growth: number;

  constructor(table: CapturedTable, modes: ValueModes) {
    this.table = table;
    this.qualifiedName = `${table.schema}.${table.name}`;
    this.#columns = table.columns
      .map((column, index) => ({ column, index, encoder: columnEncoder(column.type, modes) }))
      .filter((each): each is Encodable => each.encoder !== undefined)
      .map((each, position) => encoded(each, position === 0));
    this.#key = table.key.map(name => {
      const found = this.#columns.find(column => column.name === name);
      if (found !== undefined) return found;
      throw new MillraceError(
        'CAPTURE_UNSUPPORTED',
        `key column ${name} of ${this.qualifiedName} is gone or has a type without JSON form; ` +
          'give the table a primary key of plain columns',
      );
    });
    this.hasKey = this.#key.length > 0;
    this.#growth = this.#columns.reduce((most, { encoder }) => Math.max(most, encoder.growth), 1);
    this.#fixedBytes = this.#columns.reduce((sum, column) => sum + fixedBytes(column), 16);
  }

  /** Bytes of JSON that a row or key of this tuple takes at most. */
  bytesMax(tuple: Tuple): number {
    return this.#fixedBytes + tuple.size * this.#growth;
  }

  /**
   * The row as a JSON object. `old`, when given, lends the values of unchanged TOASTed columns (they are
   * whole in
   * an old row of REPLICA IDENTITY FULL).
   */
  putRow(sink: ByteSink, tuple: Tuple, shape: RowShape, old: Tuple | null): void {
    this.#check(tuple);
    const columns = this.#columns;
    const { starts, ends, bytes } = tuple;
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!;
      sink.put(column.label);
      const start = starts[column.index]!;
      if (start >= 0) column.encoder.put(sink, bytes, start, ends[column.index]!);
      else if (start === NULL_COLUMN) sink.put(shape === 'whole' ? NULL_JSON : column.fill);
      else this.#putUnchanged(sink, column, old);
    }
    if (columns.length === 0) sink.byte(0x7b);
    sink.byte(0x7d);
  }

  /** The key as a JSON object: `{"id":1}`. Call only when the table has a key. */
  putKey(sink: ByteSink, tuple: Tuple): void {
    this.#check(tuple);
    sink.byte(0x7b);
    for (let i = 0; i < this.#key.length; i++) {
      const column = this.#key[i]!;
      if (i > 0) sink.byte(0x2c);
      sink.put(column.label.subarray(1));
      const start = tuple.starts[column.index]!;
      if (start < 0) throw this.#keyMissing(column.name);
      column.encoder.put(sink, tuple.bytes, start, tuple.ends[column.index]!);
    }
    sink.byte(0x7d);
  }

  /** True when both rows have the same key. */
  sameKey(a: Tuple, b: Tuple): boolean {
    return this.#key.every(({ index, name }) => {
      const [from, other] = [a.starts[index]!, b.starts[index]!];
      if (from < 0) throw this.#keyMissing(name);
      // An unchanged TOASTed key column is the same by definition.
      if (other === UNCHANGED_TOAST) return true;
      const length = a.ends[index]! - from;
      if (b.ends[index]! - other !== length) return false;
      for (let i = 0; i < length; i++) if (a.bytes[from + i] !== b.bytes[other + i]) return false;
      return true;
    });
  }

  #putUnchanged(sink: ByteSink, column: EncodedColumn, old: Tuple | null): void {
    const start = old === null ? UNCHANGED_TOAST : old.starts[column.index]!;
    if (old !== null && start >= 0) column.encoder.put(sink, old.bytes, start, old.ends[column.index]!);
    else if (column.unavailable !== null) sink.put(column.unavailable);
    else throw unavailableError(this.qualifiedName, column.name);
  }

  #check(tuple: Tuple): void {
    assert(
      tuple.columns === this.table.columns.length,
      `a row of ${this.qualifiedName} has ${tuple.columns} columns, not ${this.table.columns.length} as described`,
    );
  }

  #keyMissing(column: string): MillraceError {
    return new MillraceError(
      'CAPTURE_UNSUPPORTED',
      `a change of ${this.qualifiedName} does not carry key column ${column}, as its replica identity is ` +
        `another index; run ALTER TABLE ${this.qualifiedName} REPLICA IDENTITY FULL`,
    );
  }
}

interface Encodable {
  readonly column: CapturedColumn;
  readonly index: number;
  readonly encoder: ColumnEncoder;
}

function encoded({ column, index, encoder }: Encodable, first: boolean): EncodedColumn {
  const label = Buffer.from(`${first ? '{' : ','}${JSON.stringify(column.name)}:`);
  const fill = column.nullable ? 'null' : fillJson(encoder, column.defaultExpression);
  const unavailable = encoder.unavailable === null ? null : Buffer.from(encoder.unavailable);
  return { label, encoder, index, name: column.name, fill: Buffer.from(fill), unavailable };
}

function fixedBytes({ label, fill, unavailable }: EncodedColumn): number {
  return label.length + Math.max(fill.length, unavailable?.length ?? 0) + 96;
}
