import { failpoint, MillraceError } from '../../core/mod.ts';
import type { PhysicalPlan } from '../../plan/mod.ts';
import type { CheckpointImage } from './checkpoint-image.ts';
import type { Tables } from './job-types.ts';
import { plannedSinks, sinkIdOf, targetOf } from './sink-names.ts';

/**
 * Makes the output that a restored checkpoint had staged visible, where it is not yet: for every task there
 * was, before new ones begin.
 */
export async function commitStaged(
  job: string,
  plan: PhysicalPlan,
  tables: Tables,
  image: CheckpointImage,
): Promise<void> {
  for (const [task, { staged }] of image.tasks.entries()) {
    for (const [name, bytes] of staged) {
      const target = targetOf(job, plan, name);
      if (target === null) throw new MillraceError('CHECKPOINT_FAILED', `The plan has no sink ${name}.`);
      const sink = await tables.sink(target.table, target.mode);
      const context = { incarnation: image.incarnation, sinkId: sinkIdOf(job, name, task) };
      const committer = await sink.openCommitter(context);
      try {
        failpoint('sink.commit.before');
        await committer?.commit(image.epoch, bytes);
        failpoint('sink.commit.after');
      } finally {
        await committer?.close();
      }
    }
  }
}

/** Completes the output of tasks that the job has no more: it goes on with fewer. */
export async function finishTasks(
  job: string,
  plan: PhysicalPlan,
  tables: Tables,
  { incarnation, tasks }: CheckpointImage,
  parallelism: number,
): Promise<void> {
  for (let task = parallelism; task < tasks.length; task++) {
    for (const { name, table, mode } of plannedSinks(job, plan)) {
      const sink = await tables.sink(table, mode);
      const committer = await sink.openCommitter({ incarnation, sinkId: sinkIdOf(job, name, task) });
      try {
        await committer?.finish?.();
      } finally {
        await committer?.close();
      }
    }
  }
}
