import { type DataType, type Field, type ScalarType, STRING_LENGTH_MAX } from '../core/mod.ts';
import type { Position } from './ast/position.ts';
import type { Cursor } from './cursor.ts';
import { sqlInvalid, sqlUnsupported } from './errors.ts';

type Length = 'CHAR' | 'VARCHAR' | 'BINARY' | 'VARBINARY';

const PLAIN: Readonly<
  Record<string, ScalarType['kind'] & ('BOOLEAN' | 'TINYINT' | 'SMALLINT' | 'INT' | 'BIGINT')>
> = {
  BOOLEAN: 'BOOLEAN',
  TINYINT: 'TINYINT',
  SMALLINT: 'SMALLINT',
  INT: 'INT',
  INTEGER: 'INT',
  BIGINT: 'BIGINT',
};
const WITH_LENGTH: readonly string[] = ['CHAR', 'CHARACTER', 'VARCHAR', 'BINARY', 'VARBINARY'];
const UNSUPPORTED = ['RAW', 'SYMBOL', 'STRUCTURED', 'VARIANT', 'BITMAP'];

/** Parses a data type, `NOT NULL` and a trailing `ARRAY` included. */
export function parseType(cursor: Cursor): DataType {
  return cursor.nested(() => parseWholeType(cursor));
}

function parseWholeType(cursor: Cursor): DataType {
  let type = nullability(cursor, bareType(cursor));
  while (cursor.isOneOf('ARRAY', 'MULTISET')) {
    const kind = cursor.next().upper as 'ARRAY' | 'MULTISET';
    type = nullability(cursor, { kind, element: type, nullable: true });
  }
  return type;
}

function nullability(cursor: Cursor, type: DataType): DataType {
  if (cursor.acceptWord('NOT', 'NULL')) {
    return type.kind === 'NULL' ? type : ({ ...type, nullable: false } as DataType);
  }
  cursor.acceptWord('NULL');
  return type;
}

function bareType(cursor: Cursor): DataType {
  const { at } = cursor;
  const word = cursor.peek().upper;
  const plain = PLAIN[word];
  if (plain !== undefined) {
    cursor.next();
    return { kind: plain, nullable: true };
  }
  if (WITH_LENGTH.includes(word)) return lengthType(cursor);
  if (UNSUPPORTED.includes(word)) throw sqlUnsupported(at, `the type ${word}`);
  return (
    scalarType(cursor, word) ??
    temporalType(cursor, word) ??
    constructedType(cursor, word) ??
    unknownType(cursor)
  );
}

function unknownType(cursor: Cursor): never {
  throw cursor.unexpected('a data type');
}

function scalarType(cursor: Cursor, word: string): DataType | null {
  switch (word) {
    case 'STRING':
      cursor.next();
      return { kind: 'VARCHAR', length: STRING_LENGTH_MAX, nullable: true };
    case 'BYTES':
      cursor.next();
      return { kind: 'VARBINARY', length: STRING_LENGTH_MAX, nullable: true };
    case 'FLOAT':
      cursor.next();
      return { kind: 'FLOAT', nullable: true };
    case 'DOUBLE':
      cursor.next();
      cursor.acceptWord('PRECISION');
      return { kind: 'DOUBLE', nullable: true };
    case 'DECIMAL':
    case 'DEC':
    case 'NUMERIC':
      cursor.next();
      return decimalType(cursor);
    case 'NULL':
      cursor.next();
      return { kind: 'NULL', nullable: true };
    default:
      return null;
  }
}

function decimalType(cursor: Cursor): DataType {
  const { at } = cursor;
  if (!cursor.acceptOperator('(')) return { kind: 'DECIMAL', precision: 10, scale: 0, nullable: true };
  const precision = cursor.expectInteger('the precision');
  const scale = cursor.acceptOperator(',') ? cursor.expectInteger('the scale') : 0;
  cursor.expectOperator(')');
  if (precision < 1 || precision > 38) {
    throw sqlInvalid(at, `found DECIMAL precision ${precision}, expected 1 to 38`);
  }
  if (scale > precision) throw sqlInvalid(at, `found DECIMAL scale ${scale}, expected 0 to ${precision}`);
  return { kind: 'DECIMAL', precision, scale, nullable: true };
}

