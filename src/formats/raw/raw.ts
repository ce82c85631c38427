import { BATCH_ROWS_MAX, type Column } from '../../core/batch.ts';
import { MillraceError } from '../../core/errors.ts';
import { type DataType, printType, type Schema } from '../../core/types.ts';
import { encodeUtf8 } from '../../core/utf8.ts';
import type { ByteArena } from '../arena.ts';
import { createBuilder, PRESENT, type ScalarBuilder, setNull } from '../builders.ts';
import { ByteOutput, recordEncoder } from '../byte-output.ts';
import type { Encoder } from '../encode/encoder.ts';
import { isUtf8 } from '../json/scan.ts';
import { type OptionReaders, oneOfOption, readOptions } from '../option-values.ts';
import type { RecordReader } from '../record-decoder.ts';
import { type Charset, charsetOf } from './charset.ts';

interface RawOptions {
  readonly charset: Charset;
  readonly littleEndian: boolean;
}

const READERS: OptionReaders<RawOptions> = {
  charset: v => ({ charset: charsetOf(v) }),
  endianness: (v, n) => ({
    littleEndian: oneOfOption(v, n, ['big-endian', 'little-endian']) === 'little-endian',
  }),
};

/** The names of the options, without the prefix `raw.`. */
export const RAW_OPTIONS: readonly string[] = Object.keys(READERS).sort();

function rawOptions(given: Readonly<Record<string, string>>): RawOptions {
  return readOptions('raw', READERS, given, { charset: charsetOf('UTF-8'), littleEndian: false });
}

/** Bytes of the types that always take the same; -1 for those that take what they need. */
const SIZES: Readonly<Record<string, number>> = {
  BOOLEAN: 1,
  TINYINT: 1,
  SMALLINT: 2,
  INT: 4,
  BIGINT: 8,
  FLOAT: 4,
  DOUBLE: 8,
  CHAR: -1,
  VARCHAR: -1,
  BINARY: -1,
  VARBINARY: -1,
};

/** The one column of the table; anything else is refused in Flink's words. */
function onlyColumn(schema: Schema): DataType {
  const [field] = schema.fields;
  if (field === undefined || schema.fields.length !== 1) {
    throw new MillraceError(
      'SQL_INVALID',
      "The 'raw' format only supports single physical column. However the defined schema contains multiple " +
        `physical columns: [${schema.fields.map(f => `\`${f.name}\` ${printType(f.type)}`).join(', ')}]`,
    );
  }
  if (!Object.hasOwn(SIZES, field.type.kind)) {
    throw new MillraceError(
      'SQL_INVALID',
      `The 'raw' format doesn't supports '${printType(field.type)}' as column type.`,
    );
  }
  return field.type;
}

/** Flink's `raw`: the record is the value of the only column; a null value is NULL. */
export function rawReader(
  schema: Schema,
  projection: readonly number[] | null,
  given: Readonly<Record<string, string>>,
): RecordReader {
  const type = onlyColumn(schema);
  const options = rawOptions(given);
  const builder = createBuilder(type, BATCH_ROWS_MAX) as ScalarBuilder;
  const size = SIZES[type.kind]!;
  return {
    fields: projection?.length === 0 ? [] : [builder],
    read: (arena, at, end, row) => {
      if (size >= 0 && end - at !== size) {
        return `Size of data received for deserializing ${type.kind} type is not ${size}.`;
      }
      builder.nulls[row] = PRESENT;
      if (size < 0) readBytes(arena, builder, row, at, end, options);
      else readNumber(arena.dv, builder, row, at, options.littleEndian);
      return null;
    },
    readNull: row => setNull(builder, row),
  };
}

function readBytes(
  arena: ByteArena,
  builder: ScalarBuilder,
  row: number,
  at: number,
  end: number,
  { charset }: RawOptions,
): void {
  builder.offsets[row] = at;
  builder.lengths[row] = end - at;
  const { kind } = builder.type;
  if (kind === 'BINARY' || kind === 'VARBINARY') return;
  if (charset.isUtf8 && isUtf8(arena.u8, at, end)) return;
  const bytes = encodeUtf8(charset.decode(arena.u8.subarray(at, end)));
  arena.u8.set(bytes, arena.side);
  builder.offsets[row] = arena.side;
  builder.lengths[row] = bytes.length;
  arena.side += bytes.length;
}

function readNumber(dv: DataView, b: ScalarBuilder, row: number, at: number, little: boolean): void {
  switch (b.type.kind) {
    case 'BOOLEAN':
      b.bytes[row] = dv.getUint8(at) === 0 ? 0 : 1;
      return;
    case 'TINYINT':
      b.ints[row] = dv.getInt8(at);
      return;
    case 'SMALLINT':
      b.ints[row] = dv.getInt16(at, little);
      return;
    case 'INT':
      b.ints[row] = dv.getInt32(at, little);
      return;
    case 'BIGINT':
      b.longs[row] = dv.getBigInt64(at, little);
      return;
    case 'FLOAT':
      b.floats[row] = dv.getFloat32(at, little);
      return;
    default:
      b.floats[row] = dv.getFloat64(at, little);
  }
}

/** An encoder of the only column's values. */
export function rawEncoder(
  schema: Schema,
  projection: readonly number[] | null,
  given: Readonly<Record<string, string>>,
): Encoder {
  const [index = 0] = projection ?? [0];
  const field = schema.fields[index];
  const type = onlyColumn({
    fields: projection === null ? schema.fields : field === undefined ? [] : [field],
  });
  const options = rawOptions(given);
  const out = new ByteOutput();
  return recordEncoder(out, (batch, row) => {
    const column = batch.columns[index]!;
    if (column.nulls !== null && column.nulls[row] === 1) return false;
    if (column.physical === 'bytes') writeBytes(out, column, row, type, options);
    else writeNumber(out, column, row, type, options.littleEndian);
    return true;
  });
}

function writeBytes(
  out: ByteOutput,
  { data, offsets, lengths }: Extract<Column, { physical: 'bytes' }>,
  row: number,
  type: DataType,
  { charset }: RawOptions,
): void {
  const [from, length] = [offsets[row]!, lengths[row]!];
  if (charset.isUtf8 || type.kind === 'BINARY' || type.kind === 'VARBINARY') {
    out.bytes(data, from, length);
    return;
  }
  const bytes = charset.encode(Buffer.from(data.buffer, data.byteOffset + from, length).toString('utf8'));
  out.bytes(bytes, 0, bytes.length);
}

function writeNumber(out: ByteOutput, column: Column, row: number, type: DataType, little: boolean): void {
  const size = SIZES[type.kind]!;
  out.reserve(size);
  const { dv, p } = out;
  if (column.physical === 'bool') dv.setUint8(p, column.values[row]!);
  else if (column.physical === 'i64') dv.setBigInt64(p, column.values[row]!, little);
  else if (column.physical === 'f64') {
    if (size === 4) dv.setFloat32(p, column.values[row]!, little);
    else dv.setFloat64(p, column.values[row]!, little);
  } else if (column.physical === 'i32') {
    if (size === 1) dv.setInt8(p, column.values[row]!);
    else if (size === 2) dv.setInt16(p, column.values[row]!, little);
    else dv.setInt32(p, column.values[row]!, little);
  }
  out.p = p + size;
}
