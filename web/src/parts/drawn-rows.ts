/** At most this many changed rows are drawn outside the window. */
const KEPT_MAX = 20;

export interface DrawnRow<T> {
  readonly item: T;
  readonly index: number;
}

/**
 * The rows of a long list to draw: those from `first` to before `last`, and elsewhere the latest changed
 * since `keptSinceMs`, so that a row is seen moving away and not just gone. `changedMs` is null for what has
 * not changed.
 */
export function drawnRows<T>(
  items: readonly T[],
  first: number,
  last: number,
  changedMs: (item: T) => number | null,
  keptSinceMs: number,
): DrawnRow<T>[] {
  const drawn: DrawnRow<T>[] = [];
  const outside: (DrawnRow<T> & { readonly atMs: number })[] = [];
  items.forEach((item, index) => {
    if (index >= first && index < last) drawn.push({ item, index });
    else {
      const atMs = changedMs(item);
      if (atMs !== null && atMs >= keptSinceMs) outside.push({ item, index, atMs });
    }
  });
  if (outside.length <= KEPT_MAX) return [...drawn, ...outside];
  const times = Float64Array.from(outside, row => row.atMs).sort();
  const leastMs = times[times.length - KEPT_MAX] as number;
  const newest = outside.filter(row => row.atMs > leastMs);
  const oldestOfThem = outside.filter(row => row.atMs === leastMs).slice(0, KEPT_MAX - newest.length);
  return [...drawn, ...newest, ...oldestOfThem];
}