function lengthType(cursor: Cursor): DataType {
  let name = cursor.next().upper;
  if (name === 'CHARACTER') name = 'CHAR';
  if (name === 'CHAR' && cursor.acceptWord('VARYING')) name = 'VARCHAR';
  if (name === 'BINARY' && cursor.acceptWord('VARYING')) name = 'VARBINARY';
  // Without a length Flink's type system takes VARCHAR and VARBINARY for the longest, CHAR and BINARY for one.
  const otherwise = name.startsWith('VAR') ? STRING_LENGTH_MAX : 1;
  return {
    kind: name as Length,
    length: parameter(cursor, 'length', 1, STRING_LENGTH_MAX, otherwise),
    nullable: true,
  };
}

/** `(n)` within bounds, or what holds without. */
function parameter(cursor: Cursor, what: string, min: number, max: number, otherwise: number): number {
  if (!cursor.acceptOperator('(')) return otherwise;
  const { at } = cursor;
  const value = cursor.expectInteger(`the ${what}`);
  cursor.expectOperator(')');
  if (value < min || value > max) throw sqlInvalid(at, `found ${what} ${value}, expected ${min} to ${max}`);
  return value;
}

function temporalType(cursor: Cursor, word: string): DataType | null {
  const { at } = cursor;
  switch (word) {
    case 'DATE':
      cursor.next();
      return { kind: 'DATE', nullable: true };
    case 'TIME':
      cursor.next();
      return timeType(cursor);
    case 'TIMESTAMP':
      cursor.next();
      return timestampType(cursor, at);
    case 'TIMESTAMP_LTZ':
      cursor.next();
      return { kind: 'TIMESTAMP_LTZ', precision: parameter(cursor, 'precision', 0, 9, 6), nullable: true };
    case 'INTERVAL':
      cursor.next();
      return intervalType(cursor);
    default:
      return null;
  }
}

/** TIME of any precision is TIME(0), as in Flink. */
function timeType(cursor: Cursor): DataType {
  parameter(cursor, 'precision', 0, 9, 0);
  cursor.acceptWord('WITHOUT', 'TIME', 'ZONE');
  return { kind: 'TIME', precision: 0, nullable: true };
}

function timestampType(cursor: Cursor, at: Position): DataType {
  const precision = parameter(cursor, 'precision', 0, 9, 6);
  if (cursor.acceptWord('WITH', 'LOCAL', 'TIME', 'ZONE')) {
    return { kind: 'TIMESTAMP_LTZ', precision, nullable: true };
  }
  if (cursor.isWord('WITH', 'TIME', 'ZONE')) throw sqlUnsupported(at, 'the type TIMESTAMP WITH TIME ZONE');
  cursor.acceptWord('WITHOUT', 'TIME', 'ZONE');
  return { kind: 'TIMESTAMP', precision, nullable: true };
}

function intervalType(cursor: Cursor): DataType {
  const from = cursor.expectOneOf('YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND');
  parameter(cursor, 'precision', 0, 10, 2);
  if (cursor.acceptWord('TO')) {
    cursor.expectOneOf('MONTH', 'HOUR', 'MINUTE', 'SECOND');
    parameter(cursor, 'precision', 0, 9, 6);
  }
  const yearMonth = from === 'YEAR' || from === 'MONTH';
  return { kind: yearMonth ? 'INTERVAL_YEAR_MONTH' : 'INTERVAL_DAY_TIME', nullable: true };
}

function constructedType(cursor: Cursor, word: string): DataType | null {
  switch (word) {
    case 'ARRAY':
    case 'MULTISET': {
      cursor.next();
      cursor.expectOperator('<');
      const element = parseType(cursor);
      closeAngle(cursor);
      return { kind: word, element, nullable: true };
    }
    case 'MAP': {
      cursor.next();
      cursor.expectOperator('<');
      const key = parseType(cursor);
      cursor.expectOperator(',');
      const value = parseType(cursor);
      closeAngle(cursor);
      return { kind: 'MAP', key, value, nullable: true };
    }
    case 'ROW':
      cursor.next();
      return rowType(cursor);
    default:
      return null;
  }
}

function rowType(cursor: Cursor): DataType {
  const round = cursor.acceptOperator('(');
  if (!round) cursor.expectOperator('<');
  const fields = cursor.list((): Field => {
    const { name } = cursor.identifier('a field name');
    const type = parseType(cursor);
    if (cursor.peek().kind === 'string') cursor.next();
    return { name, type };
  });
  if (round) cursor.expectOperator(')');
  else closeAngle(cursor);
  return { kind: 'ROW', fields, nullable: true };
}

function closeAngle(cursor: Cursor): void {
  cursor.expectOperator('>');
}
