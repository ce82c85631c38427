import { BATCH_ROWS_MAX } from '../../core/batch.ts';
import type { Schema } from '../../core/types.ts';
import { decodeUtf8, encodeUtf8 } from '../../core/utf8.ts';
import { ByteArena } from '../arena.ts';
import { type Builder, createBuilder, resetBuilder, type ScalarBuilder } from '../builders.ts';
import { isUtf8 } from '../json/scan.ts';
import type { RecordReader } from '../record-decoder.ts';
import { generateAvroReader } from './generate.ts';
import { type AvroOptions, avroSchema } from './schema.ts';

/**
 * Flink's `avro`: a record is the binary encoding of a row by the schema of its columns, without the schema
 * itself (Avro 1.11 specification, "Binary encoding"). All columns are read, because each one says where the
 * next begins.
 */
export function avroReader(
  schema: Schema,
  projection: readonly number[] | null,
  options: AvroOptions,
): RecordReader {
  avroSchema(schema, options);
  let arena = new ByteArena();
  const columns = schema.fields.map(({ type }) => ({ type, builder: createBuilder(type, BATCH_ROWS_MAX) }));
  const read = generateAvroReader(columns, {
    bytes: (builder, row, at, length) => putBytes(arena, builder as ScalarBuilder, row, at, length),
    decimal: (builder, row, at, length) => putDecimal(arena, builder as ScalarBuilder, row, at, length),
  });
  const wanted = projection ?? [...columns.keys()];
  const unwanted = columns.filter((_, i) => !wanted.includes(i)).map(c => c.builder);
  return {
    fields: wanted.map(i => columns[i]!.builder),
    read: (from, at, end, row) => {
      arena = from;
      if (row === 0) unwanted.forEach((builder: Builder) => void resetBuilder(builder));
      return read(from.u8, from.dv, at, end, row);
    },
  };
}

function putBytes(arena: ByteArena, b: ScalarBuilder, row: number, at: number, length: number): void {
  b.offsets[row] = at;
  b.lengths[row] = length;
  const { kind } = b.type;
  if (kind === 'BINARY' || kind === 'VARBINARY' || isUtf8(arena.u8, at, at + length)) return;
  // As Java reads it: U+FFFD in place of what is no UTF-8.
  const bytes = encodeUtf8(decodeUtf8(arena.u8, at, length));
  arena.u8.set(bytes, arena.side);
  b.offsets[row] = arena.side;
  b.lengths[row] = bytes.length;
  arena.side += bytes.length;
}

function putDecimal(arena: ByteArena, b: ScalarBuilder, row: number, at: number, length: number): void {
  const { u8 } = arena;
  let value = 0n;
  for (let i = at; i < at + length; i++) value = (value << 8n) | BigInt(u8[i]!);
  value = BigInt.asIntN(length * 8, value);
  if (b.physical === 'decimal64') b.longs[row] = value;
  else {
    b.longs[row] = value >> 64n;
    b.lows[row] = BigInt.asUintN(64, value);
  }
}
