/**
 * Which task reads which split: they are dealt out by turns, beginning at another task for each source so
 * that small sources don't all meet in one task.
 * @param sources the ids of each source's splits, in a stable order
 * @returns by task, then by source: the ids it reads
 */
export function assignSplits(
  sources: readonly (readonly string[])[],
  parallelism: number,
): readonly (readonly (readonly string[])[])[] {
  return Array.from({ length: parallelism }, (_, task) =>
    sources.map((ids, source) => ids.filter((_id, k) => (source + k) % parallelism === task)),
  );
}
