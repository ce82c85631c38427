import { expect, test } from 'vitest';
import { Pace } from '../../../src/engine/job/pace.ts';
import { MiniBatch } from '../../../src/engine/operators/mini-batch.ts';
import { MAX_WATERMARK } from '../../../src/engine/operators/operator.ts';

function open(maxRows: number) {
  const told: (string | number)[] = [];
  const output = {
    emit: () => undefined,
    watermark: (ms: number) => void told.push(ms),
    idle: () => undefined,
  };
  return { told, miniBatch: new MiniBatch(output, maxRows, () => void told.push('changes')) };
}

test('event time goes on behind the changes that wait', () => {
  const { told, miniBatch } = open(10);
  miniBatch.watermark(1);
  miniBatch.took(4);
  miniBatch.watermark(2);
  miniBatch.watermark(3);
  expect(told).toEqual([1]);
  miniBatch.finish();
  expect(told).toEqual([1, 'changes', 3]);
  miniBatch.finish();
  miniBatch.watermark(4);
  expect(told).toEqual([1, 'changes', 3, 4]);
});

test('a mini-batch ends when it is full, and with the input', () => {
  const { told, miniBatch } = open(10);
  miniBatch.took(6);
  expect(miniBatch.room).toBe(4);
  miniBatch.took(4);
  expect(told).toEqual(['changes']);
  expect(miniBatch.room).toBe(10);
  miniBatch.took(1);
  miniBatch.watermark(MAX_WATERMARK);
  expect(told).toEqual(['changes', 'changes', MAX_WATERMARK]);
});

test('rows wait no longer than a mini-batch may last', () => {
  let now = 0;
  const clock = { nowMs: () => now, monotonicMs: () => now, sleep: () => Promise.resolve() };
  const pace = new Pace(clock, 100);
  expect(pace.delivered()).toBe(false);
  expect(pace.isWaiting).toBe(true);
  now = 99;
  expect(pace.delivered()).toBe(false);
  now = 100;
  expect(pace.delivered()).toBe(true);
  pace.finished();
  expect(pace.isWaiting).toBe(false);
  now = 150;
  expect(pace.delivered()).toBe(false);
  expect(new Pace(clock, null).delivered()).toBe(false);
});
