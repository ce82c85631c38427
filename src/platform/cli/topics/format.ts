import { MillraceError } from '../../../core/mod.ts';

/** A record as the API sends it: a line of NDJSON. */
export interface RecordLine {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key?: string | null;
  readonly key_base64?: string;
  readonly value?: string | null;
  readonly value_base64?: string;
  readonly headers?: Readonly<Record<string, string | null>> | readonly HeaderLine[];
}

/** A header that an object of texts can not hold. */
interface HeaderLine {
  readonly key: string;
  readonly value?: string | null;
  readonly value_base64?: string;
}

type Piece = string | ((record: RecordLine, topic: string) => Uint8Array | string);

/** What stands for no key and no value in printed text, as kcat says it. */
const NULL = 'NULL';

const bytesOf = (text: string | null | undefined, base64: string | undefined): Uint8Array | null => {
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  return text === null || text === undefined ? null : Buffer.from(text);
};

/** The key of a record; null where it has none. */
export const recordKey = (record: RecordLine): Uint8Array | null => bytesOf(record.key, record.key_base64);
/** The value of a record; null for a tombstone. */
export const recordValue = (record: RecordLine): Uint8Array | null =>
  bytesOf(record.value, record.value_base64);

function printedHeaders({ headers = {} }: RecordLine): Uint8Array {
  const list = Array.isArray(headers)
    ? (headers as readonly HeaderLine[])
    : Object.entries(headers as Readonly<Record<string, string | null>>).map(
        ([key, value]): HeaderLine => ({ key, value }),
      );
  const pieces = list.flatMap(({ key, value, value_base64: base64 }, i) => [
    Buffer.from(`${i === 0 ? '' : ','}${key}=`),
    bytesOf(value, base64) ?? Buffer.from(NULL),
  ]);
  return Buffer.concat(pieces);
}

const TOKENS: Readonly<Record<string, Piece>> = {
  t: (_record, topic) => topic,
  p: record => String(record.partition),
  o: record => String(record.offset),
  k: record => recordKey(record) ?? NULL,
  K: record => String(recordKey(record)?.length ?? -1),
  s: record => recordValue(record) ?? NULL,
  S: record => String(recordValue(record)?.length ?? -1),
  T: record => String(record.timestamp),
  h: printedHeaders,
  '%': '%',
};
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', '0': '\0' };

/**
 * How records are printed: kcat's tokens %t topic, %p partition, %o offset, %k key, %K its length, %s value,
 * %S its length, %T time in ms, %h headers, %% a percent sign; \n \r \t \\ \0 and \xNN. CONFIG_INVALID names
 * what is neither.
 */
export function recordFormat(format: string): (record: RecordLine, topic: string) => Uint8Array {
  const pieces = piecesOf(format);
  return (record, topic) =>
    Buffer.concat(
      pieces.map(piece => {
        const text = typeof piece === 'string' ? piece : piece(record, topic);
        return typeof text === 'string' ? Buffer.from(text) : text;
      }),
    );
}

function piecesOf(format: string): Piece[] {
  const pieces: Piece[] = [];
  const pattern = /%(.?)|\\x([0-9a-fA-F]{2})|\\(.?)|[^%\\]+/gsu;
  for (const [all, token, hex, escaped] of format.matchAll(pattern)) {
    if (token !== undefined) pieces.push(TOKENS[token] ?? refuse(all, format));
    else if (hex !== undefined) pieces.push(String.fromCharCode(Number.parseInt(hex, 16)));
    else if (escaped !== undefined) pieces.push(ESCAPES[escaped] ?? refuse(all, format));
    else pieces.push(all);
  }
  return pieces;
}

function refuse(what: string, format: string): never {
  throw new MillraceError(
    'CONFIG_INVALID',
    `--format ${JSON.stringify(format)}: ${what} is nothing. There are %t %p %o %k %K %s %S %T %h %% and \\n \\r \\t \\\\ \\0 \\xNN.`,
  );
}
