/** Bytes as the API shows them: text where they are UTF-8, else base64. */
export interface Bytes {
  readonly text?: string;
  readonly base64?: string;
  readonly bytes: number;
  readonly cut: boolean;
}

export interface Message {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Bytes | null;
  readonly value: Bytes | null;
  readonly headers: readonly { readonly key: string; readonly value: Bytes | null }[];
  readonly batch: {
    readonly baseOffset: number;
    readonly records: number;
    readonly bytes: number;
    readonly compression: string;
  } | null;
}

/** Names a message in addresses and lists. */
export const messageId = (message: Pick<Message, 'partition' | 'offset'>): string =>
  `${message.partition}:${message.offset}`;

const PREVIEW_CHARS = 240;

/** The beginning of a text on one line; bytes that are none as hex. */
export function preview(value: Bytes | null): string {
  if (value === null) return 'null';
  if (value.text !== undefined)
    return value.text.length > PREVIEW_CHARS * 2 || /\s/.test(value.text)
      ? value.text
          .slice(0, PREVIEW_CHARS * 2)
          .replace(/\s+/g, ' ')
          .slice(0, PREVIEW_CHARS)
      : value.text.slice(0, PREVIEW_CHARS);
  return [...bytesOf(value).subarray(0, 32)].map(hex2).join(' ');
}

const hex2 = (byte: number): string => byte.toString(16).padStart(2, '0');

/** The bytes themselves, as far as they are here. */
export function bytesOf(value: Bytes): Uint8Array {
  if (value.text !== undefined) return new TextEncoder().encode(value.text);
  return Uint8Array.from(atob(value.base64 ?? ''), char => char.charCodeAt(0));
}

/** The JSON a text holds; undefined where it is none. Numbers that would lose digits stay text. */
export function jsonOf(value: Bytes | null): { readonly json: unknown } | undefined {
  if (value?.text === undefined || value.cut || !/^\s*[[{"\-0-9tfn]/.test(value.text)) return undefined;
  try {
    return { json: JSON.parse(value.text, keepDigits) as unknown };
  } catch {
    return undefined;
  }
}

/** A number that JSON.parse could not hold, as it stands in the text. */
export class ExactNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What newer engines hand to a reviver beside key and value. */
type Source = { readonly source?: string } | undefined;

function keepDigits(this: unknown, _key: string, value: unknown, ...rest: readonly unknown[]): unknown {
  const source = (rest[0] as Source)?.source;
  if (typeof value !== 'number' || source === undefined) return value;
  const lossy = /^-?\d+$/.test(source) ? String(value) !== source && value !== 0 : !Number.isFinite(value);
  return lossy ? new ExactNumber(source) : value;
}

/** JSON on several lines, its numbers as they were written. */
export function prettyJson(json: unknown, indent = ''): string {
  if (json instanceof ExactNumber) return json.text;
  if (json === null || typeof json !== 'object') return JSON.stringify(json);
  const inner = `${indent}  `;
  if (Array.isArray(json)) {
    if (json.length === 0) return '[]';
    return `[\n${json.map(each => inner + prettyJson(each, inner)).join(',\n')}\n${indent}]`;
  }
  const entries = Object.entries(json);
  if (entries.length === 0) return '{}';
  const lines = entries.map(
    ([name, value]) => `${inner}${JSON.stringify(name)}: ${prettyJson(value, inner)}`,
  );
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

const HEX_WIDTH = 16;

/** `00000010  7b 22 …  |{"…|`, sixteen bytes a line. */
export function hexDump(bytes: Uint8Array, linesMax = 4096): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length && lines.length < linesMax; at += HEX_WIDTH) {
    const row = [...bytes.subarray(at, at + HEX_WIDTH)];
    const hex = row
      .map(hex2)
      .join(' ')
      .padEnd(HEX_WIDTH * 3 - 1);
    const text = row.map(byte => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex}  |${text}|`);
  }
  return lines.join('\n');
}

/** A record of GET /api/topics/…/records, whole. */
export interface WholeRecord {
  readonly key?: string | null;
  readonly key_base64?: string;
  readonly value?: string | null;
  readonly value_base64?: string;
}

/** A whole value as `Bytes`, for what was cut. */
export function wholeBytes(text: string | null | undefined, base64: string | undefined): Bytes | null {
  if (base64 !== undefined) return { base64, bytes: atob(base64).length, cut: false };
  if (text === null || text === undefined) return null;
  return { text, bytes: new TextEncoder().encode(text).length, cut: false };
}
