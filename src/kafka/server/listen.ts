import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { MillraceError, messageOf } from '../../core/mod.ts';
import type { Listener } from './client.ts';

/** Kafka's names for what is between client and broker. */
export const SECURITY_PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const;
export type SecurityProtocol = (typeof SECURITY_PROTOCOLS)[number];

/** A listener to be opened. */
export interface ListenerOptions {
  readonly name: string;
  readonly host: string;
  /** 0 takes one that is free. */
  readonly port: number;
  /** How many ports after this one are tried where it is taken. */
  readonly portsMax: number;
  /** What clients are told; null: where it listens. */
  readonly advertised: { readonly host: string; readonly port: number } | null;
  readonly security: SecurityProtocol;
}

/** Certificate and key, in PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** A listener that is open. */
export interface Listening extends Listener {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Who is told of what happens at a listener. */
export interface ListenerEvents {
  connected(socket: Socket, listener: Listener): void;
  /** Somebody who did not get as far as a connection. */
  failed(host: string, why: string): void;
}

const HANDSHAKE_MS_MAX = 30_000;
const BACKLOG = 511;

/**
 * Opens a listener: PORT_TAKEN with the remedy where it can't be had. Connections that are still at their TLS
 * handshake count among `connectionsMax` too; without TLS whoever is told of connections counts them.
 */
export async function listen(
  options: ListenerOptions,
  tls: TlsFiles | undefined,
  events: ListenerEvents,
  connectionsMax: number,
): Promise<Listening> {
  const { name, host, security, advertised } = options;
  const isTls = security === 'SSL' || security === 'SASL_SSL';
  // Known when the first client comes.
  let listening: Listening;
  const connected = (socket: Socket): void => events.connected(socket, listening);
  const server = isTls
    ? tlsServer(tls, connected, events)
    : createServer({ pauseOnConnect: true }, connected);
  const handshaking = new Set<Socket>();
  if (isTls) {
    server.maxConnections = connectionsMax;
    server.on('drop', from => events.failed(from?.remoteAddress ?? '', 'refused: too many connections'));
    server.on('connection', (socket: Socket) => {
      handshaking.add(socket);
      socket.once('close', () => handshaking.delete(socket));
    });
  }
  const port = await bind(server, options);
  // What goes wrong from now on, e.g. too many open files, must not end the program.
  server.on('error', error => events.failed(host, messageOf(error)));
  listening = {
    ...{ name, host, port, tls: isTls, sasl: security.startsWith('SASL_') },
    advertisedHost: advertised?.host ?? host,
    advertisedPort: advertised?.port ?? port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close(error => (error ? reject(error) : resolve()));
        // After those who got as far as a connection, which end by themselves.
        process.nextTick(() => {
          for (const socket of handshaking) socket.destroy();
        });
      }),
  };
  return listening;
}

function tlsServer(
  tls: TlsFiles | undefined,
  connected: (socket: Socket) => void,
  events: ListenerEvents,
): Server {
  if (tls === undefined) throw new MillraceError('CONFIG_INVALID', 'a listener with TLS needs a certificate');
  const { cert, key } = tls;
  const server = createTlsServer({ cert, key, handshakeTimeout: HANDSHAKE_MS_MAX }, connected);
  server.on('tlsClientError', (error, socket) => {
    events.failed(socket.remoteAddress ?? '', `no TLS: ${messageOf(error)}`);
    socket.destroy();
  });
  return server;
}

/** Binds the wanted port, or the next free one of those that may be tried. */
async function bind(server: Server, { host, port, portsMax, name }: ListenerOptions): Promise<number> {
  for (let tried = port; ; tried++) {
    const error = await tryPort(server, host, tried);
    if (error === null) return (server.address() as AddressInfo).port;
    const isTaken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
    if (isTaken && port !== 0 && tried < port + portsMax) continue;
    throw new MillraceError(
      'PORT_TAKEN',
      `${name} can't listen on ${host}:${tried}: ${error.message}. Stop the other program, or set another port.`,
      { cause: error },
    );
  }
}

function tryPort(server: Server, host: string, port: number): Promise<NodeJS.ErrnoException | null> {
  return new Promise(resolve => {
    const failed = (error: NodeJS.ErrnoException): void => {
      server.removeListener('listening', bound);
      resolve(error);
    };
    const bound = (): void => {
      server.removeListener('error', failed);
      resolve(null);
    };
    server.once('error', failed).once('listening', bound);
    server.listen({ host, port, backlog: BACKLOG });
  });
}
