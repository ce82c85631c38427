import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { MillraceError, messageOf } from '../../core/mod.ts';

/** One line of a file: a row by column name, or why it is none. */
export type FileRow =
  | { readonly kind: 'row'; readonly row: Readonly<Record<string, unknown>> }
  | { readonly kind: 'bad'; readonly line: number; readonly reason: string; readonly text: string };

const GZIP_MAGIC = [0x1f, 0x8b];

/**
 * The rows of a CSV, TSV or JSON-lines file, gzipped or not. The first line of CSV and TSV names the
 * columns; their
 * fields stay text, an empty field is null. A line that can't be read comes as `bad`, never ends the file.
 */
export async function* fileRows(path: string): AsyncGenerator<FileRow> {
  const kind = fileKind(path);
  const stream = await openText(path);
  if (kind === 'jsonl') yield* jsonLines(stream);
  else yield* separated(stream, kind === 'csv' ? ',' : '\t');
}

function fileKind(path: string): 'csv' | 'tsv' | 'jsonl' {
  const extension = /\.(csv|tsv|jsonl|ndjson|json)(?:\.gz)?$/i.exec(path)?.[1]?.toLowerCase();
  if (extension === 'csv' || extension === 'tsv') return extension;
  if (extension !== undefined) return 'jsonl';
  throw new MillraceError(
    'FORMAT_INVALID',
    `${path}: expected a .csv, .tsv, .jsonl, .ndjson or .json file, with or without .gz.`,
  );
}

async function openText(path: string): Promise<Readable> {
  const file = await open(path).catch(error => {
    throw new MillraceError('NOT_FOUND', `${path} can't be read: ${messageOf(error)}.`, { cause: error });
  });
  const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
  await file.close();
  const stream = createReadStream(path);
  if (buffer[0] !== GZIP_MAGIC[0] || buffer[1] !== GZIP_MAGIC[1]) return stream;
  const unzipped = createGunzip();
  stream.on('error', error => unzipped.destroy(error));
  return stream.pipe(unzipped);
}

async function* jsonLines(stream: Readable): AsyncGenerator<FileRow> {
  let line = 0;
  for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    if (text.trim() === '') continue;
    yield parseJsonLine(text, line);
  }
}

function parseJsonLine(text: string, line: number): FileRow {
  try {
    const row: unknown = JSON.parse(text);
    if (row !== null && typeof row === 'object' && !Array.isArray(row)) {
      return { kind: 'row', row: row as Record<string, unknown> };
    }
    return { kind: 'bad', line, reason: 'not a JSON object', text };
  } catch (error) {
    return { kind: 'bad', line, reason: messageOf(error), text };
  }
}

/** A parsed line, and the number of lines read with it. */
interface SeparatedLine {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

async function* separated(stream: Readable, delimiter: string): AsyncGenerator<FileRow> {
  const parser = parse({
    delimiter,
    bom: true,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    // Tabs can't stand in a TSV field, so a quote there is only a character.
    quote: delimiter === '\t' ? null : '"',
  });
  stream.on('error', error => parser.destroy(error));
  stream.pipe(parser);
  let columns: string[] | undefined;
  for await (const { record, info } of parser as AsyncIterable<SeparatedLine>) {
    if (!columns) columns = record;
    else yield separatedRow(columns, record, info.lines, delimiter);
  }
}

function separatedRow(columns: string[], fields: string[], line: number, delimiter: string): FileRow {
  if (fields.length !== columns.length) {
    const reason = `${fields.length} fields, expected ${columns.length}`;
    return { kind: 'bad', line, reason, text: fields.join(delimiter) };
  }
  const row: Record<string, string | null> = {};
  for (let i = 0; i < columns.length; i++) row[columns[i]!] = fields[i] === '' ? null : fields[i]!;
  return { kind: 'row', row };
}
