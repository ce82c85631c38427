import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { MillraceError } from '../../core/mod.ts';
import { SASL_AUTHENTICATE, SASL_HANDSHAKE } from '../messages/mod.ts';
import { errorName } from '../protocol/mod.ts';
import type { Connection } from './connection.ts';
import type { Credentials } from './settings.ts';

const pbkdf2Async = promisify(pbkdf2);
/** What a server may ask of us in hashing: more would keep us busy for its sake. */
const ITERATIONS_MAX = 1 << 20;

/** Says who we are (KIP-43, KIP-152). LOG_UNAUTHORIZED where the broker does not believe it. */
export async function authenticate(
  connection: Connection,
  credentials: Credentials,
  place: string,
): Promise<void> {
  const { mechanism } = credentials;
  const handshake = await connection.request(SASL_HANDSHAKE, { mechanism });
  if (handshake.errorCode !== 0) {
    throw refused(
      `the broker ${place} does not take ${mechanism}: log.sasl-mechanism is to be one of ` +
        handshake.mechanisms.join(', '),
    );
  }
  const exchange = async (authBytes: Uint8Array): Promise<Uint8Array> => {
    const answer = await connection.request(SASL_AUTHENTICATE, { authBytes });
    if (answer.errorCode === 0) return answer.authBytes;
    const why = [errorName(answer.errorCode), answer.errorMessage ?? '']
      .filter(text => text !== '')
      .join(': ');
    throw refused(
      `the broker ${place} refused the user '${credentials.username}' (${why}): ` +
        'check log.sasl-user and log.sasl-password',
    );
  };
  if (mechanism === 'PLAIN') await exchange(plain(credentials));
  else await scram(mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512', credentials, place, exchange);
}

const refused = (message: string): MillraceError => new MillraceError('LOG_UNAUTHORIZED', message);

/** RFC 4616: `NUL user NUL password`. */
const plain = ({ username, password }: Credentials): Uint8Array => Buffer.from(`\0${username}\0${password}`);

type Exchange = (message: Uint8Array) => Promise<Uint8Array>;

/** RFC 5802, without channel binding, as Kafka does it. */
async function scram(
  hash: 'sha256' | 'sha512',
  { username, password }: Credentials,
  place: string,
  exchange: Exchange,
): Promise<void> {
  const nonce = randomBytes(24).toString('base64url');
  const user = username.replaceAll('=', '=3D').replaceAll(',', '=2C');
  const bare = `n=${user},r=${nonce}`;
  const serverFirst = text(await exchange(Buffer.from(`n,,${bare}`)));
  const { r: serverNonce = '', s: salt = '', i: rounds = '' } = attributes(serverFirst);
  const iterations = Number(rounds);
  if (!serverNonce.startsWith(nonce) || !(iterations >= 1 && iterations <= ITERATIONS_MAX)) {
    throw refused(`the broker ${place} broke the rules of SCRAM: it is not the server it claims to be`);
  }
  const bytes = hash === 'sha256' ? 32 : 64;
  const salted = await pbkdf2Async(
    password.normalize('NFKC'),
    Buffer.from(salt, 'base64'),
    iterations,
    bytes,
    hash,
  );
  const clientKey = createHmac(hash, salted).update('Client Key').digest();
  const storedKey = createHash(hash).update(clientKey).digest();
  const withoutProof = `c=biws,r=${serverNonce}`;
  const signed = `${bare},${serverFirst},${withoutProof}`;
  const signature = createHmac(hash, storedKey).update(signed).digest();
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ signature[i]!)).toString('base64');
  const final = attributes(text(await exchange(Buffer.from(`${withoutProof},p=${proof}`))));
  const serverKey = createHmac(hash, salted).update('Server Key').digest();
  const expected = createHmac(hash, serverKey).update(signed).digest();
  const shown = Buffer.from(final['v'] ?? '', 'base64');
  if (shown.length !== expected.length || !timingSafeEqual(shown, expected)) {
    throw refused(`the broker ${place} does not know the password: it is not the server it claims to be`);
  }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

/** `a=…,b=…` by letter. */
function attributes(message: string): Readonly<Record<string, string>> {
  return Object.fromEntries(message.split(',').map(part => [part.slice(0, 1), part.slice(2)]));
}
