import { timingSafeEqual } from 'node:crypto';

/** What decides whether a request is let in. */
export interface GuardRules {
  /** Lower-case host names without port that a request may name. */
  readonly hosts: ReadonlySet<string>;
  /** Empty: no token asked. */
  readonly token: string;
}

/** The parts of a request that the guard looks at. */
export interface GuardedRequest {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly contentType: string | undefined;
  readonly hasBody: boolean;
  readonly token: string | undefined;
  readonly isUpgrade: boolean;
}

/** Why a request is turned away: a status and the sentence. */
export interface Refusal {
  readonly status: 401 | 403 | 415;
  readonly message: string;
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const BODY_TYPES = ['application/json', 'application/x-ndjson'];

/** Rules for a server bound to `host`, allowing the extra names from the settings. */
export function guardRules(host: string, allowed: readonly string[], token: string): GuardRules {
  const hosts = [...LOOPBACK, host, ...allowed].map(name => name.toLowerCase());
  return { hosts: new Set(hosts), token };
}

/** True for addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.includes(host) || host === '::1' || /^127\./.test(host);
}

/**
 * Decides on a request; null lets it in. Host allow-list against DNS rebinding, Origin check on sockets and
 * unsafe
 * methods against other sites' pages, a content type that no plain HTML form can send.
 */
export function refusal(request: GuardedRequest, rules: GuardRules): Refusal | null {
  const host = hostName(request.host);
  if (host === undefined || !rules.hosts.has(host)) {
    const message = `host ${JSON.stringify(request.host ?? '')} is not served; add it to \`http.allowed-hosts\`.`;
    return { status: 403, message };
  }
  const unsafe = !SAFE_METHODS.has(request.method);
  if ((unsafe || request.isUpgrade) && !sameOrigin(request)) {
    return { status: 403, message: `pages of ${request.origin} may not do this.` };
  }
  if (unsafe && request.hasBody && !BODY_TYPES.includes(mediaType(request.contentType))) {
    return { status: 415, message: `the content type must be ${BODY_TYPES.join(' or ')}.` };
  }
  if (rules.token !== '' && !sameToken(request.token, rules.token)) {
    return { status: 401, message: 'the token is missing or wrong: send `Authorization: Bearer …`.' };
  }
  return null;
}

function hostName(host: string | undefined): string | undefined {
  return host?.replace(/:\d+$/, '').toLowerCase();
}

/** Programs send no Origin; browsers do, and it must be the page this server gave. */
function sameOrigin(request: GuardedRequest): boolean {
  if (request.origin === undefined) return true;
  return request.origin === `http://${request.host}` || request.origin === `https://${request.host}`;
}

function mediaType(contentType: string | undefined): string {
  return (contentType ?? '').split(';')[0]!.trim().toLowerCase();
}

function sameToken(given: string | undefined, wanted: string): boolean {
  if (given === undefined) return false;
  const a = Buffer.from(given);
  const b = Buffer.from(wanted);
  return a.length === b.length && timingSafeEqual(a, b);
}
