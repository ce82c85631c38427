import type { IncomingMessage, Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { type Clock, MillraceError, messageOf } from '../core/mod.ts';
import type { LiveHub, Subscriber } from './hub.ts';
import type { ClientFrame } from './protocol.ts';

/**
 * How a refused upgrade ends: an HTTP status, or for a bad token the close code 4401 once the socket is
 * open.
 */
export type UpgradeDecision = 'accept' | 'bad-token' | { readonly status: number; readonly message: string };

export interface LiveSocketOptions {
  readonly server: Server;
  readonly hub: LiveHub;
  readonly clock: Clock;
  readonly decide: (request: IncomingMessage) => UpgradeDecision;
}

const KEEP_ALIVE_MS = 20_000;
const FRAME_BYTES_MAX = 64 * 1024;
const BAD_TOKEN = 4401;

const frameSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('subscribe'),
    view: z.string(),
    epoch: z.string().optional(),
    version: z.number().int().optional(),
  }),
  z.object({ type: z.literal('unsubscribe'), view: z.string() }),
  z.object({ type: z.literal('ping') }),
]);

/**
 * Serves `/ws` on an HTTP server: keep-alive pings, dead sockets pruned, no compression (latency before
 * bytes).
 */
export function serveLiveSocket(options: LiveSocketOptions): { close(): Promise<void> } {
  const { server, hub, clock, decide } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: FRAME_BYTES_MAX,
  });
  const answered = new Map<WebSocket, boolean>();
  const stopped = new AbortController();

  server.on('upgrade', (request, socket, head) => {
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== '/ws') {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    const decision = decide(request);
    if (typeof decision === 'object') {
      socket.end(`HTTP/1.1 ${decision.status} Refused\r\nConnection: close\r\n\r\n${decision.message}`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, ws => {
      if (decision === 'bad-token') ws.close(BAD_TOKEN, 'bad token');
      else attach(ws, hub, answered);
    });
  });
  void keepAlive(answered, clock, stopped.signal);
  return {
    close: () => {
      stopped.abort();
      for (const ws of sockets.clients) ws.close(1001, 'stopping');
      const ended = new Promise<void>(resolve => sockets.close(() => resolve()));
      for (const ws of sockets.clients) ws.terminate();
      return ended;
    },
  };
}

function attach(ws: WebSocket, hub: LiveHub, answered: Map<WebSocket, boolean>): void {
  const subscriber: Subscriber = { send: frame => ws.send(frame), bufferedBytes: () => ws.bufferedAmount };
  answered.set(ws, true);
  ws.on('pong', () => answered.set(ws, true));
  ws.on('message', (data, isBinary) => {
    try {
      hub.receive(subscriber, parseFrame(isBinary ? '' : String(data)));
    } catch (error) {
      ws.send(JSON.stringify({ type: 'error', message: messageOf(error) }));
    }
  });
  // `close` always follows `error`; without a listener the error would end the process.
  ws.on('error', () => ws.terminate());
  ws.on('close', () => {
    answered.delete(ws);
    hub.leave(subscriber);
  });
}

function parseFrame(text: string): ClientFrame {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new MillraceError('FORMAT_INVALID', `a frame must be JSON text: ${messageOf(error)}.`, {
      cause: error,
    });
  }
  const parsed = frameSchema.safeParse(json);
  if (!parsed.success)
    throw new MillraceError('FORMAT_INVALID', `not a known frame: ${z.prettifyError(parsed.error)}`);
  return parsed.data as ClientFrame;
}

/** A socket that did not answer the last ping is dead. */
async function keepAlive(
  answered: Map<WebSocket, boolean>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(KEEP_ALIVE_MS, signal).catch(() => undefined);
    for (const [ws, alive] of answered) {
      if (!alive) ws.terminate();
      else {
        answered.set(ws, false);
        ws.ping();
      }
    }
  }
}
