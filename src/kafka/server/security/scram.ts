import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** The hash functions that SCRAM is offered with; Kafka numbers them 1 and 2. */
export type ScramMechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

/** What is kept of a password (RFC 5802): nobody can log in with it, and the password is not in it. */
export interface ScramCredential {
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/** Kafka's bounds. */
export const SCRAM_ITERATIONS_MIN = 4_096;
export const SCRAM_ITERATIONS_MAX = 16_384;
const SALT_BYTES = 24;
const NONCE_BYTES = 24;

const derive = promisify(pbkdf2);
const digestOf = (mechanism: ScramMechanism): 'sha256' | 'sha512' =>
  mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512';

function hmac(mechanism: ScramMechanism, key: Uint8Array, data: Uint8Array | string): Uint8Array {
  return createHmac(digestOf(mechanism), key).update(data).digest();
}

function hash(mechanism: ScramMechanism, data: Uint8Array): Uint8Array {
  return createHash(digestOf(mechanism)).update(data).digest();
}

/** The password as it is stretched before anything is made of it. */
export function saltPassword(
  mechanism: ScramMechanism,
  password: string,
  salt: Uint8Array,
  iterations: number,
): Promise<Uint8Array> {
  const length = mechanism === 'SCRAM-SHA-256' ? 32 : 64;
  return derive(password.normalize('NFKC'), salt, iterations, length, digestOf(mechanism));
}

/** What to keep of a stretched password. */
export function credentialOf(
  mechanism: ScramMechanism,
  saltedPassword: Uint8Array,
  salt: Uint8Array,
  iterations: number,
): ScramCredential {
  const storedKey = hash(mechanism, hmac(mechanism, saltedPassword, 'Client Key'));
  return { salt, iterations, storedKey, serverKey: hmac(mechanism, saltedPassword, 'Server Key') };
}

/** What to keep of a new password. */
export async function newCredential(
  mechanism: ScramMechanism,
  password: string,
  iterations = SCRAM_ITERATIONS_MIN,
): Promise<ScramCredential> {
  const salt = randomBytes(SALT_BYTES);
  return credentialOf(mechanism, await saltPassword(mechanism, password, salt, iterations), salt, iterations);
}

/** True when this is the password of the credential. Takes as long whatever the answer is. */
export async function isPassword(
  mechanism: ScramMechanism,
  password: string,
  credential: ScramCredential,
): Promise<boolean> {
  const { salt, iterations, storedKey } = credential;
  const salted = await saltPassword(mechanism, password, salt, iterations);
  return sameBytes(credentialOf(mechanism, salted, salt, iterations).storedKey, storedKey);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** What a client said first. */
interface ClientFirst {
  readonly header: string;
  readonly bare: string;
  readonly user: string;
  readonly nonce: string;
}

/** `gs2-header n=user,r=nonce`: no channel binding, no acting for others, no extensions. */
function parseClientFirst(text: string): ClientFirst | null {
  const [, header, authorizationId, bare] =
    /^([ny],(?:a=([^,]*))?,)(n=[^,]*,r=[\x21-\x2b\x2d-\x7e]+)$/.exec(text) ?? [];
  if (header === undefined || bare === undefined) return null;
  const [, name, nonce] = /^n=([^,]*),r=(.+)$/.exec(bare) ?? [];
  if (!name || nonce === undefined || /=(?!2C|3D)/.test(name)) return null;
  const user = name.replaceAll('=2C', ',').replaceAll('=3D', '=');
  if (authorizationId && authorizationId !== name) return null;
  return { header, bare, user, nonce };
}

/** The server's side of one login (RFC 5802, as Kafka does it). */
export class ScramLogin {
  readonly #mechanism: ScramMechanism;
  readonly #find: (user: string) => ScramCredential;
  #first: { readonly client: ClientFirst; readonly server: string; readonly nonce: string } | null = null;
  #credential: ScramCredential | null = null;

  /** `find` gives a made-up credential for a user that is not there, so that nobody learns who is. */
  constructor(mechanism: ScramMechanism, find: (user: string) => ScramCredential) {
    this.#mechanism = mechanism;
    this.#find = find;
  }

  /** The answer to the next message, with the user where that ends the login; null where it fails. */
  next(message: Uint8Array): { readonly answer: Uint8Array; readonly user: string | null } | null {
    const text = Buffer.from(message).toString();
    return this.#first === null ? this.#answerFirst(text) : this.#answerFinal(text);
  }

  #answerFirst(text: string): { readonly answer: Uint8Array; readonly user: null } | null {
    const client = parseClientFirst(text);
    if (client === null) return null;
    const credential = this.#find(client.user);
    const nonce = client.nonce + randomBytes(NONCE_BYTES).toString('base64url');
    const server = `r=${nonce},s=${Buffer.from(credential.salt).toString('base64')},i=${credential.iterations}`;
    this.#first = { client, server, nonce };
    this.#credential = credential;
    return { answer: Buffer.from(server), user: null };
  }

  #answerFinal(text: string): { readonly answer: Uint8Array; readonly user: string } | null {
    const { client, server, nonce } = this.#first!;
    const { storedKey, serverKey } = this.#credential!;
    const [, unproved, binding, echoed, proofText] = /^(c=([^,]*),r=([^,]*)),p=([^,]*)$/.exec(text) ?? [];
    // librdkafka before 2.6.1 repeats its own nonce in front of the whole one; Kafka let it up to 3.9.
    if (!echoed?.endsWith(nonce)) return null;
    if (binding !== Buffer.from(client.header).toString('base64')) return null;
    const exchange = `${client.bare},${server},${unproved}`;
    const signature = hmac(this.#mechanism, storedKey, exchange);
    const proof = Buffer.from(proofText!, 'base64');
    if (proof.length !== signature.length) return null;
    const clientKey = proof.map((byte, i) => byte ^ signature[i]!);
    if (!sameBytes(hash(this.#mechanism, clientKey), storedKey)) return null;
    const verifier = Buffer.from(hmac(this.#mechanism, serverKey, exchange)).toString('base64');
    return { answer: Buffer.from(`v=${verifier}`), user: client.user };
  }
}
