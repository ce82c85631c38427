import { physicalTypeOf } from '../../core/mod.ts';
import { strict, type Value } from './code.ts';
import type { FunctionCompiler } from './functions.ts';

/** Code for the bytes of a text or binary value. */
function bytesOf(v: Value): string {
  if (v.range !== null) return `rt.view(${v.range})`;
  const binary = v.type.kind === 'BINARY' || v.type.kind === 'VARBINARY';
  return binary ? v.code : `rt.encode(${v.code})`;
}

const direct =
  (name: string): FunctionCompiler =>
  (w, call, values) =>
    strict(w, call.type, values, `rt.${name}(${values.map(v => v.code).join(', ')})`);

const encode: FunctionCompiler = (w, call, values) => {
  const { type } = call;
  const length = 'length' in type ? type.length : 0;
  const bytes = `rt.encodeText(${values.map(v => v.code).join(', ')})`;
  return strict(w, type, values, `rt.fitBytes(${bytes}, ${length}, ${type.kind === 'BINARY'})`);
};

const hex: FunctionCompiler = (w, call, values) => {
  const v = values[0]!;
  const code = physicalTypeOf(v.type) === 'i64' ? `rt.hexOf(${v.code})` : `rt.hexOfBytes(${bytesOf(v)})`;
  return strict(w, call.type, values, code);
};

/** Functions between texts, bytes and digits by canonical name. */
export const ENCODING_FUNCTIONS: Readonly<Record<string, FunctionCompiler>> = {
  ASCII: (w, call, values) => strict(w, call.type, values, `rt.firstByte(${bytesOf(values[0]!)})`),
  BIN: direct('binaryOf'),
  CHR: direct('chr'),
  DECODE: (w, call, values) =>
    strict(w, call.type, values, `rt.decodeBytes(${bytesOf(values[0]!)}, ${values[1]!.code})`),
  DIGEST: (w, call, values) =>
    strict(w, call.type, values, `rt.digest(${bytesOf(values[0]!)}, ${values[1]!.code})`),
  ENCODE: encode,
  FROM_BASE64: direct('fromBase64'),
  HEX: hex,
  SHA2: (w, call, values) =>
    strict(w, call.type, values, `rt.sha2(${bytesOf(values[0]!)}, ${values[1]!.code})`),
  TO_BASE64: direct('toBase64'),
};
