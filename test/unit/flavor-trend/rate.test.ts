import { expect, test } from 'vitest';
import { rateAt, trafficSettings } from '../../../apps/flavor-trend/traffic/settings.ts';

const parameters = {
  ...{
    seed: 42,
    rate: 15,
    rush_factor: 1.3,
    rush_hours: '12-14,19-21',
    weekend_factor: 1.1,
    review_share: 0.7,
  },
  ...{ post_interval_s: 10, positive_post_share: 0.6, user_interval_s: 15, weather_interval_s: 300 },
  ...{ flags_interval_s: 10, backfill_minutes: 120, orders_max: 0, profile: 'plain' },
};
const settings = trafficSettings({ parameters, timeZone: 'Africa/Tunis' });
/** Local time in Tunis is an hour ahead of UTC. */
const at = (local: string): number => Date.parse(`${local}:00+01:00`);

test('rush hours are 12 to 14 and 19 to 21 local time, their ends excluded', () => {
  const rates = ['11:59', '12:00', '13:59', '14:00', '18:59', '19:00', '20:59', '21:00'].map(time =>
    rateAt(settings, at(`2026-11-18T${time}`)),
  );
  expect(rates).toEqual([15, 19.5, 19.5, 15, 15, 19.5, 19.5, 15]);
});

test('weekends have a tenth more, also in rush hours', () => {
  expect(rateAt(settings, at('2026-11-21T10:00'))).toBeCloseTo(16.5);
  expect(rateAt(settings, at('2026-11-22T12:30'))).toBeCloseTo(15 * 1.3 * 1.1);
});

test('the hourly profile has quiet nights, long evenings and busy festivals', () => {
  const hourly = trafficSettings({
    parameters: { ...parameters, profile: 'hourly' },
    timeZone: 'Africa/Tunis',
  });
  const festivals = new Set(['03-20']);
  const rates = ['03:00', '10:00', '13:00', '18:00', '21:59', '22:00'].map(time =>
    rateAt(hourly, at(`2026-11-18T${time}`), festivals),
  );
  expect(rates.map(rate => Number((rate / 15).toFixed(2)))).toEqual([0.1, 1, 1.2, 1.4, 1.4, 1]);
  expect(rateAt(hourly, at('2026-03-20T10:00'), festivals)).toBeCloseTo(22.5);
});

test('a parameter that is no number is refused by name', () => {
  const wrong = { ...parameters, rush_hours: 'noon' };
  expect(() => trafficSettings({ parameters: wrong, timeZone: 'UTC' })).toThrow(/rush_hours: expected like/);
  expect(() => trafficSettings({ parameters: { ...parameters, rate: -1 }, timeZone: 'UTC' })).toThrow(
    /parameter rate/,
  );
});
