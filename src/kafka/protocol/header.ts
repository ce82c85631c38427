import { malformed } from './malformed.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** The API whose response never has a flexible header: who asks may not know yet what the broker speaks. */
export const API_VERSIONS_KEY = 18;

/** What a header depends on. `flexibleFrom` is the first version with compact types and tagged fields. */
export interface HeaderRules {
  readonly key: number;
  readonly flexibleFrom: number;
}

/** ```
 * v1: apiKey int16, apiVersion int16, correlationId int32, clientId nullable string
 * v2: … then tagged fields; the client's id stays as it was
 * ```
 */
export interface RequestHeader {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
}

/**
 * Reads a request's header. `rulesOf` knows the APIs by their keys; of an unknown one the header's version is
 * not known: it is read as version 1 and nothing after it can be.
 */
export function readRequestHeader(
  reader: Reader,
  rulesOf: (apiKey: number) => HeaderRules | undefined,
): RequestHeader {
  const apiKey = reader.int16();
  const apiVersion = reader.int16();
  const correlationId = reader.int32();
  if (apiVersion < 0) throw malformed(`API ${apiKey} is asked for in version ${apiVersion}`);
  const clientId = reader.nullableString();
  const rules = rulesOf(apiKey);
  if (rules !== undefined && apiVersion >= rules.flexibleFrom) reader.skipTaggedFields();
  return { apiKey, apiVersion, correlationId, clientId };
}

/** Writes a request's header, as a client. */
export function writeRequestHeader(
  writer: Writer,
  rules: HeaderRules,
  header: Omit<RequestHeader, 'apiKey'>,
) {
  writer.int16(rules.key);
  writer.int16(header.apiVersion);
  writer.int32(header.correlationId);
  writer.nullableString(header.clientId);
  if (header.apiVersion >= rules.flexibleFrom) writer.uvarint(0);
}

const isResponseFlexible = (rules: HeaderRules, apiVersion: number): boolean =>
  apiVersion >= rules.flexibleFrom && rules.key !== API_VERSIONS_KEY;

/** Writes a response's header: `v0: correlationId int32; v1: … then tagged fields`. */
export function writeResponseHeader(
  writer: Writer,
  rules: HeaderRules,
  apiVersion: number,
  correlationId: number,
): void {
  writer.int32(correlationId);
  if (isResponseFlexible(rules, apiVersion)) writer.uvarint(0);
}

/** Reads a response's header, as a client; returns which request is answered. */
export function readResponseHeader(reader: Reader, rules: HeaderRules, apiVersion: number): number {
  const correlationId = reader.int32();
  if (isResponseFlexible(rules, apiVersion)) reader.skipTaggedFields();
  return correlationId;
}
