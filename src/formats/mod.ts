/** Formats: bytes to batches and back. */

export { createDecoder } from './create.ts';
export type { Decoder, Rejection } from './decoder.ts';
export {
  type FormatName,
  formatOptionNames,
  JSON_DEFAULTS,
  type JsonOptions,
  jsonOptions,
} from './options.ts';
