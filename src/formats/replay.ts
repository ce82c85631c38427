import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { parse as parseSync } from 'csv-parse/sync';
import { MillraceError, messageOf } from '../core/errors.ts';

/** Files that can be replayed: CSV and TSV with a header line, or a JSON object a line. */
export type ReplayKind = 'csv' | 'tsv' | 'jsonl';

/** A line that is no record, 1-based, and why. */
export type RejectLine = (line: number, reason: string, bytes: Uint8Array) => void;

/** Records per piece handed on. */
const RECORDS_PER_PIECE = 1000;
/** A line longer than this is no line. */
const LINE_BYTES_MAX = 16 << 20;

/**
 * The records of a file as JSON bytes, in pieces of up to 1000, in the file's order. CSV cells become
 * strings under the header's names (decoders read numbers from strings); an empty cell without quotes is
 * null. TSV knows no quotes. Unzipping is the caller's. Lines that are no records go to `reject` and the
 * rest goes on.
 */
export function replayRecords(
  chunks: AsyncIterable<Uint8Array>,
  kind: ReplayKind,
  reject: RejectLine,
): AsyncIterable<readonly Uint8Array[]> {
  return kind === 'jsonl' ? jsonLines(chunks, reject) : delimited(chunks, kind, reject);
}

interface ParsedLine {
  readonly record: readonly string[];
  readonly raw: string;
  readonly info: { readonly lines: number };
}

async function* delimited(
  chunks: AsyncIterable<Uint8Array>,
  kind: 'csv' | 'tsv',
  reject: RejectLine,
): AsyncIterable<readonly Uint8Array[]> {
  const dialect = kind === 'csv' ? { delimiter: ',' } : { delimiter: '\t', quote: false as const };
  const options = {
    ...dialect,
    bom: true,
    raw: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
  };
  const parser = Readable.from(chunks, { objectMode: false }).pipe(parse(options));
  let keys: readonly string[] | null = null;
  let piece: Uint8Array[] = [];
  try {
    for await (const line of parser as AsyncIterable<ParsedLine>) {
      const { record, raw, info } = line;
      if (keys === null) {
        keys = record.map((name, i) => `${i === 0 ? '{' : ','}${JSON.stringify(name)}:`);
      } else if (record.length !== keys.length) {
        reject(info.lines, `expected ${keys.length} cells, found ${record.length}`, Buffer.from(raw));
      } else {
        const isQuoted = kind === 'csv' && raw.includes('""') ? quotedCells(raw) : null;
        piece.push(jsonOf(keys, record, isQuoted));
      }
      if (piece.length < RECORDS_PER_PIECE) continue;
      yield piece;
      piece = [];
    }
  } catch (error) {
    throw new MillraceError('FORMAT_INVALID', `the ${kind} file can't be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  if (piece.length > 0) yield piece;
}

/** Which cells of a line stand in quotes: only these may be empty strings. */
function quotedCells(raw: string): readonly boolean[] {
  const [cells] = parseSync(raw, {
    relax_column_count: true,
    cast: (_, context) => context.quoting,
  }) as unknown as [boolean[]];
  return cells;
}

function jsonOf(
  keys: readonly string[],
  cells: readonly string[],
  isQuoted: readonly boolean[] | null,
): Uint8Array {
  let text = '';
  for (let i = 0; i < keys.length; i++) {
    const cell = cells[i]!;
    const isNull = cell === '' && !isQuoted?.[i];
    text += keys[i]! + (isNull ? 'null' : JSON.stringify(cell));
  }
  return Buffer.from(`${text}}`);
}

async function* jsonLines(
  chunks: AsyncIterable<Uint8Array>,
  reject: RejectLine,
): AsyncIterable<readonly Uint8Array[]> {
  let rest: Uint8Array = new Uint8Array(0);
  let line = 0;
  let piece: Uint8Array[] = [];
  const add = (bytes: Uint8Array): void => {
    line++;
    const trimmed = bytes[bytes.length - 1] === 13 ? bytes.subarray(0, -1) : bytes;
    if (trimmed.length > LINE_BYTES_MAX) {
      reject(line, `a line of more than ${LINE_BYTES_MAX} bytes`, trimmed.subarray(0, 1024));
    } else if (trimmed.length > 0) piece.push(trimmed);
  };
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
      add(bytes.slice(from, at));
      from = at + 1;
    }
    rest = bytes.slice(from);
    if (piece.length < RECORDS_PER_PIECE) continue;
    yield piece;
    piece = [];
  }
  if (rest.length > 0) add(rest);
  if (piece.length > 0) yield piece;
}
