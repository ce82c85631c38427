import { APP } from './apps.ts';
import { stampIn } from './shaping/zoned-time.ts';

const locale = typeof navigator === 'undefined' ? 'en' : navigator.language;
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const money = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 3 });
const clock = new Intl.DateTimeFormat(locale, {
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  timeZone: APP.timeZone,
});
const clockSeconds = new Intl.DateTimeFormat(locale, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZone: APP.timeZone,
});
const dayClock = new Intl.DateTimeFormat(locale, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZone: APP.timeZone,
});

export const formatCount = (value: number): string => whole.format(value);
export const formatTenth = (value: number): string => tenth.format(value);
export const formatTime = (ms: number): string => clock.format(ms);
export const formatTimeS = (ms: number): string => clockSeconds.format(ms);
/** Day and time in the app's zone, which is named. */
export const formatInstant = (ms: number): string => `${dayClock.format(ms)} (${APP.timeZone})`;
/** A decimal string as it is, never through a float, in Tunisian dinar. */
export const formatMoney = (decimal: string): string =>
  `${money.format(decimal as Intl.StringNumericLiteral)} TND`;
/** Events per second; below ten with one decimal. */
export const formatRate = (perS: number): string =>
  `${perS < 10 && perS !== 0 ? tenth.format(perS) : whole.format(perS)}/s`;
/** To the millisecond, in the app's zone. */
export const formatStamp = (ms: number): string => stampIn(ms, APP.timeZone);
