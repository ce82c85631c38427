import { messageOf } from '../../core/mod.ts';
import { type KafkaErrorName, kafkaErrorOf } from '../../log/mod.ts';
import { decodeRequest, encodeResponse } from '../messages/codec.ts';
import type { Api, Fields, Read, Write } from '../messages/schema.ts';
import { KAFKA_ERRORS } from '../protocol/errors.ts';
import type { Reader } from '../protocol/reader.ts';
import type { Writer } from '../protocol/writer.ts';
import type { RequestContext } from './context.ts';

/** Why a request, or a part of it, is refused: Kafka's name and code, and a sentence for people. */
export interface Failure {
  readonly error: KafkaErrorName;
  readonly code: number;
  readonly message: string;
}

/** Thrown by a handler that must end the connection without an answer. */
export class ConnectionEnds extends Error {
  override readonly name = 'ConnectionEnds';
}

type Made<S extends Fields> = Write<S> | null;

/** How the requests of one API are answered. */
export interface HandlerParts<Q extends Fields, S extends Fields> {
  /** Null: the client expects no answer. A `Refusal` that it throws becomes `refuse`'s response. */
  handle(request: Read<Q>, context: RequestContext): Made<S> | Promise<Made<S>>;
  /** The response where the request fails as a whole: its error wherever Kafka puts it. */
  refuse(request: Read<Q>, failure: Failure, context: RequestContext): Made<S>;
  /** Versions told to clients where they are others than those that are served. */
  readonly advertised?: readonly [low: number, high: number];
  /** Served before a login, where one is demanded. */
  readonly beforeLogin?: true;
  /** A request may begin while others of this API on the same connection are under way. */
  readonly overlaps?: true;
}

/** One API as the dispatcher sees it. */
export interface ApiHandler {
  readonly api: Api;
  readonly advertised: readonly [low: number, high: number];
  readonly beforeLogin: boolean;
  readonly overlaps: boolean;
  /**
   * Reads the request, answers it, and calls `write` with what puts the response into a writer, or with null.
   */
  answer<T>(reader: Reader, context: RequestContext, write: (put: Put | null) => T): T | Promise<T>;
}

/** Writes a response's body. */
export type Put = (writer: Writer) => void;

/** The handler of an API: decoding, errors and encoding around what it does. */
export function handler<Q extends Fields, S extends Fields>(
  api: Api<Q, S>,
  parts: HandlerParts<Q, S>,
): ApiHandler {
  return {
    api,
    advertised: parts.advertised ?? api.versions,
    beforeLogin: parts.beforeLogin ?? false,
    overlaps: parts.overlaps ?? false,
    answer: (reader, context, write) => {
      const request = decodeRequest(api, context.apiVersion, reader);
      const put = (response: Made<S>) =>
        write(response === null ? null : writer => encodeResponse(api, context.apiVersion, response, writer));
      const refuse = (error: unknown) =>
        put(parts.refuse(request, failureOf(error, api.name, context), context));
      let response: Made<S> | Promise<Made<S>>;
      try {
        response = parts.handle(request, context);
      } catch (error) {
        return refuse(error);
      }
      return response instanceof Promise ? response.then(put, refuse) : put(response);
    },
  };
}

/**
 * What is told to the client of something thrown. What nobody has foreseen is UNKNOWN_SERVER_ERROR and a line
 * in the log; the connection goes on.
 */
export function failureOf(error: unknown, apiName: string, context: RequestContext): Failure {
  if (error instanceof ConnectionEnds) throw error;
  const name = kafkaErrorOf(error);
  if (name !== undefined) {
    context.server.metrics.error(apiName, name);
    return { error: name, code: KAFKA_ERRORS[name].code, message: messageOf(error) };
  }
  const unexpected = 'UNKNOWN_SERVER_ERROR';
  context.server.metrics.error(apiName, unexpected);
  context.server.say(`${apiName} of ${context.connection.clientHost} failed: ${messageOf(error)}`);
  return {
    error: unexpected,
    code: KAFKA_ERRORS[unexpected].code,
    message: 'the broker failed; see its log',
  };
}

/** The code of an error. */
export const codeOf = (name: KafkaErrorName): number => KAFKA_ERRORS[name].code;
