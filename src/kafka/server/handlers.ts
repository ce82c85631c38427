import type { ApiHandler } from './handler.ts';
import { alterUserScramCredentials } from './handlers/alter-user-scram-credentials.ts';
import { apiVersions } from './handlers/api-versions.ts';
import { describeUserScramCredentials } from './handlers/describe-user-scram-credentials.ts';
import { fetch } from './handlers/fetch.ts';
import { listOffsets } from './handlers/list-offsets.ts';
import { metadata } from './handlers/metadata.ts';
import { produce } from './handlers/produce.ts';
import { saslAuthenticate } from './handlers/sasl-authenticate.ts';
import { saslHandshake } from './handlers/sasl-handshake.ts';

/** Every API that is served, by its key: what ApiVersions tells is made from it. */
export const HANDLERS: ReadonlyMap<number, ApiHandler> = new Map(
  [
    produce,
    fetch,
    listOffsets,
    metadata,
    saslHandshake,
    apiVersions,
    saslAuthenticate,
    describeUserScramCredentials,
    alterUserScramCredentials,
  ].map(handler => [handler.api.key, handler]),
);
