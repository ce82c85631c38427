import { createHash } from 'node:crypto';
import { MillraceError } from '../../../core/mod.ts';

/** What Java's charset names mean here. */
const CHARSETS: Readonly<Record<string, string>> = {
  'UTF-8': 'utf8',
  UTF8: 'utf8',
  'UTF-16': 'utf16',
  UTF16: 'utf16',
  'UTF-16BE': 'utf16be',
  'UTF-16LE': 'utf16le',
  'ISO-8859-1': 'latin1',
  LATIN1: 'latin1',
  'US-ASCII': 'ascii',
  ASCII: 'ascii',
};

const DIGESTS: Readonly<Record<string, string>> = {
  MD5: 'md5',
  SHA1: 'sha1',
  SHA224: 'sha224',
  SHA256: 'sha256',
  SHA384: 'sha384',
  SHA512: 'sha512',
};

function fail(sentence: string): never {
  throw new MillraceError('EXPRESSION_FAILED', sentence);
}

function charsetOf(name: string): string {
  return CHARSETS[name.toUpperCase()] ?? fail(`The charset ${name} is not supported.`);
}

/** A digest in lower-case hex digits. */
export function digest(data: Uint8Array, name: string): string {
  return createHash(DIGESTS[name] ?? fail('Unsupported algorithm.'))
    .update(data)
    .digest('hex');
}

export const sha2 = (data: Uint8Array, bits: bigint): string => digest(data, `SHA${bits}`);

/** ENCODE: what a charset has no sign for becomes a question mark. */
export function encodeText(text: string, charset: string): Uint8Array {
  switch (charsetOf(charset)) {
    case 'utf16':
      return new Uint8Array([0xfe, 0xff, ...Buffer.from(text, 'utf16le').swap16()]);
    case 'utf16be':
      return new Uint8Array(Buffer.from(text, 'utf16le').swap16());
    case 'utf16le':
      return new Uint8Array(Buffer.from(text, 'utf16le'));
    case 'latin1':
      return Uint8Array.from(Array.from(text), char => signOf(char, 0xff));
    case 'ascii':
      return Uint8Array.from(Array.from(text), char => signOf(char, 0x7f));
    default:
      return new Uint8Array(Buffer.from(text, 'utf8'));
  }
}

function signOf(char: string, max: number): number {
  const code = char.codePointAt(0)!;
  return code <= max ? code : 0x3f;
}

/** DECODE: bytes that are no text become U+FFFD. */
export function decodeBytes(data: Uint8Array, charset: string): string {
  switch (charsetOf(charset)) {
    case 'utf16':
      return data[0] === 0xff && data[1] === 0xfe
        ? new TextDecoder('utf-16le').decode(data)
        : new TextDecoder('utf-16be').decode(data);
    case 'utf16be':
      return new TextDecoder('utf-16be', { ignoreBOM: true }).decode(data);
    case 'utf16le':
      return new TextDecoder('utf-16le', { ignoreBOM: true }).decode(data);
    case 'latin1':
      return Buffer.from(data).toString('latin1');
    case 'ascii':
      return Array.from(data, byte => (byte < 128 ? String.fromCharCode(byte) : '\ufffd')).join('');
    default:
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(data);
  }
}

export const toBase64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** FROM_BASE64 as strict as java.util.Base64. */
export function fromBase64(text: string): string {
  const bad = /[^A-Za-z0-9+/=]/.exec(text);
  if (bad !== null) fail(`Illegal base64 character ${bad[0].codePointAt(0)!.toString(16)}`);
  const [, body = '', padding = ''] = /^([^=]*)(=*)$/.exec(text) ?? [];
  const rest = body.length % 4;
  if (body.length + padding.length !== text.length || rest === 1 || padding.length > 2) {
    fail('Input byte array has wrong 4-byte ending unit');
  }
  if (padding !== '' && rest + padding.length !== 4) fail('Input byte array has wrong 4-byte ending unit');
  return Buffer.from(text, 'base64').toString('utf8');
}

/** HEX and BIN of a BIGINT: two's complement when below zero. */
export const hexOf = (value: bigint): string => BigInt.asUintN(64, value).toString(16).toUpperCase();
export const binaryOf = (value: bigint): string => BigInt.asUintN(64, value).toString(2);
export const hexOfBytes = (data: Uint8Array): string => Buffer.from(data).toString('hex').toUpperCase();

/** CHR: the lowest eight bits as a character. */
export const chr = (code: number | bigint): string =>
  code < 0 ? '' : String.fromCharCode(Number(BigInt.asUintN(8, BigInt(code))));

/** ASCII: the first byte of the UTF-8 text as Java's signed byte, 0 for none. */
export const firstByte = (data: Uint8Array): number => ((data[0] ?? 0) << 24) >> 24;
