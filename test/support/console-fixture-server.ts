import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ClientFrame, ServerFrame, ViewRow } from '../../src/live/protocol.ts';

export interface FixtureView {
  readonly key: readonly string[];
  readonly rows: readonly ViewRow[];
  readonly asOfMs: number;
}

/**
 * Serves web/dist and speaks /ws and GET /api/kpi with rows the test gives, so that every state of the
 * console can be brought about and looked at. Only for the console's own tests; the running platform is
 * tested by itself.
 */
export class ConsoleFixtureServer {
  readonly views = new Map<string, FixtureView>();
  readonly failing = new Map<string, string>();
  readonly subscriptions: Extract<ClientFrame, { type: 'subscribe' }>[] = [];
  kpi: Readonly<Record<string, unknown>> | null = null;
  epoch = 'epoch-1';
  #version = 1;
  #server: Server | null = null;
  #sockets: WebSocketServer | null = null;
  #port = 0;
  readonly #listening = new Map<WebSocket, Set<string>>();

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    this.#server = server;
    this.#sockets = new WebSocketServer({ server, path: '/ws' });
    this.#sockets.on('connection', socket => this.#attach(socket));
    await new Promise<void>(resolve => server.listen(this.#port, '127.0.0.1', resolve));
    const address = server.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
  }

  /** Stops listening and cuts every socket; `start` comes back on the same port. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets?.clients ?? []) socket.terminate();
    this.#sockets?.close();
    this.#server?.closeAllConnections();
    await new Promise<void>(resolve => this.#server?.close(() => resolve()) ?? resolve());
  }

  /** Upserts rows as a delta to everyone who listens. */
  change(view: string, upserts: readonly ViewRow[], asOfMs: number): void {
    const known = this.views.get(view);
    if (!known) throw new Error(`no fixture view ${view}`);
    const keyOf = (row: ViewRow) => JSON.stringify(known.key.map(column => row[column]));
    const rows = new Map(known.rows.map(row => [keyOf(row), row]));
    for (const row of upserts) rows.set(keyOf(row), row);
    this.views.set(view, { ...known, rows: [...rows.values()], asOfMs });
    this.#version += 1;
    const frame: ServerFrame = {
      ...{ type: 'delta', view, epoch: this.epoch, version: this.#version, upserts, deletes: [] },
      ...{ position: {}, asOfMs },
    };
    for (const [socket, views] of this.#listening) if (views.has(view)) send(socket, frame);
  }

  /** Fails a view for everyone who listens, as a server does whose view was removed. */
  fail(view: string, message: string): void {
    this.failing.set(view, message);
    for (const [socket, views] of this.#listening)
      if (views.has(view)) send(socket, { type: 'error', view, message });
  }

  #attach(socket: WebSocket): void {
    this.#listening.set(socket, new Set());
    socket.on('close', () => this.#listening.delete(socket));
    socket.on('message', data => this.#receive(socket, JSON.parse(String(data)) as ClientFrame));
  }

  #receive(socket: WebSocket, frame: ClientFrame): void {
    if (frame.type === 'ping') send(socket, { type: 'pong', nowMs: Date.now() });
    if (frame.type === 'unsubscribe') this.#listening.get(socket)?.delete(frame.view);
    if (frame.type !== 'subscribe') return;
    this.subscriptions.push(frame);
    const message = this.failing.get(frame.view);
    if (message !== undefined) send(socket, { type: 'error', view: frame.view, message });
    this.#listening.get(socket)?.add(frame.view);
    const view = this.views.get(frame.view);
    // A view without rows given is left unanswered: the console shows that it is loading.
    if (message !== undefined || view === undefined) return;
    send(socket, {
      ...{ type: 'snapshot', view: frame.view, epoch: this.epoch, version: this.#version, key: view.key },
      ...{ rows: view.rows, position: {}, asOfMs: view.asOfMs, evicted: 0 },
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname.startsWith('/api/')) {
      const found = pathname === '/api/kpi' ? this.kpi : pathname === '/api/jobs' ? [] : null;
      response.writeHead(found === null ? 503 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(found ?? { message: 'not ready' }));
      return;
    }
    const path = extname(pathname) === '' ? '/index.html' : pathname;
    const body = await readFile(join('web/dist', path)).catch(() => null);
    response.writeHead(body === null ? 404 : 200, { 'content-type': TYPES[extname(path)] ?? 'text/plain' });
    response.end(body ?? 'not found');
  }
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

function send(socket: WebSocket, frame: ServerFrame): void {
  socket.send(JSON.stringify(frame));
}
