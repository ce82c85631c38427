import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MillraceError, type Schema } from '../../../src/core/mod.ts';
import {
  avroOptions,
  avroSchema,
  createDecoder,
  createEncoder,
  type Decoder,
  type FormatName,
} from '../../../src/formats/mod.ts';
import { Catalog, planQuery } from '../../../src/plan/mod.ts';

/**
 * What Flink 1.20.3's own formats wrote and read, recorded from its serialization schemas. `json` is a row, as
 * Flink's json format reads it; `hex` the bytes it became. Or bytes that were read, and the `row` they are,
 * as Flink's json format writes it.
 */
interface Sample {
  readonly format: FormatName;
  readonly columns: string;
  readonly options?: Readonly<Record<string, string>>;
  readonly json?: string;
  readonly text?: string;
  readonly hex?: string | null;
  readonly row?: string | null;
  readonly error?: string;
  /** The schema that the columns have in Avro. */
  readonly schema?: string;
}

const samples = readFileSync('test/fixtures/flink/formats.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line) as Sample);

/** Where we knowingly differ, and why. */
const DIFFERENCES: readonly (readonly [RegExp, string])[] = [
  [/0x1p3/, 'hexadecimal numbers are refused'],
  [/١/, 'digits are those of ASCII'],
  [/"t TIME\(6\)"/, 'a TIME has no fraction in SQL'],
  [/"encoding":"json"/, 'refused by name'],
  [/TIMESTAMP\([03]\), w INT.*30\.(123456789|9),1/, 'digits beyond the precision are cut'],
];

function schemaOf(columns: string): Schema {
  const { root } = planQuery(`SELECT CAST(NULL AS ROW<${columns}>) AS r`, new Catalog());
  const { type } = root.schema.fields[0]!;
  return { fields: type.kind === 'ROW' ? type.fields : [] };
}

/** Decodes one record; null where it is skipped, an error where it is refused. */
function rowOf(decoder: Decoder, bytes: Uint8Array) {
  decoder.load(bytes);
  decoder.decode(Int32Array.of(0), Int32Array.of(bytes.length), 0, 1);
  const [rejection] = decoder.takeRejections();
  if (rejection !== undefined) throw new MillraceError('FORMAT_INVALID', rejection.reason);
  return decoder.rowCount === 0 ? null : decoder.takeBatch();
}

function written(format: FormatName, sample: Sample, schema: Schema, batch: ReturnType<typeof rowOf>) {
  const options = format === sample.format ? sample.options : {};
  const { bytes, starts, ends } = createEncoder(format, schema, null, options).encode(batch!);
  return starts[0] === -1 ? null : Buffer.from(bytes.subarray(starts[0], ends[0]));
}

function answer(sample: Sample): unknown {
  const { format, json, hex, text, options = {} } = sample;
  try {
    const schema = schemaOf(sample.columns);
    if (json !== undefined) {
      createEncoder(format, schema, null, options);
      const batch = rowOf(createDecoder('json', schema, null), Buffer.from(json));
      return written(format, sample, schema, batch)?.toString('hex') ?? null;
    }
    const bytes = typeof hex === 'string' ? Buffer.from(hex, 'hex') : Buffer.from(text!);
    const batch = rowOf(createDecoder(format, schema, null, options), bytes);
    return batch === null ? null : String(written('json', sample, schema, batch));
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return `error: ${error.message}`;
  }
}

/** Flink's json format escapes pairs of surrogates. */
const normal = (text: unknown): unknown =>
  typeof text === 'string'
    ? text.replace(/\\u(D[89A-F][0-9A-F]{2})/g, (_, unit: string) =>
        String.fromCharCode(Number.parseInt(unit, 16)),
      )
    : text;

function complaint(sample: Sample): string | null {
  const got = answer(sample);
  const failed = typeof got === 'string' && got.startsWith('error: ');
  const line = JSON.stringify({ ...sample, schema: undefined });
  if (DIFFERENCES.some(([pattern]) => pattern.test(line))) return null;
  if (sample.error !== undefined) return failed ? null : `${line}: ${String(got)}`;
  const expected = sample.json === undefined ? sample.row : sample.hex;
  return normal(got) === normal(expected) ? null : `${line}: ${String(got)}`;
}

test('the Avro schema of a table is the one that Flink derives', () => {
  const given = samples.filter(s => s.schema !== undefined && s.error === undefined);
  expect(given.length).toBeGreaterThan(30);
  for (const { columns, schema, options = {} } of given) {
    if (options['encoding'] === 'json') continue;
    expect(avroSchema(schemaOf(columns), avroOptions(options))).toEqual(JSON.parse(schema!));
  }
});

test.each<FormatName>(['avro', 'csv', 'raw'])('%s is read and written as Flink does', format => {
  const mine = samples.filter(s => s.format === format);
  expect(mine.length).toBeGreaterThan(60);
  expect(mine.map(complaint).filter(c => c !== null)).toEqual([]);
});
