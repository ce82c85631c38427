/** The bytes of Kafka's protocol: primitives, headers, frames, errors. Nothing here knows an API. */
export { errorCode, errorName, isRetriable, KAFKA_ERRORS, type KafkaErrorName } from './errors.ts';
export { Frames, framed } from './frames.ts';
export {
  API_VERSIONS_KEY,
  type HeaderRules,
  type RequestHeader,
  readRequestHeader,
  readResponseHeader,
  writeRequestHeader,
  writeResponseHeader,
} from './header.ts';
export { Reader } from './reader.ts';
export { ZERO_UUID } from './uuid.ts';
export { Writer } from './writer.ts';
