import { type ErrorCode, MillraceError } from '../../core/mod.ts';
import { Refusal } from '../../log/mod.ts';

/** The body of every answer that is an error. */
export interface Problem {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly retry: boolean;
    readonly position?: { readonly line: number; readonly column: number };
  };
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  NOT_FOUND: 404,
  UNKNOWN_TOPIC: 404,
  TOPIC_EXISTS: 409,
  JOB_EXISTS: 409,
  OFFSET_OUT_OF_RANGE: 416,
  RECORD_TOO_LARGE: 413,
  REQUEST_REFUSED: 409,
  TIMEOUT: 504,
};

/**
 * HTTP status and body for anything thrown. A bug of ours shows its message too: the server is its owner's.
 */
export function problemOf(error: unknown): { readonly status: number; readonly body: Problem } {
  if (error instanceof MillraceError) {
    const status = STATUS[error.code] ?? { user: 400, external: 503, internal: 500 }[error.domain];
    const { message, retry, position } = error;
    // What only Kafka has a name for keeps it.
    const code = error instanceof Refusal && error.code === 'REQUEST_REFUSED' ? error.error : error.code;
    return { status, body: { error: { code, message, retry, ...(position && { position }) } } };
  }
  const { statusCode, message, code } = error as { statusCode?: number; message?: string; code?: string };
  const status = statusCode ?? 500;
  const name = status < 500 ? (code ?? 'BAD_REQUEST') : 'INTERNAL';
  return { status, body: { error: { code: name, message: message ?? String(error), retry: false } } };
}
