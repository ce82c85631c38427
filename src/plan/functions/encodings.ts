import { type DataType, STRING_LENGTH_MAX } from '../../core/mod.ts';
import { sqlInvalid } from '../../sql/mod.ts';
import { call, coerce, STRING } from '../build-expression.ts';
import type { Expression } from '../expression.ts';
import { isBinary, isInteger, isString, varchar, withNullable } from '../types/kinds.ts';
import { BIGINT, type BoundCall, cannotApply, define, type FunctionDefinition, INT } from './definition.ts';

const string = () => STRING;

/** Digest functions and the digits they give. */
const DIGESTS: Readonly<Record<string, number>> = {
  MD5: 32,
  SHA1: 40,
  SHA224: 56,
  SHA256: 64,
  SHA384: 96,
  SHA512: 128,
};
const SHA2_BITS: readonly unknown[] = [224, 256, 384, 512, 224n, 256n, 384n, 512n];

const isText = (x: Expression): boolean => isString(x.type) || isBinary(x.type) || x.type.kind === 'NULL';

const digest = (name: string, digits: number): FunctionDefinition => ({
  name,
  group: 'encoding',
  syntax: `${name}(text or bytes)`,
  note: 'In lower-case hex digits.',
  bind: bound => {
    const [text] = bound.args;
    if (text === undefined || bound.args.length !== 1 || !isText(text)) {
      throw cannotApply(bound, ['<CHARACTER>']);
    }
    const type: DataType = { kind: 'CHAR', length: digits, nullable: text.type.nullable };
    return call('DIGEST', [coerceNull(text, bound), digestName(name)], type, bound.at);
  },
});

/** The algorithm, as a constant: only known names reach the engine. */
function digestName(name: string): Expression {
  return { kind: 'literal', value: name, type: { kind: 'CHAR', length: name.length, nullable: false } };
}

const coerceNull = (x: Expression, bound: BoundCall): Expression =>
  x.type.kind === 'NULL' ? coerce(x, STRING, bound.at) : x;

/** SHA2(text, bits): a constant length is checked at once. */
function sha2(bound: BoundCall): Expression {
  const [text, bits] = bound.args;
  if (text === undefined || bits === undefined || bound.args.length !== 2) {
    throw cannotApply(bound, ['<CHARACTER>', '<INTEGER>']);
  }
  if (!isText(text) || !isInteger(bits.type)) throw cannotApply(bound, ['<CHARACTER>', '<INTEGER>']);
  if (bits.kind === 'literal' && !SHA2_BITS.includes(bits.value)) {
    throw sqlInvalid(bound.at, 'Unsupported algorithm.');
  }
  const type = varchar(128, text.type.nullable || bits.type.nullable);
  return call('SHA2', [coerceNull(text, bound), coerce(bits, BIGINT, bound.at)], type, bound.at);
}

/** HEX of an integer or of a text's bytes. */
function hex(bound: BoundCall): Expression {
  const [x] = bound.args;
  if (x === undefined || bound.args.length !== 1 || !(isInteger(x.type) || isText(x))) {
    throw cannotApply(bound, ['<NUMERIC>']);
  }
  const operand = isInteger(x.type) ? coerce(x, BIGINT, bound.at) : coerceNull(x, bound);
  return call('HEX', [operand], withNullable(STRING, x.type.nullable), bound.at);
}

/** ENCODE keeps the text's length: a CHAR(1) becomes BINARY(1), its bytes cut to it. */
function encodedType(args: readonly Expression[]): DataType {
  const { type } = args[0]!;
  const length = 'length' in type ? type.length : STRING_LENGTH_MAX;
  return { kind: type.kind === 'CHAR' ? 'BINARY' : 'VARBINARY', length, nullable: true };
}

/** Functions from texts to bytes and back, digests and digits. */
export const ENCODING_FUNCTIONS: readonly FunctionDefinition[] = [
  define('encoding', 'ASCII', 'ASCII(text)', {
    params: ['string'],
    result: () => INT,
    note: 'The first byte, signed.',
  }),
  define('encoding', 'CHR', 'CHR(code)', { params: ['integer'], result: string, nullable: 'always' }),
  define('encoding', 'ENCODE', 'ENCODE(text, charset)', {
    params: ['string', 'string'],
    result: encodedType,
    nullable: 'always',
    note: 'UTF-8, UTF-16, UTF-16BE, UTF-16LE, ISO-8859-1 and US-ASCII.',
  }),
  define('encoding', 'DECODE', 'DECODE(bytes, charset)', {
    params: ['binary', 'string'],
    result: string,
    nullable: 'always',
    note: 'The same charsets as ENCODE.',
  }),
  define('encoding', 'TO_BASE64', 'TO_BASE64(text)', { params: ['string'], result: string }),
  define('encoding', 'FROM_BASE64', 'FROM_BASE64(text)', { params: ['string'], result: string }),
  { name: 'HEX', group: 'encoding', syntax: 'HEX(integer or text)', note: '', bind: hex },
  define('encoding', 'BIN', 'BIN(integer)', {
    params: ['integer'],
    result: string,
    coerceTo: () => [BIGINT],
  }),
  ...Object.entries(DIGESTS).map(([name, digits]) => digest(name, digits)),
  {
    name: 'SHA2',
    group: 'encoding',
    syntax: 'SHA2(text or bytes, bits)',
    note: '224, 256, 384 or 512 bits.',
    bind: sha2,
  },
];
