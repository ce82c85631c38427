import { MillraceError } from '../../core/errors.ts';
import { decodeUtf8, encodeUtf8 } from '../../core/utf8.ts';

/** A character set, as Java reads and writes it. */
export interface Charset {
  readonly isUtf8: boolean;
  decode(bytes: Uint8Array): string;
  encode(text: string): Uint8Array;
}

const QUESTION_MARK = 63;

/** The character set of a name; unknown ones are CONFIG_INVALID, those of several bytes refused by name. */
export function charsetOf(name: string): Charset {
  const known = name.toUpperCase();
  if (known === 'UTF-8' || known === 'UTF8') {
    return { isUtf8: true, decode: bytes => decodeUtf8(bytes, 0, bytes.length), encode: encodeUtf8 };
  }
  if (known === 'UTF-16') return utf16(null);
  if (known === 'UTF-16BE') return utf16(false);
  if (known === 'UTF-16LE') return utf16(true);
  return singleByte(known === 'ISO-8859-1' ? 256 : known === 'US-ASCII' ? 128 : 0, name);
}

/** Two bytes a unit; without a byte order in the name it is big-endian, with a mark in front. */
function utf16(littleEndian: boolean | null): Charset {
  return {
    isUtf8: false,
    decode: bytes => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const mark = littleEndian === null && bytes.length >= 2 ? view.getUint16(0) : 0;
      const hasMark = mark === 0xfeff || mark === 0xfffe;
      const little = littleEndian ?? mark === 0xfffe;
      let text = '';
      let at = hasMark ? 2 : 0;
      for (; at + 2 <= bytes.length; at += 2) text += String.fromCharCode(view.getUint16(at, little));
      const whole = at < bytes.length ? `${text}\ufffd` : text;
      // A half of a pair becomes U+FFFD on the way.
      return decodeUtf8(encodeUtf8(whole), 0, encodeUtf8(whole).length);
    },
    encode: text => {
      const marked = littleEndian === null && text !== '' ? `\ufeff${text}` : text;
      const view = new DataView(new ArrayBuffer(marked.length * 2));
      for (let i = 0; i < marked.length; i++) {
        view.setUint16(i * 2, marked.charCodeAt(i), littleEndian ?? false);
      }
      return new Uint8Array(view.buffer);
    },
  };
}

/** `plain`: how many codes stand for themselves; 0 to ask the platform. */
function singleByte(plain: number, name: string): Charset {
  const letters = plain === 0 ? lettersOf(name) : plainLetters(plain);
  const codes = new Map(
    letters.map((letter, code) => [letter, code] as const).filter(e => e[0] !== '\ufffd'),
  );
  return {
    isUtf8: false,
    decode: bytes => Array.from(bytes, byte => letters[byte]!).join(''),
    encode: text => Uint8Array.from(Array.from(text), letter => codes.get(letter) ?? QUESTION_MARK),
  };
}

function plainLetters(count: number): string[] {
  return Array.from({ length: 256 }, (_, code) => (code < count ? String.fromCharCode(code) : '\ufffd'));
}

/** Codes 128 to 159, which platforms take for those of ISO-8859-1. */
const WINDOWS_1252 = '€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ';

function decoderOf(name: string) {
  try {
    return new TextDecoder(name);
  } catch {
    throw new MillraceError('CONFIG_INVALID', `Unsupported 'raw.charset' name: ${name}.`);
  }
}

function lettersOf(name: string): string[] {
  if (/^(windows-|cp)1252$/i.test(name)) {
    return plainLetters(256).map((letter, code) => WINDOWS_1252[code - 128] ?? letter);
  }
  const decoder = decoderOf(name);
  const letters = Array.from({ length: 256 }, (_, code) => decoder.decode(Uint8Array.of(code)));
  // Of character sets with several bytes a lone lead byte says nothing.
  const isSingle =
    letters.filter(letter => letter === '\ufffd').length < 64 && letters.every(l => l.length === 1);
  if (!isSingle) throw new MillraceError('SQL_UNSUPPORTED', `'raw.charset' = '${name}' is not supported yet`);
  return letters;
}
