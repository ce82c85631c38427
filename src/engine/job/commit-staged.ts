import { failpoint, MillraceError } from '../../core/mod.ts';
import type { PhysicalPlan } from '../../plan/mod.ts';
import type { CheckpointImage } from './checkpoint-image.ts';
import type { Tables } from './job-types.ts';
import { sinkIdOf, targetOf } from './sink-names.ts';

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
