import { MillraceError } from '../../core/mod.ts';
import type { CheckpointImage } from './checkpoint-image.ts';
import { commitSink } from './commit-sink.ts';
import type { JobOptions } from './job-types.ts';
import { plannedSinks, sinkContext, targetOf } from './sink-names.ts';

/**
 * Makes the output that a restored checkpoint had staged visible, where it is not yet: for every task there
 * was, before new ones begin.
 */
export async function commitStaged(
  { name: job, plan, tables, checkpoints }: JobOptions,
  image: CheckpointImage,
): Promise<void> {
  for (const [task, { staged }] of image.tasks.entries()) {
    for (const [name, bytes] of staged) {
      const target = targetOf(job, plan, name);
      if (target === null) throw new MillraceError('CHECKPOINT_FAILED', `The plan has no sink ${name}.`);
      const sink = await tables.sink(target.table, target.mode);
      const staging = checkpoints.stagingFolder ?? null;
      const context = sinkContext({ job, name, task }, image.incarnation, staging);
      const committer = await sink.openCommitter(context);
      try {
        const { incarnation, epoch } = image;
        const output = { job, task, incarnation, name, epoch, staged: bytes, isRestored: true };
        await commitSink(output, committer, tables);
      } finally {
        await committer?.close();
      }
    }
  }
}

/** Completes the output of tasks that the job has no more: it goes on with fewer. */
export async function finishTasks(
  { name: job, plan, tables }: JobOptions,
  { incarnation, tasks }: CheckpointImage,
  parallelism: number,
): Promise<void> {
  for (let task = parallelism; task < tasks.length; task++) {
    for (const { name, table, mode } of plannedSinks(job, plan)) {
      const sink = await tables.sink(table, mode);
      const committer = await sink.openCommitter(sinkContext({ job, name, task }, incarnation, null));
      try {
        await committer?.finish?.();
      } finally {
        await committer?.close();
      }
    }
  }
}
