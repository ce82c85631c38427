import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { receiveWire, type WireEnvelope, WirePort } from '../../../src/engine/workers/wire-port.ts';

describe('a port between workers', () => {
  test('delivers all that was posted in one turn, in its order, with the memory of the rows', async () => {
    const { port1, port2 } = new MessageChannel();
    const memory = (first: number): ArrayBuffer => Uint8Array.of(first, 2, 3, 4, 5, 6, 7, 8).buffer;
    const data = (channel: number, message: object): WireEnvelope =>
      ({ group: 3, target: 1, message: { kind: 'data', channel, from: 2, message } }) as WireEnvelope;
    const posted = (): WireEnvelope[] => [
      data(7, { kind: 'rows', count: 5, memory: memory(1) }),
      data(-4, { kind: 'watermark', ms: 1_700_000_000_123 }),
      data(7, { kind: 'watermark', ms: Number.MAX_SAFE_INTEGER }),
      { group: 0, target: 0, message: { kind: 'taken', channel: 9, from: 0, rows: 16_384 } },
      data(7, { kind: 'idle', isIdle: true }),
      data(7, { kind: 'rows', count: 1, memory: memory(9) }),
      data(7, { kind: 'idle', isIdle: false }),
      data(7, { kind: 'barrier', epoch: 12 }),
    ];
    const port = new WirePort(port1);
    const sent = posted();
    for (const envelope of sent) port.post(envelope);
    const [message] = await once(port2, 'message');
    const received: WireEnvelope[] = [];
    receiveWire(message, envelope => received.push(envelope));
    expect(received).toEqual(posted());
    const [first] = sent;
    expect(first).toMatchObject({ message: { message: { memory: { byteLength: 0 } } } });
    port1.close();
  });
});
