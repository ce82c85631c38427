import { assert, MillraceError } from '../../core/mod.ts';
import { malformed } from '../protocol/malformed.ts';
import type { Reader } from '../protocol/reader.ts';
import type { Writer } from '../protocol/writer.ts';
import { type Codec, generateCodec } from './generate-codec.ts';
import type { Api, Fields, Message, Read, Write } from './schema.ts';

const codecs = new WeakMap<Message, Codec[]>();

function codecOf(message: Message, version: number): Codec {
  let ofVersions = codecs.get(message);
  if (ofVersions === undefined) codecs.set(message, (ofVersions = []));
  const known = ofVersions[version];
  if (known !== undefined) return known;
  const [low, high] = message.versions;
  assert(version >= low && version <= high, `${message.name} has a version ${version}`);
  return (ofVersions[version] = generateCodec(message, version));
}

/** Reads a message of a version; what does not fit its grammar is thrown as FORMAT_INVALID. */
export function decodeMessage<F extends Fields>(
  message: Message<F>,
  version: number,
  reader: Reader,
): Read<F> {
  try {
    return codecOf(message, version).read(reader) as Read<F>;
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    throw malformed(`${message.name} of version ${version}: ${error.message}`);
  }
}

/** Writes a message in a version. */
export function encodeMessage<F extends Fields>(
  message: Message<F>,
  version: number,
  value: Write<F>,
  writer: Writer,
): void {
  codecOf(message, version).write(writer, value);
}

/** Reads a request, as a broker. */
export function decodeRequest<Q extends Fields>(
  api: Api<Q, Fields>,
  version: number,
  reader: Reader,
): Read<Q> {
  return decodeMessage(api.request, version, reader);
}

/** Writes a response, as a broker. */
export function encodeResponse<S extends Fields>(
  api: Api<Fields, S>,
  version: number,
  value: Write<S>,
  writer: Writer,
): void {
  encodeMessage(api.response, version, value, writer);
}

/** Writes a request, as a client. */
export function encodeRequest<Q extends Fields>(
  api: Api<Q, Fields>,
  version: number,
  value: Write<Q>,
  writer: Writer,
): void {
  encodeMessage(api.request, version, value, writer);
}

/** Reads a response, as a client. */
export function decodeResponse<S extends Fields>(
  api: Api<Fields, S>,
  version: number,
  reader: Reader,
): Read<S> {
  return decodeMessage(api.response, version, reader);
}
