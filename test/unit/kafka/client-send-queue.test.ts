import { expect, test } from 'vitest';
import { type Sending, SendQueue } from '../../../src/kafka/client/send-queue.ts';

interface Sent extends Sending {
  readonly outcome: unknown[];
}

function sending(recordCount: number): Sent {
  const outcome: unknown[] = [];
  const settle = (result: unknown): void => void outcome.push(result);
  const batch = { bytes: new Uint8Array(0), recordCount, maxTimestamp: 0 };
  return { batch, sequence: -1, sends: 0, sinceMs: 0, resolve: settle, reject: settle, outcome };
}

function queueOf(inFlightMax: number, ...counts: readonly number[]): { queue: SendQueue; all: Sent[] } {
  const queue = new SendQueue({ topic: 't', partition: 0 }, inFlightMax);
  const all = counts.map(sending);
  for (const one of all) queue.push(one);
  return { queue, all };
}

const takeAll = (queue: SendQueue): Sending[] => {
  const taken: Sending[] = [];
  while (queue.maySend(0)) taken.push(queue.take());
  return taken;
};

test('a sequence counts records, and no more than are allowed are under way', () => {
  const { queue, all } = queueOf(3, 10, 5, 1, 1);
  expect(takeAll(queue).map(one => one.sequence)).toEqual([0, 10, 15]);
  queue.stored(all[0]!, 100);
  expect(takeAll(queue).map(one => one.sequence)).toEqual([16]);
  expect(all[0]!.outcome).toEqual([100]);
});

test('what must go again goes before all later ones, in its order, with the same sequences', () => {
  const { queue, all } = queueOf(3, 1, 1, 1, 1);
  const [a, b, c, d] = all as [Sent, Sent, Sent, Sent];
  expect(takeAll(queue)).toEqual([a, b, c]);
  expect(queue.hasEarlier(c)).toBe(true);
  queue.again(b);
  queue.again(a);
  // Not before the answer to the last one under way.
  expect(queue.maySend(0)).toBe(false);
  expect(queue.hasEarlier(c)).toBe(true);
  queue.again(c);
  expect(takeAll(queue)).toEqual([a, b, c]);
  expect(all.map(one => one.sequence)).toEqual([0, 1, 2, -1]);
  expect(queue.hasEarlier(a)).toBe(false);
  for (const one of [a, b, c]) queue.stored(one, 7);
  expect(takeAll(queue)).toEqual([d]);
  expect(d.sequence).toBe(3);
});

test('sequences begin again behind the largest, also for what goes again', () => {
  const { queue, all } = queueOf(2, 2 ** 31 - 1, 3, 1);
  const [a, b, c] = all as [Sent, Sent, Sent];
  queue.stored(queue.take() as Sent, 0);
  expect(a.outcome).toEqual([0]);
  expect(takeAll(queue)).toEqual([b, c]);
  expect([b.sequence, c.sequence]).toEqual([2 ** 31 - 1, 2]);
  expect(queue.hasEarlier(c)).toBe(true);
  expect(queue.hasEarlier(b)).toBe(false);
  queue.again(c);
  queue.again(b);
  expect(takeAll(queue)).toEqual([b, c]);
});

test('a batch that was refused for certain leaves its sequence to the next one', () => {
  const { queue, all } = queueOf(1, 4, 2);
  queue.refused(queue.take(), 'too large');
  expect(all[0]!.outcome).toEqual(['too large']);
  expect(queue.take().sequence).toBe(0);
});

test('under a new producer id everything that is left begins at sequence 0', () => {
  const { queue, all } = queueOf(1, 4, 2, 2);
  queue.failed(queue.take(), 'nobody knows');
  queue.restart();
  expect(queue.take().sequence).toBe(0);
  queue.stored(all[1]!, 0);
  expect(queue.take().sequence).toBe(2);
  queue.push(sending(1));
  queue.failWaiting('over');
  expect(queue.maySend(0)).toBe(false);
});
