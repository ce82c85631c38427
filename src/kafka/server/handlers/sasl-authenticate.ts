import { SASL_AUTHENTICATE } from '../../messages/sasl-authenticate.ts';
import { codeOf, handler } from '../handler.ts';
import { stepLogin } from '../security/logins.ts';

const NOTHING = new Uint8Array(0);

/** One message of a login, and what is said to it. */
export const saslAuthenticate = handler(SASL_AUTHENTICATE, {
  beforeLogin: true,
  handle: async ({ authBytes }, { connection, server }) => {
    const { login } = connection;
    if (login === null) {
      if (!connection.isKnown) connection.ending = 'SaslAuthenticate before SaslHandshake';
      const message = 'SaslAuthenticate request received where none is expected';
      return { errorCode: codeOf('ILLEGAL_SASL_STATE'), errorMessage: message, authBytes: NOTHING };
    }
    const step = await stepLogin(server, connection, login, authBytes);
    if (step.state === 'failed') {
      const errorCode = codeOf('SASL_AUTHENTICATION_FAILED');
      return { errorCode, errorMessage: step.message, authBytes: NOTHING };
    }
    const sessionLifetimeMs = step.state === 'done' ? server.settings.maxReauthMs : 0;
    return { errorCode: 0, errorMessage: null, authBytes: step.bytes, sessionLifetimeMs };
  },
  refuse: (_request, { code, message }) => {
    return { errorCode: code, errorMessage: message, authBytes: NOTHING };
  },
});
