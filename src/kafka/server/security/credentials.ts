import { createHmac, randomBytes } from 'node:crypto';
import type { LogTable } from '../../../log/mod.ts';
import {
  isPassword,
  newCredential,
  SCRAM_ITERATIONS_MIN,
  type ScramCredential,
  type ScramMechanism,
} from './scram.ts';

/** A credential as it is stored: JSON, the bytes in base64. */
export interface StoredCredential {
  readonly salt: string;
  readonly iterations: number;
  readonly storedKey: string;
  readonly serverKey: string;
}

/** A change of one user's credential for one mechanism; null takes it away. */
export interface CredentialChange {
  readonly user: string;
  readonly mechanism: ScramMechanism;
  readonly credential: ScramCredential | null;
}

const MECHANISMS: readonly ScramMechanism[] = ['SCRAM-SHA-512', 'SCRAM-SHA-256'];
const toText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const toBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

/**
 * Users and what is kept of their passwords, in a table of the log. A user has a credential per mechanism.
 */
export class Credentials {
  readonly #table: LogTable<StoredCredential>;
  /** Makes up salts for users that are not there, the same ones as long as we run. */
  readonly #secret = randomBytes(32);
  #lastTry: Promise<unknown> = Promise.resolve();

  constructor(table: LogTable<StoredCredential>) {
    this.#table = table;
  }

  find(user: string, mechanism: ScramMechanism): ScramCredential | undefined {
    const stored = this.#table.get(keyOf(user, mechanism));
    if (stored === undefined) return undefined;
    const { salt, iterations, storedKey, serverKey } = stored;
    return {
      ...{ salt: toBytes(salt), iterations },
      ...{ storedKey: toBytes(storedKey), serverKey: toBytes(serverKey) },
    };
  }

  /** As `find`; for a user that is not there, something that no password fits. */
  findOrMakeUp(user: string, mechanism: ScramMechanism): ScramCredential {
    const found = this.find(user, mechanism);
    if (found !== undefined) return found;
    const made = createHmac('sha512', this.#secret).update(user).digest();
    const key = randomBytes(mechanism === 'SCRAM-SHA-256' ? 32 : 64);
    return { salt: made.subarray(0, 24), iterations: SCRAM_ITERATIONS_MIN, storedKey: key, serverKey: key };
  }

  /** All users, each with the iterations of its credentials. */
  users(): ReadonlyMap<
    string,
    readonly { readonly mechanism: ScramMechanism; readonly iterations: number }[]
  > {
    const users = new Map<string, { mechanism: ScramMechanism; iterations: number }[]>();
    for (const [key, { iterations }] of this.#table.entries()) {
      const mechanism = MECHANISMS.find(known => key.startsWith(`${known}/`));
      if (mechanism === undefined) continue;
      const user = key.slice(mechanism.length + 1);
      users.set(user, [...(users.get(user) ?? []), { mechanism, iterations }]);
    }
    return users;
  }

  /** Stores the changes, all or none; they hold when it resolves. */
  change(changes: readonly CredentialChange[]): Promise<void> {
    return this.#table.put(
      ...changes.map(({ user, mechanism, credential }) => {
        if (credential === null) return [keyOf(user, mechanism), null] as const;
        const { salt, iterations, storedKey, serverKey } = credential;
        const stored = {
          ...{ salt: toText(salt), iterations },
          ...{ storedKey: toText(storedKey), serverKey: toText(serverKey) },
        };
        return [keyOf(user, mechanism), stored] as const;
      }),
    );
  }

  /** True when the password is that of the user. */
  async isPasswordOf(user: string, password: string): Promise<boolean> {
    const mechanism = MECHANISMS.find(known => this.find(user, known) !== undefined) ?? 'SCRAM-SHA-256';
    // One at a time: strangers who try passwords must not take the threads that the log flushes with.
    const known = this.#lastTry.then(() =>
      isPassword(mechanism, password, this.findOrMakeUp(user, mechanism)),
    );
    this.#lastTry = known.catch(() => undefined);
    return known;
  }

  /** Sees to it that the user has this password, for every mechanism. */
  async ensure(user: string, password: string): Promise<void> {
    const changes: CredentialChange[] = [];
    for (const mechanism of MECHANISMS) {
      const found = this.find(user, mechanism);
      if (found !== undefined && (await isPassword(mechanism, password, found))) continue;
      changes.push({ user, mechanism, credential: await newCredential(mechanism, password) });
    }
    if (changes.length > 0) await this.change(changes);
  }
}

const keyOf = (user: string, mechanism: ScramMechanism): string => `${mechanism}/${user}`;
