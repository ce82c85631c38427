/** What the API answered instead of what was asked for. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status: number) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** The error of an answer that is none; its sentence is the server's own where there is one. */
export async function errorOf(response: Response, what: string): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const error = (body as { readonly error?: { readonly code?: unknown; readonly message?: unknown } } | null)
    ?.error;
  const message = typeof error?.message === 'string' ? error.message : `${what} answered ${response.status}`;
  return new ApiError(String(error?.code ?? 'UNKNOWN'), message, response.status);
}

/** Asks the API; the body and the answer are JSON, an empty answer is null. */
export async function ask<T>(
  method: string,
  path: string,
  options: { readonly body?: unknown; readonly signal?: AbortSignal } = {},
): Promise<T> {
  const { body, signal } = options;
  const response = await fetch(path, {
    method,
    ...(signal && { signal }),
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  if (!response.ok) throw await errorOf(response, `${method} ${path}`);
  const text = await response.text();
  return (text === '' ? null : JSON.parse(text)) as T;
}
