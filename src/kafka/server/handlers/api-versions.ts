import { API_VERSIONS } from '../../messages/api-versions.ts';
import { encodeResponse } from '../../messages/codec.ts';
import type { ResponseOf } from '../../messages/schema.ts';
import type { Writer } from '../../protocol/writer.ts';
import type { Server } from '../context.ts';
import { codeOf, handler } from '../handler.ts';

export const API_VERSIONS_KEY = API_VERSIONS.key;
const SOFTWARE = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;

/**
 * Features of the cluster as a whole. `transaction.version` 2 tells producers that the epoch is raised with
 * every transaction (KIP-890); `group.version` 0 that there is the classic group protocol only.
 */
const FEATURES = [
  { name: 'group.version', minVersion: 0, maxVersion: 0, level: 0 },
  { name: 'transaction.version', minVersion: 0, maxVersion: 2, level: 2 },
];

type Response = ResponseOf<typeof API_VERSIONS>;

/** Which APIs are served, and who asks. */
export const apiVersions = handler(API_VERSIONS, {
  beforeLogin: true,
  handle: (request, { apiVersion, connection, server }) => {
    if (apiVersion >= 3) {
      const { clientSoftwareName: name, clientSoftwareVersion: version } = request;
      if (!SOFTWARE.test(name) || !SOFTWARE.test(version)) return failed(codeOf('INVALID_REQUEST'));
      connection.software = `${name} ${version}`;
    }
    return all(apiVersion, server.handlers);
  },
  refuse: (_request, { code }) => failed(code),
});

function all(version: number, handlers: Server['handlers']): Response {
  // Before version 4 a lowest version of 0 could not be read (KAFKA-17011).
  const features = FEATURES.filter(({ minVersion }) => version >= 4 || minVersion > 0);
  return {
    errorCode: 0,
    apiKeys: Array.from(handlers.values(), ({ api, advertised: [minVersion, maxVersion] }) => {
      return { apiKey: api.key, minVersion, maxVersion };
    }),
    supportedFeatures: features.map(({ name, minVersion, maxVersion }) => ({ name, minVersion, maxVersion })),
    finalizedFeaturesEpoch: 0,
    finalizedFeatures: FEATURES.filter(({ level }) => level > 0).map(({ name, level }) => {
      return { name, maxVersionLevel: level, minVersionLevel: level };
    }),
  };
}

const failed = (errorCode: number): Response => ({ errorCode, apiKeys: [] });

/**
 * The body in version 0 for a client that asks in a version from the future: the error, and in which versions
 * this very question may be asked (KIP-511).
 */
export function downgraded(writer: Writer): void {
  const [minVersion, maxVersion] = API_VERSIONS.versions;
  const response = {
    errorCode: codeOf('UNSUPPORTED_VERSION'),
    apiKeys: [{ apiKey: API_VERSIONS.key, minVersion, maxVersion }],
  };
  encodeResponse(API_VERSIONS, 0, response, writer);
}
