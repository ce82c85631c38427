import { ERROR_CODES, type ErrorCode, MillraceError, messageOf } from './errors.ts';

/** One end of a channel between threads, as `MessagePort` and `Worker` are. */
export interface RpcPort {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
}

/** An answer with memory that moves to the other thread instead of being copied. */
export class Transferred {
  readonly value: unknown;
  readonly buffers: readonly ArrayBuffer[];

  constructor(value: unknown, buffers: readonly ArrayBuffer[]) {
    this.value = value;
    this.buffers = buffers;
  }
}

/** Serves a call; what it returns or throws is the answer. `signal` aborts when the caller waits no more. */
export type RpcHandler = (payload: never, signal: AbortSignal) => unknown;

type RpcMessage =
  | { readonly kind: 'call'; readonly id: number; readonly method: string; readonly payload: unknown }
  | { readonly kind: 'notice'; readonly method: string; readonly payload: unknown }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly code: string | null; readonly message: string };

/** Calls and notices between two threads. Feed it what the port receives. */
export class Rpc {
  readonly #port: RpcPort;
  readonly #handlers: Readonly<Record<string, RpcHandler>>;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  readonly #serving = new Map<number, AbortController>();
  #nextId = 0;
  #gone: { readonly error: unknown } | null = null;

  constructor(port: RpcPort, handlers: Readonly<Record<string, RpcHandler>>) {
    this.#port = port;
    this.#handlers = handlers;
  }

  call(method: string, payload: unknown, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    if (this.#gone !== null) return Promise.reject(this.#gone.error);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#port.postMessage({ kind: 'call', id, method, payload }, transfer);
    });
  }

  /** A call that answers undefined as soon as the signal aborts. */
  async callUntil(method: string, payload: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    if (signal?.aborted === true) return undefined;
    const id = this.#nextId;
    const answer = this.call(method, payload);
    const stop = (): void => {
      this.#port.postMessage({ kind: 'cancel', id });
      this.#waiting.get(id)?.resolve(undefined);
      this.#waiting.delete(id);
    };
    signal?.addEventListener('abort', stop, { once: true });
    try {
      return await answer;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /** Tells without waiting for an answer. */
  notify(method: string, payload: unknown, transfer: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage({ kind: 'notice', method, payload }, transfer);
  }

  /** The other end is gone: whoever waits for an answer, or asks from now on, gets the error. */
  fail(error: unknown): void {
    this.#gone = { error };
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  /** What the port received. */
  receive(data: unknown): void {
    const message = data as RpcMessage;
    switch (message.kind) {
      case 'call':
        void this.#serve(message.id, message.method, message.payload);
        return;
      case 'notice':
        this.#handlers[message.method]?.(message.payload as never, new AbortController().signal);
        return;
      case 'cancel':
        this.#serving.get(message.id)?.abort();
        return;
      case 'answer':
        this.#waiting.get(message.id)?.resolve(message.value);
        this.#waiting.delete(message.id);
        return;
      case 'error':
        this.#waiting.get(message.id)?.reject(errorOf(message.code, message.message));
        this.#waiting.delete(message.id);
    }
  }

  async #serve(id: number, method: string, payload: unknown): Promise<void> {
    const abort = new AbortController();
    this.#serving.set(id, abort);
    try {
      const handler = this.#handlers[method];
      if (handler === undefined) throw new MillraceError('INTERNAL', `no thread serves ${method}`);
      const result = await handler(payload as never, abort.signal);
      const { value, buffers } = result instanceof Transferred ? result : { value: result, buffers: [] };
      this.#port.postMessage({ kind: 'answer', id, value }, buffers);
    } catch (error) {
      this.#port.postMessage({ kind: 'error', id, ...plainError(error) });
    } finally {
      this.#serving.delete(id);
    }
  }
}

/** An error as plain data; its code lives on. */
export function plainError(error: unknown): { readonly code: string | null; readonly message: string } {
  return { code: error instanceof MillraceError ? error.code : null, message: messageOf(error) };
}

/** The error that another thread has told. */
export function errorOf(code: string | null, message: string): Error {
  return code !== null && code in ERROR_CODES
    ? new MillraceError(code as ErrorCode, message)
    : new Error(message);
}
