import { createServer } from 'node:net';
import { MillraceError } from '../../core/mod.ts';

/** How many ports after the default one are tried. */
const TRIES_MAX = 100;

/**
 * The port to listen on: the wanted one; where it is taken and nobody asked for it, the next free one.
 * A taken port that was asked for is refused with PORT_TAKEN.
 */
export async function choosePort(host: string, wanted: number, explicit: boolean): Promise<number> {
  if (wanted === 0 || (await isFree(host, wanted))) return wanted;
  if (explicit) {
    throw new MillraceError(
      'PORT_TAKEN',
      `port ${wanted} on ${host} is in use. Stop the other program, or set another with --http.port (0 takes one that is free).`,
    );
  }
  for (let port = wanted + 1; port < wanted + TRIES_MAX; port++) if (await isFree(host, port)) return port;
  throw new MillraceError(
    'PORT_TAKEN',
    `ports ${wanted} to ${wanted + TRIES_MAX - 1} on ${host} are all in use.`,
  );
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(false) : reject(error),
    );
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
