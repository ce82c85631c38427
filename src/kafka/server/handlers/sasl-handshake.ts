import { SASL_HANDSHAKE } from '../../messages/sasl-handshake.ts';
import { codeOf, handler } from '../handler.ts';
import { beginLogin } from '../security/logins.ts';

/** A client chooses how it tells who it is. */
export const saslHandshake = handler(SASL_HANDSHAKE, {
  beforeLogin: true,
  handle: ({ mechanism }, { connection, server, apiVersion }) => {
    const mechanisms = server.settings.saslMechanisms;
    if (!connection.listener.sasl) return { errorCode: codeOf('ILLEGAL_SASL_STATE'), mechanisms: [] };
    const found = mechanisms.find(offered => offered === mechanism);
    if (found === undefined) {
      connection.ending = `it wants to log in with ${JSON.stringify(mechanism)}, which is not offered`;
      return { errorCode: codeOf('UNSUPPORTED_SASL_MECHANISM'), mechanisms };
    }
    beginLogin(server, connection, found, apiVersion === 0);
    return { errorCode: 0, mechanisms };
  },
  refuse: (_request, { code }) => ({ errorCode: code, mechanisms: [] }),
});
