import { expect, test } from 'vitest';
import { WatermarkValve } from '../../../src/engine/exchange/watermark-valve.ts';

function open(inputs: number): { valve: WatermarkValve; told: string[] } {
  const told: string[] = [];
  const valve = new WatermarkValve(inputs, {
    watermark: (ms, input) => told.push(`${input}:${ms}`),
    idle: isIdle => told.push(isIdle ? 'idle' : 'active'),
  });
  return { valve, told };
}

test('an idle input goes along with the slowest active one, and never back', () => {
  const { valve, told } = open(3);
  valve.watermark(10, 0);
  valve.watermark(20, 1);
  expect(told).toEqual(['0:10', '1:20']);
  valve.idle(true, 2);
  expect(told.splice(0)).toEqual(['0:10', '1:20', '2:10']);
  valve.watermark(15, 0);
  expect(told.splice(0)).toEqual(['0:15', '2:15']);
  valve.idle(false, 2);
  valve.watermark(12, 2);
  valve.watermark(30, 0);
  expect(told.splice(0)).toEqual(['0:30']);
  valve.watermark(16, 2);
  expect(told).toEqual(['2:16']);
});

test('when all are idle, event time is where the furthest has come, and those behind hear of it', () => {
  const { valve, told } = open(2);
  valve.watermark(10, 0);
  valve.watermark(30, 1);
  valve.idle(true, 0);
  valve.idle(true, 0);
  expect(told.splice(0)).toEqual(['0:10', '1:30', '0:30']);
  valve.watermark(40, 1);
  valve.idle(true, 1);
  expect(told.splice(0)).toEqual(['1:40', '0:40', 'idle']);
  valve.idle(false, 0);
  expect(told).toEqual(['active']);
});
