import { expect, test } from 'vitest';
import { startOfDayMs } from '../../../src/platform/local-day.ts';

const utc = (text: string): number => Date.parse(text);

test('midnight is that of the time zone', () => {
  expect(startOfDayMs(utc('2026-11-21T23:30:00Z'), 'Africa/Tunis')).toBe(utc('2026-11-21T23:00:00Z'));
  expect(startOfDayMs(utc('2026-11-21T22:59:59Z'), 'Africa/Tunis')).toBe(utc('2026-11-20T23:00:00Z'));
  expect(startOfDayMs(utc('2026-11-21T00:00:00Z'), 'UTC')).toBe(utc('2026-11-21T00:00:00Z'));
});

test('days of 23 and 25 hours begin at their own midnight', () => {
  expect(startOfDayMs(utc('2026-03-29T21:30:00Z'), 'Europe/Berlin')).toBe(utc('2026-03-28T23:00:00Z'));
  expect(startOfDayMs(utc('2026-10-25T22:30:00Z'), 'Europe/Berlin')).toBe(utc('2026-10-24T22:00:00Z'));
});
