import type { Column } from '../../core/batch.ts';
import { decimalFromLimbs } from '../../core/decimal.ts';
import type { DataType, Schema } from '../../core/types.ts';
import { childTypes } from '../../core/types.ts';
import { ByteOutput, recordEncoder } from '../byte-output.ts';
import type { Encoder } from '../encode/encoder.ts';
import { type AvroOptions, avroSchema } from './schema.ts';

/** An encoder of rows in Avro's binary encoding, without the schema. */
export function avroEncoder(
  schema: Schema,
  projection: readonly number[] | null,
  options: AvroOptions,
): Encoder {
  const indices = projection ?? [...schema.fields.keys()];
  const fields = indices.map(i => schema.fields[i]!);
  avroSchema({ fields }, options);
  const out = new ByteOutput();
  const writers = fields.map(({ type }) => cellWriter(type, out));
  return recordEncoder(out, (batch, row) => {
    for (let k = 0; k < writers.length; k++) writers[k]!(batch.columns[indices[k]!]!, row);
    return true;
  });
}

type WriteCell = (column: Column, row: number) => void;

/**
 * A writer of cells of a type; before a nullable value stands its place in the union of null and the type.
 */
function cellWriter(type: DataType, out: ByteOutput): WriteCell {
  const write = valueWriter(type, out);
  if (!type.nullable) return write;
  return (column, row) => {
    if (column.nulls !== null && column.nulls[row] === 1) out.byte(0);
    else {
      out.byte(2);
      write(column, row);
    }
  };
}

function valueWriter(type: DataType, out: ByteOutput): WriteCell {
  const inner = childTypes(type).map(child => cellWriter(child, out));
  return (column, row) => {
    switch (column.physical) {
      case 'bool':
        out.byte(column.values[row]!);
        return;
      case 'i32':
        putNumber(out, column.values[row]!);
        return;
      case 'i64':
        putBig(out, column.values[row]!);
        return;
      case 'f64':
        putDouble(out, column.values[row]!, type.kind === 'FLOAT');
        return;
      case 'timestamp':
        putNumber(out, column.millis[row]!);
        return;
      case 'decimal64':
        putDecimal(out, column.values[row]!);
        return;
      case 'decimal128':
        putDecimal(out, decimalFromLimbs(column.high[row]!, column.low[row]!));
        return;
      case 'bytes':
        putNumber(out, column.lengths[row]!);
        out.bytes(column.data, column.offsets[row]!, column.lengths[row]!);
        return;
      case 'struct':
        for (let k = 0; k < inner.length; k++) inner[k]!(column.children[k]!, row);
        return;
      default:
        putItems(out, column, row, inner);
    }
  };
}

/** One block of all items, then the empty block that ends them. */
function putItems(
  out: ByteOutput,
  column: Extract<Column, { physical: 'list' | 'map' }>,
  row: number,
  inner: readonly WriteCell[],
): void {
  const [from, length] = [column.offsets[row]!, column.lengths[row]!];
  if (length > 0) putNumber(out, length);
  for (let i = from; i < from + length; i++) {
    if (column.physical === 'list') inner[0]!(column.child, i);
    else {
      putKey(out, column.keys, i);
      inner[1]!(column.values, i);
    }
  }
  out.byte(0);
}

/** Keys are strings, never null. */
function putKey(out: ByteOutput, keys: Column, row: number): void {
  if (keys.physical !== 'bytes') return;
  putNumber(out, keys.lengths[row]!);
  out.bytes(keys.data, keys.offsets[row]!, keys.lengths[row]!);
}

/** An integer up to 2^53 in magnitude, as a zigzag varint. */
function putNumber(out: ByteOutput, value: number): void {
  if (value >= -0x40000000 && value < 0x40000000) {
    let z = ((value << 1) ^ (value >> 31)) >>> 0;
    out.reserve(5);
    while (z > 127) {
      out.u8[out.p++] = (z & 127) | 128;
      z >>>= 7;
    }
    out.u8[out.p++] = z;
  } else putBig(out, BigInt(value));
}

function putBig(out: ByteOutput, value: bigint): void {
  if (value >= -0x40000000n && value < 0x40000000n) {
    putNumber(out, Number(value));
    return;
  }
  let z = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  out.reserve(10);
  while (z > 127n) {
    out.u8[out.p++] = Number(z & 127n) | 128;
    z >>= 7n;
  }
  out.u8[out.p++] = Number(z);
}

function putDouble(out: ByteOutput, value: number, isFloat: boolean): void {
  out.reserve(8);
  if (isFloat) out.dv.setFloat32(out.p, value, true);
  else out.dv.setFloat64(out.p, value, true);
  out.p += isFloat ? 4 : 8;
}

/** The fewest bytes in two's complement that hold the value, big end first. */
function putDecimal(out: ByteOutput, unscaled: bigint): void {
  let length = 1;
  while (BigInt.asIntN(length * 8, unscaled) !== unscaled) length++;
  putNumber(out, length);
  out.reserve(length);
  for (let i = length - 1; i >= 0; i--) {
    out.u8[out.p++] = Number(BigInt.asUintN(8, unscaled >> BigInt(i * 8)));
  }
}
