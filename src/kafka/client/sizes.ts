import type { DESCRIBE_LOG_DIRS, ReadResponse } from '../messages/mod.ts';

/** What a broker tells of its disks. */
export type LogDirs = ReadResponse<typeof DESCRIBE_LOG_DIRS>['results'];

/**
 * What each partition takes on the disks of its leader, by topic. A topic is left out where one of its
 * leaders did not tell, or there is none: what is not known is not 0.
 */
export function sizesOf(
  leaders: ReadonlyMap<string, readonly number[]>,
  told: ReadonlyMap<number, LogDirs>,
): ReadonlyMap<string, readonly number[]> {
  const all = [...leaders].filter(([, nodes]) => nodes.every(node => told.has(node)));
  const found = new Map(all.map(([name, nodes]) => [name, nodes.map(() => 0)]));
  for (const [node, dirs] of told) {
    for (const { name, partitions } of dirs.flatMap(dir => dir.topics)) {
      for (const { partitionIndex, partitionSize, isFutureKey } of partitions) {
        // A future copy is one on its way to another disk; the partition is where it was until then.
        if (isFutureKey || leaders.get(name)?.[partitionIndex] !== node) continue;
        const sizes = found.get(name);
        if (sizes !== undefined) sizes[partitionIndex] = partitionSize;
      }
    }
  }
  return found;
}
