/** The values that are there more than once. */
export function repeated<T>(values: Iterable<T>): ReadonlySet<T> {
  const once = new Set<T>();
  const more = new Set<T>();
  for (const value of values) {
    if (once.has(value)) more.add(value);
    else once.add(value);
  }
  return more;
}
