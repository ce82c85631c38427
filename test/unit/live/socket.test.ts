import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type LiveHub, serveLiveSocket } from '../../../src/live/mod.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';

type UpgradeDecision = ReturnType<Parameters<typeof serveLiveSocket>[0]['decide']>;

let server: Server;
let live: { close(): Promise<void> };
afterEach(async () => {
  await live.close();
  await new Promise(resolve => server.close(resolve));
});

/** How a connection ends, and whether the hub was asked anything on the way. */
async function outcome(decision: UpgradeDecision): Promise<{ code: number; asked: number }> {
  let asked = 0;
  const hub = { receive: () => void asked++, leave: () => undefined } as unknown as LiveHub;
  server = createServer();
  live = serveLiveSocket({ server, hub, clock: systemClock, decide: () => decision });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`);
  socket.on('open', () => socket.send('{"type":"ping"}'));
  const refused = new Promise<number>(resolve => {
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
  });
  const closed = new Promise<number>(resolve => {
    socket.on('close', resolve);
  });
  return { code: await Promise.race([refused, closed]), asked };
}

test('a bad token closes the socket with 4401, and nothing of it is heard', async () => {
  expect(await outcome('bad-token')).toEqual({ code: 4401, asked: 0 });
});

test('any other refusal is the HTTP status', async () => {
  expect(await outcome({ status: 403, message: 'not from there' })).toEqual({ code: 403, asked: 0 });
});
