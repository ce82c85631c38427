/** The last midnight in a time zone before an instant, epoch ms; right on days of 23 or 25 hours too. */
export function startOfDayMs(nowMs: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const today = format.format(nowMs);
  let [outside, inside] = [nowMs - 26 * 3_600_000, nowMs];
  while (inside - outside > 1) {
    const middle = Math.floor((inside + outside) / 2);
    if (format.format(middle) === today) inside = middle;
    else outside = middle;
  }
  return inside;
}
