import { MillraceError } from '../../../core/mod.ts';
import { printDouble } from '../../../formats/mod.ts';
import { type ArrayElement, parseArray } from './array-text.ts';
import type { ByteSink } from './byte-sink.ts';
import { type ColumnEncoder, type ColumnType, textOf, type ValueModes } from './column-encoder.ts';
import { putJsonText } from './json-text.ts';
import { numberColumn } from './number-columns.ts';
import { timeColumn } from './time-columns.ts';

/** Types whose text goes into a JSON string as it is. */
const TEXT_TYPES = new Set(
  [
    'text varchar bpchar char name json jsonb xml uuid inet cidr macaddr macaddr8 tsvector citext ltree',
    'enum int4range int8range numrange tsrange tstzrange daterange',
  ].flatMap(names => names.split(' ')),
);

/** The encoder of a type; undefined for types that Debezium leaves out (composites, boxes, …). */
export function columnEncoder(type: ColumnType, modes: ValueModes): ColumnEncoder | undefined {
  if (type.element !== undefined) return arrayColumn(type.element, modes);
  if (TEXT_TYPES.has(type.name)) return textColumn(modes);
  switch (type.name) {
    case 'bool':
      return flagColumn(0x74);
    case 'bytea':
      return bytesColumn(modes);
    case 'bit':
      return type.modifier === 1 ? flagColumn(0x31) : bitsColumn;
    case 'varbit':
      return bitsColumn;
    case 'point':
      return pointColumn;
    default:
      return numberColumn(type, modes) ?? timeColumn(type, modes);
  }
}

function textColumn(modes: ValueModes): ColumnEncoder {
  return { put: putJsonText, zero: '""', unavailable: JSON.stringify(modes.unavailable), growth: 6 };
}

function flagColumn(trueByte: number): ColumnEncoder {
  return {
    put: (sink, source, from) => sink.ascii(source[from] === trueByte ? 'true' : 'false'),
    zero: 'false',
    unavailable: null,
    growth: 5,
  };
}

function bytesColumn(modes: ValueModes): ColumnEncoder {
  return {
    put(sink, source, from, end) {
      const hex = Buffer.from(source.buffer, source.byteOffset + from + 2, end - from - 2).toString('latin1');
      putQuoted(sink, Buffer.from(hex, 'hex').toString('base64'));
    },
    zero: '""',
    unavailable: JSON.stringify(Buffer.from(modes.unavailable).toString('base64')),
    growth: 2,
  };
}

function putQuoted(sink: ByteSink, ascii: string): void {
  sink.byte(0x22);
  sink.ascii(ascii);
  sink.byte(0x22);
}

/** Bits as little-endian bytes without trailing zeros (Java's BitSet), base64. */
const bitsColumn: ColumnEncoder = {
  put(sink, source, from, end) {
    const bytes = new Uint8Array(Math.ceil((end - from) / 8));
    let used = 0;
    for (let i = 0; i < end - from; i++) {
      if (source[end - 1 - i] !== 0x31) continue;
      bytes[i >> 3]! |= 1 << (i & 7);
      used = (i >> 3) + 1;
    }
    putQuoted(sink, Buffer.from(bytes.buffer, 0, used).toString('base64'));
  },
  zero: '""',
  unavailable: null,
  growth: 2,
};

/** `(1.5,2.5)` as x, y and the little-endian WKB point. */
const pointColumn: ColumnEncoder = {
  put(sink, source, from, end) {
    const [x, y] = textOf(source, from + 1, end - 1)
      .split(',')
      .map(Number) as [number, number];
    sink.ascii(pointJson(x, y));
  },
  zero: pointJson(0, 0),
  unavailable: null,
  growth: 12,
};

function pointJson(x: number, y: number): string {
  const wkb = Buffer.alloc(21);
  wkb[0] = 1;
  wkb.writeUInt32LE(1, 1);
  wkb.writeDoubleLE(x, 5);
  wkb.writeDoubleLE(y, 13);
  const shown = [x, y].map(value => (Number.isFinite(value) ? printDouble(value) : `"${value}"`));
  return `{"x":${shown[0]},"y":${shown[1]},"wkb":"${wkb.toString('base64')}","srid":null}`;
}

/**
 * One-dimensional arrays as Debezium; deeper ones as nested JSON arrays. A numeric array with a NaN is null.
 */
function arrayColumn(type: ColumnType, modes: ValueModes): ColumnEncoder | undefined {
  const element = columnEncoder(type, modes);
  if (element === undefined) return undefined;
  const put = (sink: ByteSink, elements: readonly ArrayElement[]): void => {
    sink.byte(0x5b);
    for (const [i, each] of elements.entries()) {
      if (i > 0) sink.byte(0x2c);
      if (each === null) sink.ascii('null');
      else if (typeof each !== 'string') put(sink, each);
      else {
        const bytes = Buffer.from(each);
        element.put(sink, bytes, 0, bytes.length);
      }
    }
    sink.byte(0x5d);
  };
  return {
    put(sink, source, from, end) {
      const text = textOf(source, from, end);
      if (type.name === 'numeric' && modes.decimals !== 'double' && /NaN|Infinity/.test(text))
        sink.ascii('null');
      else put(sink, parseArray(text));
    },
    zero: '[]',
    unavailable: element.unavailable === null ? null : `[${element.unavailable}]`,
    growth: Math.max(element.growth, 24),
  };
}

/** What to say when the WAL lacks a value that nothing can stand for. */
export function unavailableError(table: string, column: string): MillraceError {
  return new MillraceError(
    'CAPTURE_UNSUPPORTED',
    `the WAL does not carry the unchanged TOASTed value of ${table}.${column}, and its type has no ` +
      `placeholder; run ALTER TABLE ${table} REPLICA IDENTITY FULL`,
  );
}
