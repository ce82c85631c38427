import type { Login } from './security/logins.ts';

/** Where clients come in. */
export interface Listener {
  /** As Kafka calls the first one: `PLAINTEXT`, `SASL_SSL` … */
  readonly name: string;
  /** The address that clients are told to use. */
  readonly advertisedHost: string;
  readonly advertisedPort: number;
  /** True where clients have to log in before anything else. */
  readonly sasl: boolean;
  readonly tls: boolean;
}

/** Who nobody has asked for a name. */
export const ANONYMOUS = 'User:ANONYMOUS';

/** The one at the other end of a connection, as handlers see it. */
export interface Client {
  readonly listener: Listener;
  /** The address it came from. */
  readonly clientHost: string;
  /** When it connected, monotonic. */
  readonly sinceMs: number;
  /** Aborts when the connection ends. */
  readonly signal: AbortSignal;
  /** As its last request said. */
  clientId: string | null;
  /** `User:name`. */
  principal: string;
  /** False as long as a login is demanded and has not succeeded. */
  isKnown: boolean;
  /** When its login runs out, monotonic; 0 where it never logged in. */
  loginEndsMs: number;
  /** The login under way. */
  login: Login | null;
  /** Why the next answer is the last one. */
  ending: string | null;
  /** As its ApiVersions request said. */
  software: string | null;
}

/** A client that has just connected. */
export function newClient(
  listener: Listener,
  clientHost: string,
  signal: AbortSignal,
  sinceMs: number,
): Client {
  return {
    ...{ listener, clientHost, signal, sinceMs },
    ...{ clientId: null, principal: ANONYMOUS, isKnown: !listener.sasl, software: null },
    ...{ loginEndsMs: 0, login: null, ending: null },
  };
}
