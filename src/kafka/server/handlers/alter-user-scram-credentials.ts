import { Refusal } from '../../../log/mod.ts';
import { ALTER_USER_SCRAM_CREDENTIALS } from '../../messages/alter-user-scram-credentials.ts';
import type { RequestOf } from '../../messages/schema.ts';
import { failureOf, handler } from '../handler.ts';
import type { CredentialChange, Credentials } from '../security/credentials.ts';
import { mechanismOfNumber } from '../security/mechanism-numbers.ts';
import {
  credentialOf,
  SCRAM_ITERATIONS_MAX,
  SCRAM_ITERATIONS_MIN,
  type ScramMechanism,
} from '../security/scram.ts';

type Request = RequestOf<typeof ALTER_USER_SCRAM_CREDENTIALS>;

/**
 * New passwords, stretched by the client, and users that may not log in any more. All of a user, or nothing.
 */
export const alterUserScramCredentials = handler(ALTER_USER_SCRAM_CREDENTIALS, {
  handle: async (request, context) => {
    const results = await Promise.all(
      Array.from(byUser(request), async ([user, asked]) => {
        try {
          await context.server.credentials.change(changesOf(user, asked, context.server.credentials));
          return { user, errorCode: 0, errorMessage: null };
        } catch (error) {
          const { code, message } = failureOf(error, ALTER_USER_SCRAM_CREDENTIALS.name, context);
          return { user, errorCode: code, errorMessage: message };
        }
      }),
    );
    return { throttleTimeMs: 0, results };
  },
  refuse: ({ deletions, upsertions }, { code, message }) => {
    const users = new Set([...deletions, ...upsertions].map(({ name }) => name));
    const results = Array.from(users, user => ({ user, errorCode: code, errorMessage: message }));
    return { throttleTimeMs: 0, results };
  },
});

/** What is asked for one user. */
interface Asked {
  readonly deletions: Request['deletions'][number][];
  readonly upsertions: Request['upsertions'][number][];
}

function byUser({ deletions, upsertions }: Request): ReadonlyMap<string, Asked> {
  const users = new Map<string, Asked>();
  const of = (name: string): Asked => {
    const asked = users.get(name) ?? { deletions: [], upsertions: [] };
    users.set(name, asked);
    return asked;
  };
  for (const deletion of deletions) of(deletion.name).deletions.push(deletion);
  for (const upsertion of upsertions) of(upsertion.name).upsertions.push(upsertion);
  return users;
}

function changesOf(
  user: string,
  { deletions, upsertions }: Asked,
  credentials: Credentials,
): readonly CredentialChange[] {
  if (user === '') throw new Refusal('UNACCEPTABLE_CREDENTIAL', 'Username must not be empty');
  const numbers = [...deletions, ...upsertions].map(({ mechanism }) => mechanism);
  if (new Set(numbers).size < numbers.length) {
    const message = 'A user credential cannot be altered twice in the same request';
    throw new Refusal('DUPLICATE_RESOURCE', message);
  }
  return [
    ...deletions.map(({ mechanism: number }) => {
      const mechanism = known(number);
      if (credentials.find(user, mechanism) !== undefined) return { user, mechanism, credential: null };
      const message = 'Attempt to delete a user credential that does not exist';
      throw new Refusal('RESOURCE_NOT_FOUND', message);
    }),
    ...upsertions.map(({ mechanism: number, iterations, salt, saltedPassword }) => {
      const mechanism = known(number);
      if (iterations < SCRAM_ITERATIONS_MIN)
        throw new Refusal('UNACCEPTABLE_CREDENTIAL', 'Too few iterations');
      if (iterations > SCRAM_ITERATIONS_MAX)
        throw new Refusal('UNACCEPTABLE_CREDENTIAL', 'Too many iterations');
      return { user, mechanism, credential: credentialOf(mechanism, saltedPassword, salt, iterations) };
    }),
  ];
}

function known(number: number): ScramMechanism {
  const mechanism = mechanismOfNumber(number);
  if (mechanism === undefined) throw new Refusal('UNSUPPORTED_SASL_MECHANISM', 'Unknown SCRAM mechanism');
  return mechanism;
}
