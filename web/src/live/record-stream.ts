import { errorOf } from '../api.ts';
import type { Message } from '../shaping/messages.ts';
import { EventParser, type ServerEvent } from '../shaping/sse.ts';

export interface StreamProgress {
  readonly scannedRecords: number;
  readonly scannedBytes: number;
  readonly found: number;
}

export interface StreamEnd extends StreamProgress {
  readonly reason: 'limit' | 'end' | 'bound' | 'stopped';
  /** By partition: where the same question goes on. */
  readonly next: Readonly<Record<string, number>>;
}

/** What a stream of records tells. */
export interface StreamHandlers {
  readonly onRecords: (records: readonly Message[], skipped: number) => void;
  readonly onProgress: (progress: StreamProgress) => void;
  readonly onLive: () => void;
  readonly onEnd: (end: StreamEnd) => void;
}

/** Reads GET /api/topics/…/stream until it ends or the signal aborts; rejects with what failed. */
export async function readRecordStream(
  path: string,
  handlers: StreamHandlers,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch(path, { signal });
  if (!response.ok || response.body === null) throw await errorOf(response, `GET ${path}`);
  const parser = new EventParser();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const event of parser.feed(value)) hand(event, handlers);
  }
}

function hand({ event, data }: ServerEvent, handlers: StreamHandlers): void {
  if (event === 'records') {
    const { records, skipped } = data as { records: readonly Message[]; skipped: number };
    handlers.onRecords(records, skipped);
  } else if (event === 'progress') handlers.onProgress(data as StreamProgress);
  else if (event === 'live') handlers.onLive();
  else if (event === 'end') handlers.onEnd(data as StreamEnd);
  else if (event === 'error') {
    const { error } = data as { readonly error: { readonly message: string } };
    throw new Error(error.message);
  }
}
