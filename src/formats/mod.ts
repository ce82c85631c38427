/** Formats: bytes to batches and back. */

export { type AvroOptions, type AvroSchema, avroOptions, avroSchema } from './avro/schema.ts';
export { createDecoder } from './create.ts';
export type { Decoder } from './decoder.ts';
export { createEncoder, type Encoder } from './encode/encoder.ts';
export type { RecordTarget } from './encode/generate-encoder.ts';
export { jsonText } from './encode/text.ts';
export {
  FORMAT_NAMES,
  type FormatName,
  formatOptionNames,
  isFormat,
  JSON_DEFAULTS,
} from './options.ts';
export { printDecimal } from './text/decimal.ts';
export { printDouble, printFloat } from './text/double.ts';
export {
  parseDate,
  parseTime,
  parseTimestamp,
  printDate,
  printTime,
  printTimestamp,
} from './text/timestamp.ts';
