import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { framed } from '../../../../src/kafka/protocol/mod.ts';
import { RequestFrames } from '../../../../src/kafka/server/request-frames.ts';
import { REUSED_BYTES_MAX, RequestMemory } from '../../../../src/kafka/server/request-memory.ts';
import { readInto } from '../../../../src/kafka/server/socket-reading.ts';

const FRAME_BYTES_MAX = 5 << 20;
const message = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (length + i * 7) & 255);

/** Delivers a piece as a socket does: into the room there is, a part at a time. */
function deliver(frames: RequestFrames, piece: Uint8Array): void {
  for (let at = 0; at < piece.length; ) {
    const room = frames.room();
    const count = Math.min(room.length, piece.length - at);
    room.set(piece.subarray(at, at + count));
    frames.received(room.subarray(0, count));
    at += count;
  }
}

function taken(frames: RequestFrames): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let frame = frames.next(); frame !== undefined; frame = frames.next()) found.push(frame);
  return found;
}

describe('requests are cut from what comes', () => {
  const messages = [0, 1, 5_000, 3, 1 << 20, 40_000, REUSED_BYTES_MAX + 9, 4096].map(message);
  const stream = Buffer.concat(messages.flatMap(one => framed([one])));

  test('however it comes, into their own room or elsewhere; their memory is used again', () => {
    const cut = fc.nat({ max: stream.length });
    fc.assert(
      fc.property(fc.array(cut, { maxLength: 12 }), fc.boolean(), (cuts, inRoom) => {
        const memory = new RequestMemory();
        const frames = new RequestFrames(FRAME_BYTES_MAX, memory);
        const places = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const found: Buffer[] = [];
        places.forEach((from, i) => {
          const piece = new Uint8Array(stream.subarray(from, places[i + 1]));
          if (inRoom) deliver(frames, piece);
          else frames.received(piece);
          for (const frame of taken(frames)) {
            found.push(Buffer.from(frame));
            frame.fill(0xdb);
            memory.give(frame);
          }
        });
        expect(found.map(frame => frame.length)).toEqual(messages.map(({ length }) => length));
        for (const [i, frame] of found.entries()) expect(frame.equals(messages[i]!)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test('one that is not answered keeps its memory', () => {
    const memory = new RequestMemory();
    const frames = new RequestFrames(FRAME_BYTES_MAX, memory);
    for (const one of framed([message(30_000)])) deliver(frames, one);
    const [first] = taken(frames);
    for (const one of framed([message(20_000)])) deliver(frames, one);
    const [second] = taken(frames);
    expect(first!.buffer === second!.buffer).toBe(false);
    memory.give(first!);
    for (const one of framed([message(30_001)])) deliver(frames, one);
    expect(taken(frames)[0]!.buffer === first!.buffer).toBe(true);
  });

  test('a large one is read into its own memory, which a claimed length does not take', () => {
    const frames = new RequestFrames(1 << 30, new RequestMemory());
    const landing = frames.room();
    deliver(frames, new Uint8Array([0x3f, 255, 255, 255, 7]));
    expect(frames.room() === landing).toBe(true);
    frames.received(new Uint8Array(100_000));
    const room = frames.room();
    expect([room === landing, room.buffer.byteLength <= 1 << 19]).toEqual([false, true]);
  });

  test('what came before a wrong length is taken, nothing behind it', () => {
    const frames = new RequestFrames(100, new RequestMemory());
    for (const one of framed([message(3)])) frames.received(one);
    expect(frames.failure).toBe(null);
    frames.received(new Uint8Array([71, 69, 84, 32, 0, 0, 0, 1, 1]));
    expect(taken(frames)).toEqual([message(3)]);
    expect(frames.failure?.message).toContain('this looks like HTTP');
  });
});

describe('memory of requests', () => {
  test('fits, is used again, and is let go when nobody used it for a while', () => {
    const memory = new RequestMemory();
    for (const bytes of [1, 4096, 16_384, 16_385, REUSED_BYTES_MAX, REUSED_BYTES_MAX + 1]) {
      expect(memory.take(bytes).length).toBeGreaterThanOrEqual(bytes);
    }
    const one = memory.take(100_000);
    memory.give(one);
    memory.tick();
    const again = memory.take(90_000);
    expect(again.buffer === one.buffer).toBe(true);
    memory.give(again);
    memory.tick();
    memory.tick();
    expect(memory.take(90_000).buffer === one.buffer).toBe(false);
  });

  test('what is too large, or not of it, is not kept', () => {
    const memory = new RequestMemory();
    for (const bytes of [new Uint8Array(100), memory.take(REUSED_BYTES_MAX + 1)]) {
      memory.give(bytes);
      expect(memory.take(bytes.length).buffer === bytes.buffer).toBe(false);
    }
  });
});

describe('a socket', () => {
  const open: { destroy(): void }[] = [];
  let server: Server | undefined;
  afterEach(async () => {
    for (const one of open.splice(0)) one.destroy();
    await new Promise(resolve => server!.close(resolve));
  });

  test('reads into the room it is given, without memory of its own; pause, end and answers are as ever', async () => {
    const memory = new Uint8Array(1000);
    const got: Buffer[] = [];
    let wereHere = true;
    const reader = {
      room: () => memory,
      received: (bytes: Uint8Array) => {
        wereHere &&= bytes.buffer === memory.buffer;
        got.push(Buffer.from(bytes));
      },
    };
    server = createServer({ pauseOnConnect: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as { port: number }).port, '127.0.0.1');
    open.push(client);
    const [accepted] = (await once(server, 'connection')) as [Socket];
    const socket = readInto(accepted, reader);
    open.push(socket);
    expect(socket.remoteAddress).toBe('127.0.0.1');
    const sent = message(100_000);
    client.write(sent);
    await expect.poll(() => Buffer.concat(got).length).toBe(sent.length);
    expect([Buffer.concat(got).equals(sent), wereHere]).toEqual([true, true]);

    socket.pause();
    client.write('later');
    socket.write('answer');
    const [answer] = (await once(client, 'data')) as [Buffer];
    expect([answer.toString(), Buffer.concat(got).length]).toEqual(['answer', sent.length]);
    socket.resume();
    await expect.poll(() => Buffer.concat(got).length).toBe(sent.length + 5);

    client.end();
    await once(socket, 'close');
  });
});
