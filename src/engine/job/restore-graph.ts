import { keyGroupsOf } from '../../state/mod.ts';
import type { Graph } from '../graph.ts';
import { MAX_WATERMARK } from '../operators/mod.ts';
import type { TaskImage } from './checkpoint-image.ts';
import type { TaskSpec } from './task-types.ts';

/** A task, and the state it goes on from. */
export interface RestoreSpec extends Pick<TaskSpec, 'task' | 'parallelism'> {
  readonly restore: { readonly own: boolean; readonly images: readonly SavedGraph[] } | null;
}

/** What a checkpoint holds of a task's operators. */
export type SavedGraph = Pick<TaskImage, 'operators' | 'watermarks'>;

/** Takes over the task's share of the saved state: its own as it was, or its key groups of all tasks'. */
export function restoreGraph(graph: Graph, { restore, task, parallelism }: RestoreSpec): void {
  if (restore === null) return;
  const { images, own } = restore;
  for (const { id, state, counters } of graph.nodes.values()) {
    // What is read back is in one piece for each task.
    const parts = images.flatMap(image => image.operators.get(String(id))?.pieces ?? []);
    if (parts.length > 0 && own) state.restore(parts[0]!);
    else if (parts.length > 0) state.restoreShare(parts, keyGroupsOf(task, parallelism));
    const marks = images.flatMap(image => image.watermarks[id] ?? []);
    const reached = Math.min(...marks);
    // What has ended says so again; only a task that had nothing to read may have more by now.
    if (marks.length > 0 && reached < MAX_WATERMARK) counters.watermark = reached;
  }
}
