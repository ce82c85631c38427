import { expect, test } from 'vitest';
import { fuzz } from '../../support/kafka-fuzz.ts';
import { Wire } from '../../support/kafka-wire.ts';
import { RunningBroker } from '../../support/running-broker.ts';

const FRAMES = 1_000;

test(`${FRAMES} requests, half of them mutated, are answered in the protocol or end their connection`, async () => {
  await using broker = await RunningBroker.open({ partitionsMax: 100 });
  const { frames, closed, answers, checks } = await fuzz(broker, 21, FRAMES);
  expect(frames).toBeGreaterThanOrEqual(FRAMES);
  expect(closed).toBeGreaterThan(50);
  expect(answers).toBeGreaterThan(50);
  expect(checks).toBeGreaterThan(0);
  await expect.poll(() => broker.server.stats().connections).toBe(0);
  expect(broker.server.stats().memoryBytes).toBe(0);
});

test('a request that never becomes whole takes the memory of the bytes that came, and no more', async () => {
  await using broker = await RunningBroker.open();
  const wires = await Promise.all(Array.from({ length: 50 }, () => Wire.open(broker.port)));
  // A hundred megabytes are claimed, three bytes come.
  for (const wire of wires) wire.send(new Uint8Array([0x06, 0x40, 0x00, 0x00, 1, 2, 3]));
  await expect.poll(() => broker.server.stats().memoryBytes).toBe(50 * 7);
  await Promise.all(wires.map(wire => wire[Symbol.asyncDispose]()));
  await expect.poll(() => broker.server.stats().memoryBytes).toBe(0);
  expect(broker.lines).toEqual([]);
});

test.each([
  ['more than may be', [0x7f, 0xff, 0xff, 0xff], 'at most'],
  ['a negative length', [0xff, 0xff, 0xff, 0xff], '-1 bytes'],
  ['HTTP', [...new TextEncoder().encode('GET / HTTP/1.1\r\n')], 'looks like HTTP'],
  ['TLS', [0x16, 0x03, 0x01, 0x02, 0x00, 0x01], 'looks like TLS'],
  ['an API that is not there', [0, 0, 0, 10, 0x03, 0xe7, 0, 0, 0, 0, 0, 1, 0xff, 0xff], 'API 999'],
  ['a version that is not there', [0, 0, 0, 11, 0, 3, 0, 99, 0, 0, 0, 1, 0xff, 0xff, 0], 'not 99'],
])('%s ends the connection with one line', async (_, bytes, line) => {
  await using broker = await RunningBroker.open();
  await using wire = await Wire.open(broker.port);
  wire.send(new Uint8Array(bytes));
  expect(await wire.receive()).toBeNull();
  expect(broker.lines).toEqual([expect.stringContaining(line)]);
});
