import { MillraceError } from '../../core/errors.ts';
import { type DataType, printType } from '../../core/types.ts';
import { booleanOption, characterOption, type OptionReaders, readOptions } from '../option-values.ts';

/** What Flink's `csv.*` options say; characters are ASCII codes, -1 for none. */
export interface CsvOptions {
  readonly delimiter: number;
  readonly quote: number;
  readonly escapeCode: number;
  readonly elementDelimiter: string;
  /** The text that means null; null where no text does. */
  readonly nullLiteral: string | null;
  readonly allowComments: boolean;
  /** A field that can't be converted becomes null; a record that can't be parsed is skipped, not rejected. */
  readonly ignoreParseErrors: boolean;
  /** 100000 is written as 1E+5. */
  readonly scientific: boolean;
}

const READERS: OptionReaders<CsvOptions & { readonly quoting: boolean }> = {
  'field-delimiter': (v, n) => ({ delimiter: characterOption(unescaped(v), n) }),
  'disable-quote-character': (v, n) => ({ quoting: !booleanOption(v, n) }),
  'quote-character': (v, n) => ({ quote: characterOption(v, n) }),
  'allow-comments': (v, n) => ({ allowComments: booleanOption(v, n) }),
  'ignore-parse-errors': (v, n) => ({ ignoreParseErrors: booleanOption(v, n) }),
  'array-element-delimiter': v => ({ elementDelimiter: v }),
  'escape-character': (v, n) => ({ escapeCode: characterOption(v, n) }),
  'null-literal': v => ({ nullLiteral: v }),
  'write-bigdecimal-in-scientific-notation': (v, n) => ({ scientific: booleanOption(v, n) }),
};

/** The names of the options, without the prefix `csv.`. */
export const CSV_OPTIONS: readonly string[] = Object.keys(READERS).sort();

/** Read the format's options, given without prefix. */
export function csvOptions(given: Readonly<Record<string, string>>): CsvOptions {
  if (given['disable-quote-character'] === 'true' && given['quote-character'] !== undefined) {
    throw new MillraceError(
      'CONFIG_INVALID',
      'Format cannot define a quote character and disabled quote character at the same time.',
    );
  }
  const { quoting, ...options } = readOptions('csv', READERS, given, {
    delimiter: 44,
    quote: 34,
    escapeCode: -1,
    elementDelimiter: ';',
    nullLiteral: null,
    allowComments: false,
    ignoreParseErrors: false,
    scientific: true,
    quoting: true,
  });
  return quoting ? options : { ...options, quote: -1 };
}

/** `\t` written with a backslash is a tab, as Java's unescapeJava has it. */
function unescaped(text: string): string {
  const letters: Readonly<Record<string, string>> = {
    t: '\t',
    n: '\n',
    r: '\r',
    b: '\b',
    f: '\f',
    '\\': '\\',
  };
  const unicode = /^\\u([0-9a-fA-F]{4})$/.exec(text);
  if (unicode !== null) return String.fromCharCode(Number.parseInt(unicode[1]!, 16));
  return text.length === 2 && text[0] === '\\' ? (letters[text[1]!] ?? text) : text;
}

const SIMPLE: readonly string[] = [
  'BOOLEAN',
  'TINYINT',
  'SMALLINT',
  'INT',
  'BIGINT',
  'FLOAT',
  'DOUBLE',
  'DECIMAL',
  'DATE',
  'TIME',
  'TIMESTAMP',
  'TIMESTAMP_LTZ',
  'CHAR',
  'VARCHAR',
  'BINARY',
  'VARBINARY',
];

/** Refuses a column that a field of CSV can't hold, in Flink's words. */
export function checkCsvType(name: string, type: DataType): void {
  const inner =
    type.kind === 'ARRAY' ? [type.element] : type.kind === 'ROW' ? type.fields.map(f => f.type) : null;
  if (inner === null) {
    if (SIMPLE.includes(type.kind)) return;
    throw new MillraceError('SQL_INVALID', `Unsupported type '${printType(type)}' for field '${name}'.`);
  }
  for (const part of inner) {
    if (SIMPLE.includes(part.kind)) continue;
    throw new MillraceError(
      'SQL_INVALID',
      `Only simple types are supported in the second level nesting of fields '${name}' but was: ${printType(part)}`,
    );
  }
}
