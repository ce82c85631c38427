/** Formats: bytes to batches and back. */

export { createDecoder } from './create.ts';
export type { Decoder, Rejection } from './decoder.ts';
export { createEncoder, type EncodedRecords, type Encoder } from './encode/encoder.ts';
export { jsonText } from './encode/text.ts';
export {
  type FormatName,
  formatOptionNames,
  JSON_DEFAULTS,
  type JsonOptions,
  jsonOptions,
} from './options.ts';
export { parseDecimal, printDecimal } from './text/decimal.ts';
export { printDouble, printFloat } from './text/double.ts';
export {
  parseTimestamp,
  printDate,
  printTime,
  printTimestamp,
  type TimestampStandard,
} from './text/timestamp.ts';
