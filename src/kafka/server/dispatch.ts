import { APIS } from '../messages/apis.ts';
import { readRequestHeader, writeResponseHeader } from '../protocol/header.ts';
import { Reader } from '../protocol/reader.ts';
import { bytesIn, Writer } from '../protocol/writer.ts';
import type { Client } from './client.ts';
import type { Answer, RequestHandler } from './connection.ts';
import type { RequestContext, Server } from './context.ts';
import { type ApiHandler, ConnectionEnds, type Put } from './handler.ts';
import { API_VERSIONS_KEY, downgraded } from './handlers/api-versions.ts';
import { answerRaw, checkLogin } from './security/logins.ts';

/** The length before each response. */
const LENGTH_BYTES = 4;
const rulesOf = (key: number) => APIS.get(key);

/**
 * Finds the handler of each request and puts header and length around its answer. What is no request, or of
 * an API or version that is not served, ends the connection, as Kafka does; ApiVersions alone is answered in
 * version 0 where it is asked for in one that nobody knows yet.
 */
export function dispatcher(server: Server): RequestHandler {
  return {
    overlaps: frame => server.handlers.get(((frame[0] ?? 0) << 8) | (frame[1] ?? 0))?.overlaps ?? false,
    handle: (frame, client) => answerRaw(server, client, frame) ?? dispatch(server, frame, client),
  };
}

function dispatch(server: Server, frame: Uint8Array, client: Client): Answer | null | Promise<Answer | null> {
  const reader = new Reader(frame);
  const { apiKey, apiVersion, correlationId, clientId } = readRequestHeader(reader, rulesOf);
  const found = server.handlers.get(apiKey);
  if (found === undefined) throw new ConnectionEnds(`an API ${apiKey} is not served`);
  client.clientId = clientId;
  const counts = server.metrics.of(found.api.name);
  counts.requests++;
  counts.requestBytes += frame.length;
  const [low, high] = found.api.versions;
  if (apiVersion < low || apiVersion > high) {
    if (apiKey === API_VERSIONS_KEY) return answerOf(found, 0, correlationId, downgraded);
    throw new ConnectionEnds(`${found.api.name} is served in versions ${low} to ${high}, not ${apiVersion}`);
  }
  checkLogin(client, found, server.clock);
  const { broker } = server;
  const context: RequestContext = {
    broker,
    connection: client,
    signal: client.signal,
    apiVersion,
    server,
    gone: null,
  };
  return found.answer(reader, context, put => {
    if (put === null) return null;
    const answer = answerOf(found, apiVersion, correlationId, put);
    counts.responseBytes += bytesIn(answer.chunks);
    const { gone } = context;
    if (client.ending === null && gone === null) return answer;
    return {
      ...answer,
      ...(client.ending !== null && { last: client.ending }),
      ...(gone !== null && { gone }),
    };
  });
}

function answerOf({ api }: ApiHandler, version: number, correlationId: number, put: Put): Answer {
  const writer = new Writer();
  // The length, which is known at the end.
  writer.int32(0);
  writeResponseHeader(writer, api, version, correlationId);
  put(writer);
  const length = writer.length - LENGTH_BYTES;
  const chunks = writer.finish();
  const { buffer, byteOffset } = chunks[0]!;
  new DataView(buffer, byteOffset).setInt32(0, length);
  return { chunks };
}
