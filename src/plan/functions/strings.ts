import { type DataType, STRING_LENGTH_MAX } from '../../core/mod.ts';
import { STRING } from '../build-expression.ts';
import type { Expression } from '../expression.ts';
import { varchar } from '../types/kinds.ts';
import { define, type FunctionDefinition, INT, typeOfArg } from './definition.ts';

/** A string type of the length of an argument. */
function varcharOf(args: readonly Expression[], index = 0): DataType {
  const type = typeOfArg(args, index);
  return 'length' in type ? varchar(type.length) : STRING;
}

const sameAsFirst = (args: readonly Expression[]) => typeOfArg(args, 0);
const string = () => STRING;
const int = () => INT;

const substring = (name: string) =>
  define('string', name, `${name}(text FROM start [FOR length])`, {
    params: ['string', 'integer', 'integer'],
    optional: 1,
    planName: 'SUBSTRING',
    nullable: 'always',
    result: args => varcharOf(args),
  });

const side = (name: string) =>
  define('string', name, `${name}(text, count)`, {
    params: ['string', 'integer'],
    nullable: 'always',
    result: args => varcharOf(args),
  });

const oneSide = (name: string) =>
  define('string', name, `${name}(text [, characters])`, {
    params: ['string', 'string'],
    optional: 1,
    result: args => varcharOf(args),
  });

const length = (name: string) =>
  define('string', name, `${name}(text)`, { params: ['string'], planName: 'CHAR_LENGTH', result: int });

const pad = (name: string) =>
  define('string', name, `${name}(text, length, padding)`, {
    params: ['string', 'integer', 'string'],
    result: string,
  });

/** OVERLAY gives a VARCHAR as long as both texts together. */
function overlaid(args: readonly Expression[]): DataType {
  const lengths = args.slice(0, 2).map(({ type }) => ('length' in type ? type.length : 0));
  return varchar(Math.min(STRING_LENGTH_MAX, lengths[0]! + lengths[1]!));
}

/** Functions over strings. */
export const STRING_FUNCTIONS: readonly FunctionDefinition[] = [
  define('string', 'UPPER', 'UPPER(text)', { params: ['string'], result: sameAsFirst }),
  define('string', 'LOWER', 'LOWER(text)', { params: ['string'], result: sameAsFirst }),
  define('string', 'INITCAP', 'INITCAP(text)', { params: ['string'], result: sameAsFirst }),
  define('string', 'TRIM', 'TRIM([BOTH | LEADING | TRAILING] [characters] FROM text)', {
    params: ['string', 'string', 'string'],
    result: args => varcharOf(args, 2),
  }),
  oneSide('LTRIM'),
  oneSide('RTRIM'),
  substring('SUBSTRING'),
  substring('SUBSTR'),
  side('LEFT'),
  side('RIGHT'),
  length('CHAR_LENGTH'),
  length('CHARACTER_LENGTH'),
  define('string', 'POSITION', 'POSITION(part IN text [FROM start])', {
    params: ['string', 'string', 'integer'],
    optional: 1,
    result: int,
  }),
  define('string', 'REPLACE', 'REPLACE(text, part, replacement)', {
    params: ['string', 'string', 'string'],
    result: string,
  }),
  define('string', 'CONCAT', 'CONCAT(text, …)', { params: ['string'], variadic: true, result: string }),
  define('string', 'CONCAT_WS', 'CONCAT_WS(separator, text, …)', {
    params: ['string', 'string'],
    variadic: true,
    result: string,
    note: 'NULL texts are skipped.',
  }),
  pad('LPAD'),
  pad('RPAD'),
  define('string', 'REPEAT', 'REPEAT(text, count)', { params: ['string', 'integer'], result: string }),
  define('string', 'REVERSE', 'REVERSE(text)', { params: ['string'], nullable: 'always', result: string }),
  define('string', 'INSTR', 'INSTR(text, part [, start [, occurrence]])', {
    params: ['string', 'string', 'integer', 'integer'],
    optional: 2,
    result: int,
    note: 'A start below 0 searches from the end.',
  }),
  define('string', 'OVERLAY', 'OVERLAY(text PLACING part FROM start [FOR length])', {
    params: ['string', 'string', 'integer', 'integer'],
    optional: 1,
    result: overlaid,
  }),
  define('string', 'LOCATE', 'LOCATE(part, text [, start])', {
    params: ['string', 'string', 'integer'],
    optional: 1,
    planName: 'POSITION',
    result: int,
  }),
];
