import { type Clock, unreachable } from '../../../core/mod.ts';
import { framed } from '../../protocol/frames.ts';
import type { Client } from '../client.ts';
import type { Answer } from '../connection.ts';
import type { Server } from '../context.ts';
import { type ApiHandler, ConnectionEnds } from '../handler.ts';
import type { SaslMechanism } from '../settings.ts';
import { ScramLogin } from './scram.ts';

/** A login under way, or the one that holds. */
export interface Login {
  readonly mechanism: SaslMechanism;
  readonly scram: ScramLogin | null;
  /** True after SaslHandshake of version 0: what follows are the mechanism's bytes without a Kafka header. */
  readonly raw: boolean;
}

/** The outcome of one step. */
export type LoginStep =
  | { readonly state: 'next' | 'done'; readonly bytes: Uint8Array }
  | { readonly state: 'failed'; readonly message: string };

/** Guessing is slowed down by so much, as Kafka does. */
const FAILED_DELAY_MS = 100;
const NOTHING = new Uint8Array(0);

/** Refuses, by ending the connection, what is not allowed before a login or after it has run out. */
export function checkLogin(client: Client, handler: ApiHandler, clock: Clock): void {
  if (handler.beforeLogin) return;
  if (!client.isKnown) throw new ConnectionEnds(`${handler.api.name} before a login`);
  if (client.loginEndsMs > 0 && client.loginEndsMs < clock.monotonicMs())
    throw new ConnectionEnds('its login has run out');
}

/** The client has chosen a mechanism that is offered. */
export function beginLogin(server: Server, client: Client, mechanism: SaslMechanism, raw: boolean): void {
  const find = (user: string) => server.credentials.findOrMakeUp(user, mechanism as 'SCRAM-SHA-256');
  const scram = mechanism === 'PLAIN' ? null : new ScramLogin(mechanism, find);
  client.login = { mechanism, scram, raw };
}

/** One step of the login that was begun. A failed one ends the connection, a moment later. */
export async function stepLogin(
  server: Server,
  client: Client,
  login: Login,
  bytes: Uint8Array,
): Promise<LoginStep> {
  const step = await stepOf(server, login, bytes);
  const user = step.state === 'done' ? step.user : null;
  const isAnother = user !== null && client.loginEndsMs > 0 && client.principal !== `User:${user}`;
  if (step.state === 'failed' || isAnother) {
    client.login = null;
    server.metrics.loginsFailed++;
    client.ending = `login with ${login.mechanism} failed`;
    await server.clock.sleep(FAILED_DELAY_MS, client.signal).catch(() => undefined);
    const message = isAnother
      ? 'A connection stays with the user it began with'
      : `Authentication failed: invalid credentials with SASL mechanism ${login.mechanism}`;
    return { state: 'failed', message };
  }
  if (user === null) return { state: 'next', bytes: step.bytes };
  const { maxReauthMs } = server.settings;
  client.login = null;
  client.principal = `User:${user}`;
  client.isKnown = true;
  client.loginEndsMs =
    maxReauthMs === 0 ? Number.POSITIVE_INFINITY : server.clock.monotonicMs() + maxReauthMs;
  return { state: 'done', bytes: step.bytes };
}

type RawStep =
  | { readonly state: 'next'; readonly bytes: Uint8Array }
  | { readonly state: 'done'; readonly bytes: Uint8Array; readonly user: string }
  | { readonly state: 'failed' };

async function stepOf(server: Server, login: Login, bytes: Uint8Array): Promise<RawStep> {
  switch (login.mechanism) {
    case 'PLAIN':
      return stepPlain(server, bytes);
    case 'SCRAM-SHA-256':
    case 'SCRAM-SHA-512': {
      const next = login.scram!.next(bytes);
      if (next === null) return { state: 'failed' };
      const { answer, user } = next;
      return user === null ? { state: 'next', bytes: answer } : { state: 'done', bytes: answer, user };
    }
    default:
      return unreachable(login.mechanism);
  }
}

/** `authorizationId NUL user NUL password` (RFC 4616). */
async function stepPlain(server: Server, bytes: Uint8Array): Promise<RawStep> {
  const parts = Buffer.from(bytes).toString().split('\0');
  const [authorizationId, user, password] = parts;
  if (parts.length !== 3 || !user || !password) return { state: 'failed' };
  if (authorizationId !== '' && authorizationId !== user) return { state: 'failed' };
  if (!(await server.credentials.isPasswordOf(user, password))) return { state: 'failed' };
  return { state: 'done', bytes: NOTHING, user };
}

/** The answer to a frame that is a mechanism's bytes; undefined where it is a request. */
export function answerRaw(server: Server, client: Client, frame: Uint8Array): Promise<Answer> | undefined {
  const { login } = client;
  if (login === null || !login.raw) return undefined;
  return stepLogin(server, client, login, frame).then(step => {
    // There are no words for a failure without Kafka's header.
    if (step.state === 'failed') throw new ConnectionEnds(client.ending ?? step.message);
    return { chunks: framed([step.bytes]) };
  });
}
