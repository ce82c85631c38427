import { DESCRIBE_USER_SCRAM_CREDENTIALS } from '../../messages/describe-user-scram-credentials.ts';
import { repeated } from '../admin/repeated.ts';
import { codeOf, handler } from '../handler.ts';
import { mechanismNumber } from '../security/mechanism-numbers.ts';

/** Users and how they can log in; never what they log in with. */
export const describeUserScramCredentials = handler(DESCRIBE_USER_SCRAM_CREDENTIALS, {
  handle: ({ users: asked }, { server }) => {
    const users = server.credentials.users();
    const wanted = asked === null || asked.length === 0 ? [...users.keys()] : asked.map(({ name }) => name);
    const twice = repeated(wanted);
    return {
      ...{ throttleTimeMs: 0, errorCode: 0, errorMessage: null },
      results: [...new Set(wanted)].map(user => {
        const infos = users.get(user);
        if (twice.has(user)) return refused(user, 'DUPLICATE_RESOURCE', DUPLICATE + user);
        if (infos === undefined) return refused(user, 'RESOURCE_NOT_FOUND', MISSING + user);
        const credentialInfos = infos.map(({ mechanism, iterations }) => {
          return { mechanism: mechanismNumber(mechanism), iterations };
        });
        return { user, errorCode: 0, errorMessage: null, credentialInfos };
      }),
    };
  },
  refuse: (_request, { code, message }) => {
    return { throttleTimeMs: 0, errorCode: code, errorMessage: message, results: [] };
  },
});

const DUPLICATE = 'Cannot describe SCRAM credentials for the same user twice in a single request: ';
const MISSING = 'Attempt to describe a user credential that does not exist: ';

function refused(user: string, error: 'DUPLICATE_RESOURCE' | 'RESOURCE_NOT_FOUND', errorMessage: string) {
  return { user, errorCode: codeOf(error), errorMessage, credentialInfos: [] };
}
