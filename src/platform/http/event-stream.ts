import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { problemOf } from './problem.ts';

/** Server-sent events to one reader. */
export interface EventStream {
  /** Resolves when the reader can take more, or has left. */
  send(event: string, data: unknown): Promise<void>;
  /** Aborts when the reader has left. */
  readonly signal: AbortSignal;
}

export const EVENT_STREAM = 'text/event-stream; charset=utf-8';

/**
 * The body of an answer of server-sent events: what `run` sends until it is done or the reader leaves. What
 * fails behind the first byte is the last event, `error`, with the body that another answer would have.
 */
export function eventStream(run: (stream: EventStream) => Promise<void>): Readable {
  const body = new PassThrough();
  const gone = new AbortController();
  body.once('close', () => gone.abort());
  // `close` always follows `error`; without a listener the error would end the process.
  body.on('error', () => gone.abort());
  const { signal } = gone;
  const send = async (event: string, data: unknown): Promise<void> => {
    if (signal.aborted) return;
    const room = body.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    if (!room) await once(body, 'drain', { signal }).catch(() => undefined);
  };
  run({ send, signal })
    .catch(error => send('error', problemOf(error).body))
    .finally(() => body.end());
  return body;
}
