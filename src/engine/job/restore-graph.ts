import { keyGroupsOf } from '../../state/mod.ts';
import type { Graph } from '../graph.ts';
import type { TaskSpec } from './task-types.ts';

/** Takes over the task's share of the saved state: its own as it was, or its key groups of all tasks'. */
export function restoreGraph(graph: Graph, { restore, task, parallelism }: TaskSpec): void {
  if (restore === null) return;
  const { images, own } = restore;
  for (const { id, state, counters } of graph.nodes.values()) {
    const parts = images.flatMap(image => image.operators.get(String(id)) ?? []);
    if (parts.length > 0 && own) state.restore(parts[0]!);
    else if (parts.length > 0) state.restoreShare(parts, keyGroupsOf(task, parallelism));
    const marks = images.flatMap(image => image.watermarks[id] ?? []);
    if (marks.length > 0) counters.watermark = Math.min(...marks);
  }
}
