import { ERROR_CODES, type ErrorCode } from './error-codes.ts';

/** Who has to act on an error: the user (wrong input), the outside world (a peer, a disk), or we (a bug). */
export type ErrorDomain = 'user' | 'external' | 'internal';

/** What an error carries beside its sentence. */
export interface ErrorOptions {
  /** Where in the user's text it happened, 1-based. */
  readonly position?: { readonly line: number; readonly column: number };
  readonly cause?: unknown;
}

/**
 * Every error of the world that Millrace reports. `code` is stable and documented in `error-codes.ts`;
 * `message` is one sentence that names the place, what was expected and, where there is one, the remedy.
 */
export class MillraceError extends Error {
  override readonly name = 'MillraceError';
  readonly code: ErrorCode;
  readonly domain: ErrorDomain;
  /** True when the same call may succeed later without anyone changing anything. */
  readonly retry: boolean;
  readonly position: { readonly line: number; readonly column: number } | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.domain = ERROR_CODES[code].domain;
    this.retry = ERROR_CODES[code].retry;
    this.position = options.position;
  }
}

export { ERROR_CODES, type ErrorCode };

/** Narrow an unknown thrown value to its message, for logs and wrapped errors. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
