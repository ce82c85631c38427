import { api, array, int16, string } from './schema.ts';

/** Chooses the mechanism before authentication. */
export const SASL_HANDSHAKE = api({
  name: 'SaslHandshake',
  key: 17,
  versions: [0, 1],
  flexibleFrom: Infinity,
  request: {
    mechanism: string('0+'),
  },
  response: {
    errorCode: int16('0+'),
    mechanisms: array('0+', 'string'),
  },
});
